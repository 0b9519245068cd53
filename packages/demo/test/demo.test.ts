import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startProcess, startProviderServer, TEST_LIMIT_MS, until } from '@costspan/testkit';
import { afterAll, expect, test } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url).pathname;
/** What the README shows of the demo's end, less the rows that it leaves out. */
const shown = /ends like this:\n\n```text\n([^`]*)```/
  .exec(readFileSync(new URL('../../../README.md', import.meta.url), 'utf8'))?.[1]
  ?.split('\n')
  .filter((line) => !['', '…'].includes(line));
/** Where the demo makes its folders: other tests have demos of their own at the same time. */
const temporary = mkdtempSync(join(tmpdir(), 'costspan-demo-test-'));
const env = { ...process.env, TMPDIR: temporary };
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

test('the demo agrees with the provider to the last pico-dollar and leaves nothing behind', async () => {
  const result = await run(process.execPath, [main], { env });
  expect(result.stderr).toBe('');
  expect(result.exitCode).toBe(0);
  const money = (label: string) => new RegExp(`${label} +(\\$[0-9.]+)`).exec(result.stdout)?.[1];
  expect(money('llm_cost_usd_total')).toMatch(/^\$0\.[0-9]{12}$/);
  expect(money("the provider's own log")).toBe(money('llm_cost_usd_total'));
  for (const feature of [
    '/support/answer',
    '/support/stream',
    '/orders/:id/summary',
    '/search',
    'ticket-desk',
  ]) {
    const row = result.stdout.split('\n').find((line) => line.startsWith(`${feature} `));
    // Cost per success is stated for each feature.
    expect(row?.match(/\$[0-9.]+/g)?.length).toBe(4);
  }
  expect(result.stdout.split('\n')).toEqual(expect.arrayContaining(shown ?? ['what the README shows']));
  expect(readdirSync(temporary)).toEqual([]);
});

test('a kept demo answers at every address that it prints, and Ctrl-C ends it and everything it started', async () => {
  const demo = startProcess(process.execPath, [main, '--keep', '--requests', '20'], {
    env,
    timeoutMs: TEST_LIMIT_MS,
  });
  const hasEnded = () => demo.child.exitCode !== null;
  await until(() => demo.stdout().includes('Ctrl-C stops everything') || hasEnded());
  if (hasEnded()) throw new Error(demo.stdout() + demo.stderr());
  const addresses = demo
    .stdout()
    .match(/^(Metrics|Prometheus|Rules, alerts) .*$/gm)
    ?.join('\n');
  for (const [address] of addresses?.matchAll(/http:[^ ]+/g) ?? []) {
    expect([address, (await fetch(address)).status]).toEqual([address, 200]);
  }
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(demo.pid)], { encoding: 'utf8' });
  const pids = children.trim().split(/\s+/).map(Number);
  expect(pids.length).toBeGreaterThanOrEqual(2);
  const result = await demo.stop({ signal: 'SIGINT' });
  expect([result.exitCode, result.signal]).toEqual([0, undefined]);
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  expect(pids.filter(isAlive)).toEqual([]);
});

// A terminal sends it to all of a process group, so the parts of the demo may end before the demo hears of it.
test.each([
  ['its processor starts', 'SIGINT', 130, 'providers '],
  ['its Prometheus or its service starts', 'SIGTERM', 143, 'processor '],
  ['its customers ask', 'SIGINT', 130, ' at a time'],
  ['its customers ask', 'SIGHUP', 129, ' at a time'],
] as const)('the demo that is stopped while %s says %s and no more', async (_, signal, exitCode, line) => {
  const demo = spawn(process.execPath, [main, '--keep'], { env, detached: true, timeout: TEST_LIMIT_MS });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    demo[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const end = once(demo, 'close');
  await until(() => text.stdout.includes(line));
  process.kill(-demo.pid!, signal);
  expect([await end, text.stderr]).toEqual([[exitCode, null], `costspan demo: stopped by ${signal}\n`]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('--live leaves a provider with a key alone, says what is real, and proves nothing about its bill', async () => {
  const real = await startProviderServer();
  const keys = {
    ...env,
    OPENAI_API_KEY: 'a-key',
    OPENAI_BASE_URL: real.openaiUrl,
    ANTHROPIC_API_KEY: '',
  };
  const live = [main, '--live', '--requests', '6'];
  const result = await run(process.execPath, live, { env: keys });
  await real.close();
  expect(result.stderr).toBe('');
  expect(result.exitCode).toBe(0);
  expect(result.stdout).toContain('OpenAI: the real one, Anthropic: a local stand-in');
  expect(result.stdout).toContain('No proof line');
  expect(real.requests.map(({ headers }) => headers.authorization)).toContain('Bearer a-key');
  const without = await run(process.execPath, live, { env: { ...keys, OPENAI_API_KEY: '' } });
  expect([without.exitCode, without.stderr]).toEqual([
    1,
    'costspan demo: --live finds no key: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or leave --live out\n',
  ]);
});

test('a wrong argument is told with the usage', async () => {
  const result = await run(process.execPath, [main, '--requests', 'many']);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain(
    '--requests many is not a whole number from 1 to 5000\nusage: npm run demo',
  );
});
