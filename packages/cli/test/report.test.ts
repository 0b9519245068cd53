import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLedger } from './ledger-fixture.ts';

const bin = join(import.meta.dirname, '..', 'bin', 'costspan.js');
const DOORS = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((door) => [door, '127.0.0.1:0']);
/** What does not end by itself is killed. */
const LIFE_MS = 300_000;
/** 5 October 2026, 14:30 UTC. */
const AT_MS = Date.UTC(2026, 9, 5, 14, 30);
let data: string;
let processor: ChildProcess;
let otlp: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'costspan-report-'));
  processor = spawn(process.execPath, [bin, 'processor', '--data', data, ...DOORS], {
    cwd: data,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIFE_MS,
  });
  const [line] = (await once(createInterface({ input: processor.stdout! }), 'line')) as [string];
  otlp = (JSON.parse(line) as { otlp_http: string }).otlp_http;
  const spans = [
    call(1, { 'costspan.feature': 'chat', 'costspan.task.id': 't1', 'costspan.tenant': '=1+1' }),
    call(2, { 'costspan.feature': 'chat', 'gen_ai.request.model': 'big, "very"' }),
    call(3, { 'costspan.feature': 'search' }),
  ];
  const resource = { attributes: [attribute('service.name', 'shop')] };
  const response = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
});
afterAll(async () => {
  const exit = once(processor, 'exit');
  processor.kill('SIGTERM');
  const [code] = await exit;
  rmSync(data, { recursive: true });
  expect(code).toBe(0);
});

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
});
/** A call that cost one cent and a pico-dollar. */
const call = (id: number, attributes: Record<string, string>) => ({
  traceId: '1'.repeat(32),
  spanId: String(id).padStart(16, '0'),
  name: 'chat',
  kind: 3,
  startTimeUnixNano: `${AT_MS}000000`,
  endTimeUnixNano: `${AT_MS + 500}000000`,
  attributes: Object.entries({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
    'gen_ai.usage.input_tokens': 1_000,
    'gen_ai.usage.output_tokens': 100,
    'gen_ai.usage.cache_read.input_tokens': 400,
    'gen_ai.usage.cost.amount': 0.010000000001,
    'gen_ai.usage.cost.currency': 'USD',
    'costspan.task.name': 'resolve',
    ...attributes,
  }).map(([key, value]) => attribute(key, value)),
});

function report(...args: string[]) {
  const run = spawnSync(process.execPath, [bin, 'report', ...args], {
    cwd: data,
    encoding: 'utf8',
    timeout: LIFE_MS,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
/** Once the ledger has what was sent a moment ago: a question to the processor writes it. */
async function reportAll(...args: string[]): Promise<string> {
  await (await fetch(`${otlp}/api/v1/cost`)).text();
  return report(...args, '--data', data).stdout;
}
const MONTH = ['--month', '2026-10'];

it('says what each feature cost in a month, while the processor runs', async () => {
  expect(await reportAll(...MONTH, '--by', 'feature')).toBe(
    `  feature     cost     list  calls  tokens  tasks  success  cost per success
  chat     $0.0200  $0.0200      2   2,200      0        –                 –
  search   $0.0100  $0.0100      1   1,100      0        –                 –
  total    $0.0300  $0.0300      3   3,300      0        –                 –
`,
  );
  expect(await reportAll('--month', '2026-09')).toBe('nothing was booked in this period\n');
});

it('says what a success cost only where its tasks stand beside their cost: a task has no model', () => {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-tasks-'));
  const at = '2026-10-05T14:00Z';
  writeLedger(directory, [
    { at, provider: 'openai', model: 'gpt-5', usd: 0.5, outcome: 'success' },
    { at, provider: '', model: '', usd: 0, calls: 0, tasks: 2, outcome: 'success' },
  ]);
  expect(report(...MONTH, '--by', 'model', '--data', directory).stdout).toBe(
    `  model     cost     list  calls  tokens  tasks  success  cost per success
  gpt-5  $0.5000  $0.5000      1       0      0        –                 –
  –        $0.00    $0.00      0       0      2  100.0 %                 –
  total  $0.5000  $0.5000      1       0      2  100.0 %           $0.2500
`,
  );
  rmSync(directory, { recursive: true });
});

it('shows no amount where no price is known, and how many calls have none', () => {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-unpriced-'));
  const at = '2026-10-05T14:00Z';
  writeLedger(directory, [
    { at, provider: 'openai', model: 'gpt-5', usd: 0.5, calls: 3, unpriced: 1, input: 100 },
    { at, provider: 'openai', model: 'new', usd: 0, calls: 2, unpriced: 2, input: 100 },
    { at, provider: 'ollama', model: 'own', usd: 0, calls: 1, input: 100 },
  ]);
  expect(report(...MONTH, '--by', 'model', '--data', directory).stdout).toBe(
    `  model     cost     list  calls  unpriced  tokens  tasks  success  cost per success
  gpt-5  $0.5000  $0.5000      3         1     100      0        –                 –
  new          –        –      2         2     100      0        –                 –
  own      $0.00    $0.00      1         0     100      0        –                 –
  total  $0.5000  $0.5000      6         3     300      0        –                 –
`,
  );
  rmSync(directory, { recursive: true });
});

it('names the columns of a CSV without rows, too', async () => {
  const csv = await reportAll('--month', '2026-09', '--format', 'csv');
  expect(csv).toMatch(/^feature,cost_usd,.*,cost_per_successful_task_usd\r\n$/);
});

it('prints exact amounts as CSV and JSON; a label is never a formula', async () => {
  expect((await reportAll(...MONTH, '--by', 'tenant,model', '--format', 'csv')).split('\r\n')).toEqual([
    'tenant,model,cost_usd,list_cost_usd,correction_usd,calls,unpriced_calls,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,tasks,successful_tasks,cost_per_successful_task_usd',
    ',"big, ""very""",0.010000000001,0.010000000001,0,1,0,600,400,0,100,0,0,0,',
    ',gpt-5-mini,0.010000000001,0.010000000001,0,1,0,600,400,0,100,0,0,0,',
    `'=1+1,gpt-5-mini,0.010000000001,0.010000000001,0,1,0,600,400,0,100,0,0,0,`,
    '',
  ]);
  const [row] = JSON.parse(await reportAll(...MONTH, '--by', 'day', '--format', 'json'));
  expect(row).toMatchObject({
    day: '2026-10-05',
    cost_usd: '0.030000000003',
    calls: 3,
    cache_read_tokens: 1_200,
  });
});

it('writes the columns of FOCUS by day and label, with tokens, task and outcome', async () => {
  const where = ['--where', 'feature=chat', '--where', 'outcome=unsettled'];
  const [names, row, end] = (await reportAll(...MONTH, ...where, '--format', 'focus')).split('\r\n');
  const values = row!.split(',');
  const focus = Object.fromEntries(names!.split(',').map((name, index) => [name, values[index]]));
  expect(focus).toMatchObject({
    BilledCost: '0.010000000001',
    BillingAccountId: 'openai',
    BillingAccountName: '',
    BillingPeriodStart: '2026-10-01T00:00:00Z',
    BillingPeriodEnd: '2026-11-01T00:00:00Z',
    ChargePeriodStart: '2026-10-05T00:00:00Z',
    ChargePeriodEnd: '2026-10-06T00:00:00Z',
    ConsumedQuantity: '1100',
    ConsumedUnit: 'Tokens',
    EffectiveCost: '0.010000000001',
    ListCost: '0.010000000001',
    SkuId: 'openai/gpt-5-mini/standard',
    x_Task: 'resolve',
    x_Outcome: 'unsettled',
  });
  expect(end).toBe('');
});

it('leaves none of the columns empty that FOCUS wants filled, of tasks without a provider neither', async () => {
  const [names, ...rows] = (await reportAll(...MONTH, '--format', 'focus')).trim().split('\r\n');
  const filled = [
    ...['BilledCost', 'BillingAccountId', 'BillingCurrency', 'BillingPeriodEnd', 'BillingPeriodStart'],
    ...['ChargeCategory', 'ChargePeriodEnd', 'ChargePeriodStart', 'ContractedCost', 'EffectiveCost'],
    ...['InvoiceIssuerName', 'ListCost', 'ProviderName', 'PublisherName', 'ServiceCategory', 'ServiceName'],
  ];
  const places = filled.map((name) => names!.split(',').indexOf(name));
  const empty = rows.map((row) => places.filter((place) => !row.split(',')[place]));
  expect(empty).toEqual(rows.map(() => []));
});

it('answers GET /api/v1/cost with the same', async () => {
  const url = `${otlp}/api/v1/cost?from=2026-10-01&to=2026-11-01&by=feature,outcome`;
  const answer: unknown = await (await fetch(url)).json();
  expect(answer).toMatchObject({
    from: '2026-10-01T00:00:00.000Z',
    by: ['feature', 'outcome'],
    rows: [
      { feature: 'chat', outcome: 'unsettled', cost_usd: '0.010000000001' },
      { feature: 'chat', outcome: 'untasked', cost_usd: '0.010000000001' },
      { feature: 'search', outcome: 'untasked', cost_usd: '0.010000000001', calls: 1, tasks: 0 },
    ],
  });
  const wrong = await fetch(`${otlp}/api/v1/cost?by=colour`);
  expect([wrong.status, await wrong.text()]).toEqual([
    400,
    expect.stringContaining('no \\"colour\\" to report by'),
  ]);
});

it.each([
  ['a name that is none', ['--by', 'colour'], 'there is no "colour" to report by'],
  ['a month that is none', ['--month', '2026-13'], '"2026-13" is not a month'],
  ['a day that is none', ['--from', '2026-02-30'], '"2026-02-30" is not a day or an instant in UTC'],
  ['a period that ends first', ['--from', '2026-02-02', '--to', '2026-02-01'], 'ends before it begins'],
  ['a month and a day', ['--from', '2026-02-02', '--month', '2026-02'], 'a month is a period by itself'],
  ['a condition that is none', ['--where', 'chat'], '"chat" is no condition'],
  ['a format that is none', ['--format', 'xml'], '--format "xml" is not known'],
])('refuses %s, and says what to write', (_, args, message) => {
  const { status, stderr } = report(...args, '--data', data);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^costspan: .*\n {2}fix: .+\n$/)]);
  expect(stderr).toContain(message);
});

it('says where there is no ledger', () => {
  expect(report()).toEqual({
    status: 1,
    stdout: '',
    stderr: `costspan: there is no ledger in costspan-data (COSTSPAN_LEDGER_MISSING)
  fix: name the directory that costspan processor has as --data
`,
  });
});

it('says when the ledger is none', () => {
  const damaged = join(data, 'damaged');
  mkdirSync(damaged);
  writeFileSync(join(damaged, 'ledger.db'), 'x'.repeat(5_000));
  expect(report('--data', damaged)).toEqual({
    status: 1,
    stdout: '',
    stderr: `costspan: ${join(damaged, 'ledger.db')} cannot be used: file is not a database (COSTSPAN_DATA_CORRUPT)
  fix: restore the whole directory from one backup, or move this file away: a new one begins with what is open
`,
  });
});

it('says that the password of ClickHouse is named and not set', () => {
  const config = join(data, 'clickhouse.yaml');
  writeFileSync(config, 'ledger: { clickhouse: { url: http://127.0.0.1:9, password_env: CH_PASSWORD } }\n');
  const { status, stderr } = report('--config', config);
  expect([status, stderr]).toEqual([
    1,
    'costspan: the password of ClickHouse in CH_PASSWORD is not set (COSTSPAN_CLICKHOUSE)\n' +
      '  fix: set CH_PASSWORD, or remove ledger.clickhouse.password_env\n',
  ]);
});
