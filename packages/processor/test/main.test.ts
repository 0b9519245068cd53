import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TEST_LIMIT_MS } from '@costspan/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeJson, recordSpans } from './spans.ts';

const START = `require('@costspan/processor').runProcessor(process.argv.slice(1)).then((code) => { process.exitCode = code; });`;
const FREE = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((flag) => [flag, '127.0.0.1:0']);
let children: ChildProcess[];
let directory: string;

beforeEach(() => {
  children = [];
  directory = mkdtempSync(join(tmpdir(), 'costspan-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function start(args: readonly string[]) {
  const child = spawn(process.execPath, ['-e', START, '--', ...args], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH },
    timeout: TEST_LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  const firstLine = new Promise<string>((resolve) => lines.once('line', resolve));
  const readErrors = () => stderr;
  const exit = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }));
  });
  return { child, firstLine, exit, readErrors };
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'is ready with one line, serves, and ends with 0 on %s',
  async (signal) => {
    const { child, firstLine, exit } = start(FREE);
    const ready = JSON.parse(await firstLine) as { event: string; otlp_http: string; metrics: string };
    expect(ready).toEqual({
      event: 'ready',
      otlp_http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      otlp_grpc: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      metrics: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    const sent = await fetch(`${ready.otlp_http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(encodeJson(recordSpans())),
    });
    const metrics = await (await fetch(`${ready.metrics}/metrics`)).text();
    expect([sent.status, metrics.includes('llm_cost_usd_total{service="shop"')]).toEqual([200, true]);
    child.kill(signal);
    expect(await exit).toEqual({ code: 0, stderr: '' });
  },
);

it.each([
  ['an address that others reach', ['--otlp-http', '0.0.0.0:4318'], 'COSTSPAN_ADDRESS_NOT_LOOPBACK'],
  ['an address that is none', ['--metrics', 'here'], 'COSTSPAN_ADDRESS'],
  ['a flag that is none', ['--grpc'], 'COSTSPAN_ARGUMENTS'],
  ['an empty --data', ['--data', ''], 'COSTSPAN_ARGUMENTS'],
  ['an empty --config', ['--config='], 'COSTSPAN_ARGUMENTS'],
])('stops at the start on %s, with a code and a fix', async (_, args, code) => {
  const { code: exitCode, stderr } = await start(args).exit;
  expect(exitCode).toBe(2);
  expect(JSON.parse(stderr)).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'error',
    code,
    message: expect.any(String),
    fix: expect.any(String),
  });
});

it.each([
  ['--otlp-grpc', '4317', '127.0.0.1:4317'],
  ['--metrics', 'localhost:99999', '127.0.0.1:9464'],
])('answers an address for %s that is none with the one of that flag', async (flag, address, byDefault) => {
  const { stderr } = await start([flag, address]).exit;
  expect(JSON.parse(stderr)).toMatchObject({
    message: `${flag} ${address} is not HOST:PORT with a port from 0 to 65535`,
    fix: `write ${flag} ${byDefault}, or port 0 for a free one`,
  });
});

it('stops at the start on a wrong config, with the line, the value and the fix', async () => {
  const path = join(directory, 'costspan.yaml');
  writeFileSync(path, 'tasks:\n  settle_after: soon\n');
  const { code, stderr } = await start([...FREE, '--config', path]).exit;
  expect(code).toBe(2);
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'error',
    file: path,
    line: 2,
    path: 'tasks.settle_after',
    message: expect.stringContaining('soon'),
    fix: expect.any(String),
  });
});

it('says which port is taken', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { code, stderr } = await start([...FREE, '--metrics', `127.0.0.1:${port}`]).exit;
  holder.close();
  expect([code, JSON.parse(stderr)]).toEqual([
    1,
    {
      time: expect.any(String),
      level: 'error',
      code: 'COSTSPAN_LISTEN',
      message: expect.stringContaining(`${port}`),
      fix: expect.any(String),
    },
  ]);
});

it('says of an address that this machine has not that it is the address', async () => {
  const path = join(directory, 'costspan.yaml');
  const token = join(directory, 'token');
  writeFileSync(token, 'x'.repeat(32));
  writeFileSync(path, `access: { tokens: [{ name: all, file: ${token}, rights: [read] }] }\n`);
  // Of a block for documentation, which no machine has.
  const args = [...FREE, '--metrics', '192.0.2.1:9464', '--config', path];
  const { code, stderr } = await start(args).exit;
  expect([code, JSON.parse(stderr)]).toMatchObject([
    1,
    {
      code: 'COSTSPAN_LISTEN',
      fix: expect.stringMatching(/^name an address of this machine with --otlp-http/),
    },
  ]);
});

it('serves with a certificate that is out of its time, and says that nobody will take it', async () => {
  const tls = join(import.meta.dirname, 'fixtures', 'tls');
  const path = join(directory, 'costspan.yaml');
  writeFileSync(path, `access: { tls: { cert: ${tls}/expired.crt, key: ${tls}/server.key } }\n`);
  const { child, firstLine, exit } = start([...FREE, '--config', path]);
  await firstLine;
  child.kill('SIGTERM');
  const { code, stderr } = await exit;
  expect([code, JSON.parse(stderr)]).toMatchObject([
    0,
    {
      level: 'warn',
      code: 'COSTSPAN_TLS',
      message: expect.stringMatching(
        /^access\.tls\.cert is valid from .* to .* only: clients refuse it now$/,
      ),
    },
  ]);
});

it('keeps everything in --data: after a kill the counters are what they were', async () => {
  const first = start([...FREE, '--data', directory]);
  const before = await sendSpans(await first.firstLine);
  first.child.kill('SIGKILL');
  await first.exit;
  const second = start([...FREE, '--data', directory]);
  const ready = JSON.parse(await second.firstLine) as { metrics: string };
  const after = await readMetrics(ready.metrics);
  expect([after, before.includes('llm_cost_usd_total{service="shop"')]).toEqual([before, true]);
  const third = await start([...FREE, '--data', directory]).exit;
  expect([third.code, JSON.parse(third.stderr)]).toEqual([
    1,
    expect.objectContaining({ code: 'COSTSPAN_DATA_LOCKED' }),
  ]);
  second.child.kill('SIGTERM');
  expect(await second.exit).toEqual({ code: 0, stderr: '' });
});

it('stops at the start on a data directory that is damaged, and says where', async () => {
  const first = start([...FREE, '--data', directory]);
  await sendSpans(await first.firstLine);
  first.child.kill('SIGTERM');
  await first.exit;
  const name = readdirSync(directory).find((file) => file.startsWith('state-'))!;
  const bytes = readFileSync(join(directory, name));
  bytes[60]! ^= 1;
  writeFileSync(join(directory, name), bytes);
  const { code, stderr } = await start([...FREE, '--data', directory]).exit;
  expect([code, JSON.parse(stderr)]).toEqual([
    1,
    expect.objectContaining({
      code: 'COSTSPAN_DATA_CORRUPT',
      message: expect.stringContaining(`${name}, byte `),
    }),
  ]);
});

const hasProc = process.platform === 'linux';
it.skipIf(!hasProc)(
  `stops at the start where the system lets nobody make a directory${hasProc ? '' : ' (needs the /proc of Linux)'}`,
  async () => {
    // Node's own recursive mkdir tries for ever here.
    const { code, stderr } = await start([...FREE, '--data', '/proc/costspan/data']).exit;
    expect([code, JSON.parse(stderr)]).toEqual([
      1,
      expect.objectContaining({
        code: 'COSTSPAN_DATA_UNUSABLE',
        message: expect.stringContaining("mkdir '/proc/costspan'"),
      }),
    ]);
  },
);

it('stops at the start on a ledger that is none, and says what to do', async () => {
  writeFileSync(join(directory, 'ledger.db'), 'x'.repeat(5_000));
  const { code, stderr } = await start([...FREE, '--data', directory]).exit;
  expect([code, JSON.parse(stderr)]).toEqual([
    1,
    expect.objectContaining({
      code: 'COSTSPAN_DATA_CORRUPT',
      message: `${join(directory, 'ledger.db')} cannot be used: file is not a database`,
      fix: expect.stringContaining('move this file away'),
    }),
  ]);
});

it('reads its config again on SIGHUP, and goes on as it was when that is wrong', async () => {
  const path = join(directory, 'costspan.yaml');
  writeFileSync(path, '');
  const { child, firstLine, exit, readErrors } = start([...FREE, '--config', path]);
  const ready = JSON.parse(await firstLine) as { metrics: string };
  writeFileSync(path, 'budgets: [{ name: all, limit_usd: 7, period: month }]\n');
  child.kill('SIGHUP');
  const limit = 'llm_budget_limit_usd{budget="all"} 7';
  await expect.poll(() => readMetrics(ready.metrics)).toContain(limit);
  writeFileSync(path, 'budgets: never\n');
  child.kill('SIGHUP');
  await expect.poll(readErrors).toContain('"path":"budgets"');
  expect(await readMetrics(ready.metrics)).toContain(limit);
  child.kill('SIGTERM');
  const { code, stderr } = await exit;
  expect(code).toBe(0);
  const [entry] = stderr.split('\n').map((line) => JSON.parse(line || '{}'));
  expect(entry).toEqual({ level: 'info', time: expect.any(String), event: 'reloaded' });
});

it('reloads once more for all signals that come during a reload, and goes by the last config', async () => {
  const path = join(directory, 'costspan.yaml');
  const budgetOf = (limitUsd: number) => `budgets: [{ name: all, limit_usd: ${limitUsd}, period: month }]\n`;
  writeFileSync(path, '');
  const { child, firstLine, exit } = start([...FREE, '--config', path]);
  const ready = JSON.parse(await firstLine) as { metrics: string };
  const [signals, startMs] = [25, performance.now()];
  for (let limitUsd = 1; limitUsd <= signals; limitUsd += 1) {
    writeFileSync(path, budgetOf(limitUsd));
    child.kill('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await expect
    .poll(() => readMetrics(ready.metrics))
    .toContain(`llm_budget_limit_usd{budget="all"} ${signals}\n`);
  child.kill('SIGTERM');
  const { stderr } = await exit;
  // The first one at once, then at most one a second.
  const reloads = stderr.match(/"event":"reloaded"/g)?.length;
  expect(reloads).toBeLessThanOrEqual(2 + Math.floor((performance.now() - startMs) / 1000));
});

/** Without the lines that tell of the process itself. */
async function readMetrics(metrics: string): Promise<string> {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  return text.replaceAll(/^.*costspan_processor_.*\n/gm, '');
}

async function sendSpans(readyLine: string): Promise<string> {
  const ready = JSON.parse(readyLine) as { otlp_http: string; metrics: string };
  const response = await fetch(`${ready.otlp_http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(encodeJson(recordSpans())),
  });
  expect(response.status).toBe(200);
  return readMetrics(ready.metrics);
}

it('stops at the start where the password of ClickHouse is named and not set', async () => {
  const config = join(directory, 'costspan.yaml');
  const clickHouse = '{ url: http://127.0.0.1:9, user: writer, password_env: CH_PASSWORD }';
  writeFileSync(config, `ledger: { clickhouse: ${clickHouse} }`);
  const { code, stderr } = await start([...FREE, '--config', config, '--data', directory]).exit;
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'COSTSPAN_CLICKHOUSE',
    message: 'the password of ClickHouse in CH_PASSWORD is not set',
    fix: 'set CH_PASSWORD, or remove ledger.clickhouse.password_env',
  });
});
