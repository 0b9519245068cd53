/**
 * The ledger in ClickHouse. Its engine is asked where Python has it (`pip install chdb`; COSTSPAN_CHDB names a Python);
 * what is sent there, through kills and answers that get lost, is checked everywhere against a double of its interface.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningProcess, readString, run, startProcess } from '@costspan/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../contract/packages.ts';
import { CONFIG_FOLDER } from './collector.ts';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import { LIFE_MS, type ProcessorProcess, startProcessor } from './stack.ts';

const PYTHON = process.env.COSTSPAN_CHDB ?? 'python3';
const hasChdb = spawnSync(PYTHON, ['-c', 'import chdb']).status === 0;
if (!hasChdb) console.warn('skipped: ClickHouse’s engine is not here. Install it: pip install chdb');
/** What ledger.sql has the report be by. */
const COPIED =
  'hour,service,environment,feature,task,user_tier,tenant,provider,model,mode,operation,cost_source,outcome';
const REQUESTS = 12;
const CALLS = 5;

let folder: string;
let processors: ProcessorProcess[];
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-clickhouse-'));
  processors = [];
  servers = [];
});
afterEach(async () => {
  for (const { process } of processors) await process.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const configOf = (url: string) =>
  `tasks: { settle_after: 1s, settle_quiet: 1s }\nledger: { clickhouse: { url: '${url}' } }\n`;
async function start(config: string, name = 'clickhouse'): Promise<ProcessorProcess> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const started = await startProcessor(own, { isDurable: true, config });
  processors.push(started);
  return started;
}

/** A task and its calls, of which every third task fails. */
function createRequest(number: number): object {
  const task = { 'costspan.task.id': `task-${number}`, 'costspan.task.name': 'resolve' };
  const calls = Array.from({ length: CALLS }, (_, index) => ({
    attributes: callAttributes(0.0123 * (index + 1), {
      ...task,
      'costspan.feature': `feature-${number % 3}`,
    }),
  }));
  const outcome = number % 3 === 0 ? 'failure' : 'success';
  const end = { name: 'task resolve', attributes: { ...task, 'costspan.task.outcome': outcome } };
  return encodeTraces([...calls, end]);
}
const TOTAL_PICO_USD = BigInt(REQUESTS) * 123_000_000_00n * BigInt((CALLS * (CALLS + 1)) / 2);

/** Listens before ClickHouse and is unwell for the first requests: some are refused, of some the answer gets lost. */
async function startGateway(pass: (url: string, body: string) => Promise<{ status: number; text: string }>) {
  let requests = 0;
  const gateway = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    requests += 1;
    if (requests === 2) return void response.writeHead(500).end('Code: 241. Memory limit exceeded');
    const { status, text } = await pass(request.url!, Buffer.concat(parts).toString());
    if (requests % 3 === 1 && requests < 8) return void response.destroy();
    response.writeHead(status).end(text);
  });
  servers.push(gateway);
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
}

/** Sends everything, with the process killed on the way and begun again. */
async function sendThroughKills(url: string, requests: readonly object[]): Promise<void> {
  let processor = await start(configOf(url));
  for (const [index, request] of requests.entries()) {
    expect(await postTraces(processor.otlp, request)).toBe(200);
    if (index % 5 !== 4) continue;
    await sleep(1_200);
    processor.process.child.kill('SIGKILL');
    await processor.process.ended;
    processor = await start(configOf(url));
  }
  const unsettled = async () =>
    /^llm_tasks_unsettled\{.*\} [1-9]/m.test(await (await fetch(`${processor.metrics}/metrics`)).text());
  await expect.poll(unsettled).toBe(false);
  await processor.process.stop();
  // What ClickHouse did not take at the end goes there from the next start on.
  const last = await start(configOf(url));
  const waiting = async () =>
    /ledger_waiting_batches (\d+)/.exec(await (await fetch(`${last.metrics}/metrics`)).text())?.[1];
  await expect.poll(waiting).toBe('0');
}

it('is sent batches that are never changed, each until it was taken, and their sum is what was counted', async () => {
  const batches = new Map<string, string>();
  let repeated = 0;
  const url = await startGateway(async (path, body) => {
    const asked = new URL(path, 'http://localhost').searchParams;
    const token = asked.get('insert_deduplication_token')!;
    expect(Object.fromEntries(asked)).toMatchObject({
      database: 'costspan',
      query: 'INSERT INTO entry FORMAT JSONEachRow',
      async_insert: '0',
    });
    if (batches.has(token)) repeated += 1;
    expect(batches.get(token) ?? body).toBe(body);
    batches.set(token, body);
    return { status: 200, text: '' };
  });
  await sendThroughKills(
    url,
    Array.from({ length: REQUESTS }, (_, number) => createRequest(number)),
  );
  const entries = [...batches.values()].flatMap((lines) =>
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string | number>),
  );
  const sum = (name: string) => entries.reduce((total, entry) => total + BigInt(entry[name]!), 0n);
  expect(sum('cost_pico_usd')).toBe(TOTAL_PICO_USD);
  expect([sum('calls'), sum('tasks')]).toEqual([BigInt(REQUESTS * CALLS), BigInt(REQUESTS)]);
  expect(repeated).toBeGreaterThan(0);
  const ids = entries.map(({ processor, batch, line }) => `${processor} ${batch} ${line}`);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.skipIf(!hasChdb)('ClickHouse’s own engine', () => {
  let front: RunningProcess;
  let url: string;
  beforeEach(async () => {
    front = startProcess(PYTHON, [join(import.meta.dirname, 'chdb-front.py')], { timeoutMs: LIFE_MS });
    const ready = await front.waitForEvent('ready');
    url = readString(ready.url)!;
    const sql = readSql('entries.sql') + readSql('ledger.sql');
    for (const statement of sql.split(';')) if (statement.trim() !== '') await ask(url, statement);
  });
  afterEach(async () => {
    await front.stop();
  });

  it('reports the same as the embedded ledger, to the last digit', async () => {
    const requests = Array.from({ length: REQUESTS }, (_, number) => createRequest(number));
    const embedded = await start('tasks: { settle_after: 1s, settle_quiet: 1s }\n', 'embedded');
    for (const request of requests) expect(await postTraces(embedded.otlp, request)).toBe(200);
    const gateway = await startGateway(async (path, body) => {
      const response = await fetch(url + path, { method: 'POST', body });
      return { status: response.status, text: await response.text() };
    });
    await sendThroughKills(gateway, requests);
    await sleep(2_000);
    const config = join(folder, 'asked.yaml');
    writeFileSync(config, configOf(url));
    for (const by of ['feature', 'day,outcome,model', 'month,service,task', 'hour']) {
      const own = await report(['--by', by, '--data', join(folder, 'embedded', 'processor-data')]);
      expect(await report(['--by', by, '--config', config]), by).toBe(own);
      expect(own.split('\n').length).toBeGreaterThan(2);
    }
    const where = ['--by', 'outcome', '--where', 'feature=feature-1'];
    const own = await report([...where, '--data', join(folder, 'embedded', 'processor-data')]);
    expect(await report([...where, '--config', config])).toBe(own);
    expect(await ask(url, 'SELECT sum(cost_pico_usd), sum(calls) FROM costspan.entry_day')).toBe(
      `${TOTAL_PICO_USD}\t${REQUESTS * CALLS}\n`,
    );
    await expectSameCorrections(config, join(folder, 'embedded'));
  });

  it('has the days that are copied of two ledgers, of each the newest copy', async () => {
    const { otlp } = await start('tasks: { settle_after: 1s, settle_quiet: 1s }\n', 'embedded');
    const data = join(folder, 'embedded', 'processor-data');
    for (let number = 0; number < REQUESTS; number += 1) {
      if (number === REQUESTS / 2)
        await copyDays(url, 'processor-0', await report(['--by', COPIED, '--data', data]));
      expect(await postTraces(otlp, createRequest(number))).toBe(200);
    }
    const settled = async () => (await report(['--by', 'outcome', '--data', data])).includes('unsettled');
    await expect.poll(settled, { timeout: LIFE_MS, interval: 1_000 }).toBe(false);
    const csv = await report(['--by', COPIED, '--data', data]);
    for (const processor of ['processor-0', 'processor-1', 'processor-0'])
      await copyDays(url, processor, csv);
    const sums = 'sum(cost_usd) AS cost, sum(calls), sum(tasks), sum(successful_tasks)';
    const cost = `${(2n * TOTAL_PICO_USD) / 1_000_000_000_000n}.${String(
      (2n * TOTAL_PICO_USD) % 1_000_000_000_000n,
    )
      .padStart(12, '0')
      .replace(/0+$/, '')}`;
    const successes = REQUESTS - REQUESTS / 3;
    const expected = [cost, 2 * REQUESTS * CALLS, 2 * REQUESTS, 2 * successes].join('\t');
    for (const table of ['hours', 'days'])
      expect(await ask(url, `SELECT ${sums} FROM costspan.${table}`), table).toBe(`${expected}\n`);
    const month = `${new Date().toISOString().slice(0, 7)}-01`;
    expect(
      await ask(
        url,
        `SELECT ${sums.replaceAll('cost_usd', 'f.cost_usd')} FROM costspan.features(month = '${month}') AS f`,
      ),
    ).toBe(`${expected}\n`);
  });
});

/** Of the ledger of one processor, as ledger.sql says. */
async function copyDays(url: string, processor: string, csv: string): Promise<void> {
  const parameters = new URLSearchParams({
    query: `${readSql('load.sql').trim()} FORMAT CSVWithNames`,
    param_processor: processor,
  });
  const response = await fetch(`${url}/?${parameters}`, { method: 'POST', body: csv });
  if (!response.ok) throw new Error(await response.text());
}

/** What `reprice` and `reconcile` do in both ledgers is the same. `own`: the folder of the embedded one. */
async function expectSameCorrections(config: string, own: string): Promise<void> {
  const places = [
    ['--config', config],
    ['--config', config, '--data', join(own, 'processor-data')],
  ];
  const inBoth = async (verb: string, flags: readonly string[]): Promise<string> => {
    const answers: string[] = [];
    for (const place of places) answers.push(await costspan([verb, ...flags, ...place]));
    const times = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
    expect(answers[0]!.replaceAll(times, 'then')).toBe(answers[1]!.replaceAll(times, 'then'));
    return answers[0]!;
  };
  const period = ['--from', '2020-01-01', '--to', '2100-01-01'];
  expect(await inBoth('reprice', ['--list'])).toBe('No corrections were made.\n');
  const shown = await inBoth('reprice', [...period, '--write', '--reason', 'invoice: 4711']);
  expect(shown).toContain('difference in all: -');
  expect(await inBoth('reprice', period)).toContain('there is no difference');
  expect(await inBoth('reprice', ['--list'])).toMatch(/price table \S+: invoice: 4711\n$/);
  for (const by of ['feature', 'day,outcome,model'])
    expect(await inBoth('report', ['--format', 'csv', '--by', by])).toMatch(/,-0\.\d+,/);
  const month = new Date().toISOString().slice(0, 7);
  const bill = join(own, 'bill.csv');
  writeFileSync(
    bill,
    `start_time_iso,line_item,amount_value\n${month}-01T00:00:00+00:00,"gpt-4o-mini, input",1\n`,
  );
  const found = await inBoth('reconcile', ['openai', '--month', month, '--file', bill, '--format', 'json']);
  expect(JSON.parse(found)).toMatchObject({ billed_usd: '1' });
}

/** Without its comments, which may hold semicolons. */
const readSql = (name: string): string =>
  readFileSync(join(CONFIG_FOLDER, 'clickhouse', name), 'utf8').replaceAll(/^--.*$|^ +--.*$/gm, '');

async function ask(url: string, query: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body: query });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

const report = (flags: readonly string[]): Promise<string> =>
  costspan(['report', '--format', 'csv', ...flags]);

async function costspan(words: readonly string[]): Promise<string> {
  const command = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
  const { exitCode, stdout, stderr } = await run(process.execPath, [command, ...words]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}
