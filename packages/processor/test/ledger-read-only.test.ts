/**
 * A ledger where nothing may be written, as a backup or the volume of another pod is: its directory is mounted
 * read-only. Whoever may not mount one is told that these were left out.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLedgerToRead, openLedgerToWrite } from '../src/ledger/database.ts';
import { readLedger } from '../src/ledger/reader.ts';
import { LEDGER_AMOUNTS, LEDGER_LABELS } from '../src/ledger/row.ts';
import { LedgerWriter } from '../src/ledger/writer.ts';

const mount = (...words: string[]): boolean => spawnSync('mount', words).status === 0;
const mountReadOnly = (directory: string): boolean =>
  mount('--bind', directory, directory) && mount('-o', 'remount,ro,bind', directory);
const unmount = (directory: string) => spawnSync('umount', ['--lazy', directory]);
const mayMount = canMount();
if (!mayMount) console.warn('skipped: a directory cannot be mounted read-only by this user. Run it as root');

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-mount-'));
  try {
    return mountReadOnly(directory);
  } finally {
    unmount(directory);
    rmSync(directory, { recursive: true });
  }
}

let folder: string;
let kept: string;
let written: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-read-only-'));
  written = join(folder, 'written');
  kept = join(folder, 'kept');
  mkdirSync(written);
  mkdirSync(kept);
});
afterEach(() => {
  unmount(kept);
  rmSync(folder, { recursive: true });
});

const HOUR_MS = Date.UTC(2026, 9, 5, 14);
const CALLS = 3;

function write(): LedgerWriter {
  const writer = new LedgerWriter(openLedgerToWrite(written));
  const labels = LEDGER_LABELS.map((label) => (label === 'feature' ? 'chat' : ''));
  const amounts = LEDGER_AMOUNTS.map((amount) => (amount === 'calls' ? CALLS : 0));
  writer.write([{ hourMs: HOUR_MS, labels, amounts }], 1, { mustLast: true });
  return writer;
}

/** A copy of the files, where nothing can be written from then on. */
function keep(...endings: string[]): void {
  for (const ending of endings)
    copyFileSync(join(written, `ledger.db${ending}`), join(kept, `ledger.db${ending}`));
  expect(mountReadOnly(kept)).toBe(true);
}

async function countCalls(): Promise<number> {
  const database = openLedgerToRead(kept);
  try {
    const rows = await readLedger(database, { fromMs: HOUR_MS, toMs: HOUR_MS + 1, by: ['feature'] });
    return rows.reduce((sum, { calls }) => sum + calls, 0);
  } finally {
    database.close();
  }
}

describe.skipIf(!mayMount)('a ledger on a read-only mount', () => {
  it('that was closed is read', async () => {
    write().close();
    keep('');
    expect(await countCalls()).toBe(CALLS);
  });

  it('that was not closed is read with its log', async () => {
    const writer = write();
    keep('', '-wal', '-shm');
    expect(await countCalls()).toBe(CALLS);
    writer.close();
  });

  it('whose log cannot be read is refused, instead of a sum that is too small', async () => {
    const writer = write();
    keep('', '-wal');
    await expect(countCalls()).rejects.toMatchObject({
      code: 'COSTSPAN_DATA_UNUSABLE',
      message: expect.stringContaining('was not closed'),
      fix: expect.stringContaining('copy the directory'),
    });
    writer.close();
  });
});
