/** How an application ends under `costspan doctor`, and what is left of it when the doctor ends. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, startProcess, until } from '@costspan/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REGISTER, Stage } from '../preload/preload.ts';

const bin = join(dirname(createRequire(import.meta.url).resolve('costspan/package.json')), 'bin/costspan.js');
const service = join(import.meta.dirname, 'fixtures', 'service.mjs');
const preloaded = [process.execPath, '--require', REGISTER];

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await Stage.start();
  folder = mkdtempSync(join(tmpdir(), 'costspan-doctor-endings-'));
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

const options = (env: NodeJS.ProcessEnv = {}) => ({
  cwd: import.meta.dirname,
  env: { ...stage.environment(), TMPDIR: folder, ...env },
});
const doctor = (...command: string[]) => run(process.execPath, [bin, 'doctor', '--', ...command], options());
/** The line of a subject and the one below it. */
const finding = (stdout: string, subject: string) =>
  new RegExp(`^.*? +${subject} +(.*)(?:\\n +fix: (.*))?`, 'm').exec(stdout)?.slice(1);
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const serviceIn = (text: string) => Number(/^service (\d+)$/m.exec(text)?.[1]);

it.each([
  ['process.exit(3)', ' with exit code 3', 'mend what it says above, then look again'],
  ['process.kill(process.pid, "SIGKILL")', ' with SIGKILL', 'mend what it says above, then look again'],
  ['1', '', 'let it ask an LLM before it ends'],
])('%s ends the application before a call, and that is said', async (code, how, fix) => {
  const { stdout, exitCode } = await doctor(...preloaded, '-e', code);
  expect(finding(stdout, 'call')).toEqual([`no call of an LLM was seen: the application ended${how}`, fix]);
  expect(exitCode).toBe(1);
});

it('an application that is not there is no fault of the preload', async () => {
  const { stdout, exitCode } = await doctor(...preloaded, join(folder, 'nothing.js'));
  expect(finding(stdout, 'preload')).toEqual(['ran before every LLM SDK', undefined]);
  expect(finding(stdout, 'call')?.[0]).toBe(
    'no call of an LLM was seen: the application ended with exit code 1',
  );
  expect(exitCode).toBe(1);
});

it('a service that a script of npm has started is stopped too, and its Node named once', async () => {
  // npm's own Node is one more that reads NODE_OPTIONS, and its shell hands on no signal.
  const npm = 'require("node:child_process").spawnSync("sh", ["-c", process.argv[1]], { stdio: "inherit" })';
  const { stdout, exitCode } = await doctor(
    process.execPath,
    '-e',
    npm,
    `${[...preloaded, service].join(' ')}; true`,
  );
  expect(stdout.match(/^ok +node .*$/gm)).toHaveLength(1);
  expect(exitCode).toBe(0);
  expect(isAlive(serviceIn(stdout))).toBe(false);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops the doctor and the application, after what was found is told',
  async (signal) => {
    const idle = 'console.log("service " + process.pid); setInterval(() => undefined, 1000)';
    const command = [bin, 'doctor', '--', ...preloaded, '-e', idle];
    const running = startProcess(process.execPath, command, options());
    await until(() => serviceIn(running.stdout()) > 0);
    const { stdout, exitCode } = await running.stop({ signal });
    expect(finding(stdout, 'call')?.[0]).toBe('no call of an LLM was seen');
    expect(exitCode).toBe(1);
    expect(isAlive(serviceIn(stdout))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('costspan-doctor'))).toEqual([]);
  },
);
