import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reprice } from '../src/verbs/reprice.ts';
import { type Booked, createTerminal, writeLedger } from './ledger-fixture.ts';

const bin = fileURLToPath(new URL('../bin/costspan.js', import.meta.url));
let folder: string;
const file = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-reprice-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<string> {
  const { terminal, read } = createTerminal();
  expect(await reprice.run([...args, '--data', folder], terminal)).toBe(0);
  return read();
}
const override = (name: string, input: number): string => {
  writeFileSync(
    file(name),
    `prices: { overrides: [ { model: house-1, provider: openai, input: ${input}, output: 2 } ] }`,
  );
  return file(name);
};
const PERIOD = ['--from', '2026-10-01', '--to', '2026-11-01'];
const booked = (row: Partial<Booked>): Booked => ({
  at: '2026-10-05T14:00:00Z',
  provider: 'openai',
  model: 'house-1',
  usd: 1.2,
  input: 1_000_000,
  output: 100_000,
  ...row,
});

describe('costspan reprice', () => {
  it('shows the difference by day and model, writes when told to, and finds nothing a second time', async () => {
    writeLedger(folder, [
      booked({}),
      booked({ at: '2026-10-05T15:00:00Z' }),
      booked({ at: '2026-10-06T00:00:00Z', usd: 0, unpriced: 1, source: '' }),
      booked({ model: 'house-2', usd: 7 }),
      booked({ source: 'provider', usd: 5 }),
      booked({ at: '2026-11-05T00:00:00Z' }),
    ]);
    const config = override('costspan.yaml', 3);
    const shown = await run(...PERIOD, '--config', config);
    expect(shown).toBe(
      [
        '  day, model                   calls  booked    new  difference',
        '  2026-10-05 house-1 (openai)      2   $2.40  $6.40       $4.00',
        '  2026-10-06 house-1 (openai)      1   $0.00  $3.20       $3.20  was unpriced',
        'difference in all: 7.2 USD',
        'nothing was written; --write adds the corrections',
        '',
      ].join('\n'),
    );
    expect(await run('--list')).toBe('No corrections were made.\n');
    expect(await run(...PERIOD, '--config', config, '--write', '--reason', 'invoice 4711')).toContain(
      'written as "reprice ',
    );
    expect(await run(...PERIOD, '--config', config)).toBe(
      'These prices say what was booked: there is no difference.\n',
    );
    expect(await run('--list')).toMatch(/ {2}reprice \S+Z +2 +\$7\.20 +price table \S+: invoice 4711\n$/);
    // A second correction starts from the first, and may take money back.
    expect(await run(...PERIOD, '--config', override('lower.yaml', 1))).toContain(
      'difference in all: -6 USD',
    );
  });

  it('keeps in proportion what sums do not tell apart, where the old prices are known', async () => {
    // 1.20 USD by the old prices, and 0.30 of tool fees or long contexts that only the amount knows.
    writeLedger(folder, [booked({ usd: 1.5 })]);
    const before = override('before.yaml', 1);
    const after = override('after.yaml', 2.2);
    const shown = await run(...PERIOD, '--config', after, '--before', before);
    expect(shown).toContain('in proportion');
    expect(shown).toContain('difference in all: 1.5 USD');
    // The same prices before and after: nothing is known to be wrong.
    expect(await run(...PERIOD, '--config', before, '--before', before)).toContain('there is no difference');
  });

  it('prices sums that are above the limit of one call', async () => {
    writeLedger(folder, [booked({ usd: 30_000, calls: 1_000_000, input: 30_000_000_000, output: 0 })]);
    expect(await run(...PERIOD, '--config', override('costspan.yaml', 2))).toContain(
      'difference in all: 30000 USD',
    );
  });

  it('asks ClickHouse where the ledger is there, and writes corrections as entries of their own', async () => {
    const requests: { query: string; body: string }[] = [];
    // An hour, the labels, the counts, and money as it was booked and as it was corrected so far.
    const labels = [
      'shop',
      '',
      'chat',
      '',
      '',
      '',
      'openai',
      'house-1',
      'standard',
      'chat',
      'local',
      'success',
    ];
    const counts = [1, 0, 0, 1_000_000, 0, 0, 100_000, 0].map(String);
    const row = ['2026-10-05T14:00Z', ...labels, ...counts, '1200000000000', '1200000000000', '0', '0'];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('query') ?? '';
      requests.push({ query, body });
      response.end(query.startsWith('SELECT') ? `${JSON.stringify(row)}\n` : '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const config = override('costspan.yaml', 3);
    appendFileSync(config, `\nledger: { clickhouse: { url: 'http://127.0.0.1:${port}' } }\n`);
    const { terminal, read } = createTerminal();
    expect(await reprice.run([...PERIOD, '--config', config, '--write', '--reason', 'again'], terminal)).toBe(
      0,
    );
    server.close();
    expect(read()).toContain('difference in all: 2 USD');
    expect(requests.map(({ query }) => query.split(' ', 1)[0])).toEqual(['SELECT', 'INSERT']);
    expect(JSON.parse(requests[1]!.body)).toMatchObject({
      processor: expect.stringMatching(/^reprice \S+Z: price table \S+: again$/),
      hour: Date.UTC(2026, 9, 5) / 1000,
      feature: 'chat',
      model: 'house-1',
      outcome: 'success',
      cost_pico_usd: '2000000000000',
      list_pico_usd: '2000000000000',
    });
  });

  it('says what is missing', async () => {
    await expect(run()).rejects.toMatchObject({ message: 'which days?' });
    await expect(run('--list', '--write')).rejects.toMatchObject({
      message: '--write says nothing beside --list',
    });
    await expect(run(...PERIOD)).rejects.toMatchObject({
      message: `there is no ledger in ${folder} (COSTSPAN_LEDGER_MISSING)`,
    });
  });
});

async function startProcessor(
  config: string,
): Promise<{ child: ChildProcess; otlp: string; metrics: string }> {
  const doors = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((flag) => [flag, '127.0.0.1:0']);
  const child = spawn(process.execPath, [bin, 'processor', '--config', config, '--data', folder, ...doors], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = await once(child.stdout!, 'data');
  const ready = JSON.parse(String(chunk).split('\n', 1)[0]!);
  return { child, otlp: ready.otlp_http, metrics: ready.metrics };
}

async function readMetric(metrics: string, name: string): Promise<string[]> {
  const response = await fetch(`${metrics}/metrics`);
  return (await response.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
}

async function sendCall(
  otlp: string,
  call: { readonly id: string; readonly provider: string; readonly inputTokens: string },
): Promise<void> {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const attributes = {
    'gen_ai.operation.name': { stringValue: 'chat' },
    'gen_ai.provider.name': { stringValue: call.provider },
    'gen_ai.request.model': { stringValue: 'house-1' },
    'gen_ai.usage.input_tokens': { intValue: call.inputTokens },
    'gen_ai.usage.output_tokens': { intValue: '0' },
  };
  const span = {
    traceId: '1'.repeat(32),
    spanId: call.id.repeat(16),
    name: 'chat house-1',
    kind: 3,
    startTimeUnixNano: String(nowNs),
    endTimeUnixNano: String(nowNs + 1_000_000n),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
  };
  const sent = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(sent.status).toBe(200);
}

it('a running processor shows the correction as a series of its own; its counters stay', async () => {
  const config = override('costspan.yaml', 1);
  const { child, otlp, metrics } = await startProcessor(config);
  try {
    // Asked before: the call may be one of the next day.
    const day = new Date().toISOString().slice(0, 10);
    await sendCall(otlp, { id: '2', provider: 'openai', inputTokens: '1000000' });
    const before = await readMetric(metrics, 'llm_cost_usd_total');
    // The question for the ledger writes it.
    await fetch(`${otlp}/api/v1/cost?from=${day}&by=model`);
    const period = ['--from', day, '--to', '2999-01-01'];
    const corrected = override('corrected.yaml', 1.25);
    expect(await run(...period, '--config', corrected, '--write')).toContain('difference in all: 0.25 USD');
    expect(await readMetric(metrics, 'llm_cost_correction_usd')).toEqual([
      'llm_cost_correction_usd{provider="openai",model="house-1"} 0.25',
    ]);
    expect(await readMetric(metrics, 'llm_cost_usd_total')).toEqual(before);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

it('a running processor takes a new price table on SIGHUP; what was counted stays, and bad usage is counted as such', async () => {
  const table = (version: string, input: number) => {
    const models = [{ id: 'house-1', rates: [{ rates: { input, output: 1 } }] }];
    const cards = [{ name: 'house', source: 'ours', ids: { suffixes: [] }, models }];
    const providers = { house: ['house'] };
    writeFileSync(
      file('prices.json'),
      JSON.stringify({ format: 'costspan-prices/1', version, cards, providers }),
    );
  };
  table('v1', 1_000_000);
  writeFileSync(file('costspan.yaml'), 'prices: { table: ./prices.json }');
  const { child, otlp, metrics } = await startProcessor(file('costspan.yaml'));
  const readSum = async (): Promise<number> =>
    (await readMetric(metrics, 'llm_cost_usd_total')).reduce(
      (sum, line) => sum + Number(line.split(' ').at(-1)),
      0,
    );
  const info = 'costspan_processor_price_table_info';
  try {
    await sendCall(otlp, { id: '2', provider: 'house', inputTokens: '1000000' });
    expect([await readMetric(metrics, info), await readSum()]).toEqual([[`${info}{version="v1"} 1`], 1]);
    table('v2', 2_000_000);
    child.kill('SIGHUP');
    await expect.poll(() => readMetric(metrics, info)).toEqual([`${info}{version="v2"} 1`]);
    await sendCall(otlp, { id: '3', provider: 'house', inputTokens: '1000000' });
    expect(await readSum()).toBe(3);
    await sendCall(otlp, { id: '4', provider: 'house', inputTokens: '-1' });
    const unpriced = (await readMetric(metrics, 'llm_unpriced_calls_total')).join('\n');
    expect(unpriced).toMatch(/reason="invalid_usage"\} 1$/);
    expect(await readSum()).toBe(3);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});
