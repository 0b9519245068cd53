import { run, startProcess, until } from '@costspan/testkit';
import { expect, test } from 'vitest';

const file = new URL('../../.config/command.mjs', import.meta.url).href;
/** Runs, as `npm test` and `npm run demo` do, a command that ends only when it is told to. */
const program = `
  const { runCommand } = await import(${JSON.stringify(file)});
  const endless = 'console.log(process.pid); setInterval(() => undefined, 1000)';
  console.log(await runCommand(process.execPath, ['-e', endless]));
`;
const args = ['--input-type=module', '-e', program];
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a command of ours that is told to stop stops what it runs, and says how that ended', async () => {
  const command = startProcess(process.execPath, args);
  await until(() => command.stdout() !== '');
  const pid = Number(command.stdout());
  const { stdout } = await command.stop();
  expect(stdout).toBe(`${pid}\n{ exitCode: 143, isStopped: true }\n`);
  expect(isAlive(pid)).toBe(false);
});

test('it does so as well when the shell of npm, which hands nothing on, is ended', async () => {
  const shell = startProcess('sh', ['-c', '"$0" "$@"; true', process.execPath, ...args]);
  await until(() => shell.stdout() !== '');
  const pid = Number(shell.stdout());
  expect(await shell.stop()).toMatchObject({ signal: 'SIGTERM' });
  await until(() => !isAlive(pid));
});

test('a command that fails gives its exit code', async () => {
  const { stdout } = await run(process.execPath, [
    ...args.slice(0, 2),
    program.replace('setInterval(() => undefined, 1000)', 'process.exit(3)'),
  ]);
  expect(stdout).toMatch(/\{ exitCode: 3, isStopped: false \}/);
});
