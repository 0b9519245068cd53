/** What the command does where its output cannot go: a pipe that is closed, a disk that is full. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const bin = join(import.meta.dirname, '..', 'bin', 'costspan.js');
/** What does not end by itself is killed. */
const LIFE_MS = 300_000;

/** Runs it by a shell, which alone can close a pipe; `$costspan` is the command. */
const inShell = (script: string): SpawnSyncReturns<string> =>
  spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    env: { ...process.env, costspan: `${process.execPath} ${bin}`, COSTSPAN_CONFIG: '' },
    timeout: LIFE_MS,
  });

it('says that the disk takes nothing, without a stack', ({ skip }) => {
  if (!existsSync('/dev/full'))
    skip('there is no /dev/full, a file that takes nothing: only Linux and FreeBSD have it');
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [bin, 'rules'], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
    timeout: LIFE_MS,
  });
  closeSync(full);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^costspan: standard output takes nothing: ENOSPC.*\n {2}fix: .*\n$/),
  });
});

it('ends with 0 when the reader of its output has enough', () => {
  const { stdout, stderr } = inShell('$costspan price --stale 1d | head -n 1; echo $PIPESTATUS');
  expect({ lines: stdout.split('\n').slice(1), stderr }).toEqual({ lines: ['0', ''], stderr: '' });
});

it('keeps its exit code when nobody reads what is wrong', () => {
  expect(inShell('$costspan bill 2>&1 | true; echo $PIPESTATUS').stdout).toBe('2\n');
});
