import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedgerToRead } from '@costspan/processor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../src/verbs/reconcile.ts';
import { type Booked, createTerminal, writeLedger } from './ledger-fixture.ts';

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-reconcile-'));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

type Answers = Readonly<
  Record<string, (query: URLSearchParams, headers: Record<string, unknown>) => unknown>
>;
const asked: string[] = [];

/** The documented shapes of the cost APIs, served here; a path without an answer is a 404. */
async function serve(answers: Answers): Promise<string> {
  asked.length = 0;
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    asked.push(url.pathname);
    const answer = answers[url.pathname]?.(url.searchParams, request.headers);
    response.statusCode = answer === undefined ? 404 : answer === 'refused' ? 401 : 200;
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { terminal, read } = createTerminal(env);
  const exitCode = await reconcile.run(
    [...args, '--data', folder, '--month', '2026-10', '--format', 'json'],
    terminal,
  );
  return { exitCode, found: JSON.parse(read()) };
}

const october = (rows: readonly Omit<Booked, 'at'>[]): Booked[] =>
  rows.map((row) => ({ at: '2026-10-05T14:00:00Z', ...row }));
const seconds = (day: string): number => Date.parse(day) / 1000;
const DAY = { start_time: seconds('2026-10-05'), end_time: seconds('2026-10-06') };

describe('OpenAI', () => {
  const cost = (line_item: string, value: number) => ({
    object: 'organization.costs.result',
    amount: { value, currency: 'usd' },
    line_item,
    project_id: null,
  });
  const usage = (model: string, input_tokens: number, output_tokens: number) => ({
    object: 'organization.usage.completions.result',
    input_tokens,
    input_cached_tokens: 0,
    output_tokens,
    num_model_requests: 1,
    model,
  });
  const page = (results: readonly object[], next_page: string | null = null) => ({
    object: 'page',
    data: [{ object: 'bucket', ...DAY, results }],
    has_more: next_page !== null,
    next_page,
  });

  it('says for each model where the difference comes from, and the causes add up to it', async () => {
    writeLedger(
      folder,
      october([
        {
          provider: 'openai',
          model: 'gpt-5-mini-2025-08-07',
          usd: 4,
          calls: 40,
          input: 8_000_000,
          output: 1_000_000,
        },
        { provider: 'openai', model: 'gpt-5', usd: 6, calls: 10, input: 4_000_000, output: 100_000 },
        { provider: 'openai', model: 'gpt-4.1', usd: 10, calls: 10, input: 4_000_000, output: 250_000 },
        { provider: 'openai', model: 'our-ft', usd: 0, calls: 3, unpriced: 3, input: 1_000, output: 10 },
        { provider: 'openai', model: 'o3', usd: 1, calls: 1, input: 1_000, output: 10 },
        { provider: 'anthropic', model: 'claude-sonnet-5', usd: 99 },
      ]),
    );
    const url = await serve({
      '/v1/organization/costs': (query, headers) => {
        expect(headers.authorization).toBe('Bearer sk-admin-1');
        expect(query.get('start_time')).toBe(String(seconds('2026-10-01')));
        expect(query.get('end_time')).toBe(String(seconds('2026-11-01')));
        expect(query.getAll('group_by')).toEqual(['line_item']);
        return query.get('page') === null
          ? page(
              [cost('gpt-5-mini-2025-08-07, input', 2), cost('gpt-5-mini-2025-08-07, output', 2.001)],
              'p2',
            )
          : page([
              cost('gpt-5-2025-08-07, input', 12),
              cost('gpt-4.1-2025-04-14, input', 5),
              cost('our-ft, input', 0.5),
              cost('gpt-5-nano, input', 3),
              cost('web search', 0.25),
            ]);
      },
      '/v1/organization/usage/completions': () =>
        page([
          usage('gpt-5-mini-2025-08-07', 8_000_000, 1_000_000),
          usage('gpt-5-2025-08-07', 8_000_000, 200_000),
          usage('gpt-4.1-2025-04-14', 4_000_000, 250_000),
          usage('gpt-5-nano', 1_000, 10),
        ]),
      '/v1/organization/usage/embeddings': () => page([]),
    });
    const { exitCode, found } = await run(['openai', '--url', url, '--fail-over', '1%'], {
      OPENAI_ADMIN_KEY: 'sk-admin-1',
    });
    expect(exitCode).toBe(1);
    expect(found).toMatchObject({ billed_usd: '24.751', ledger_usd: '21', drift_ratio: -0.151549 });
    expect(found.causes).toEqual({
      // gpt-5-mini is a tenth of a cent off; half of gpt-5's tokens and all of gpt-5-nano's were not seen.
      rounding: '0.001',
      not_seen: '9',
      unpriced: '0.5',
      // gpt-4.1 at half the price: a batch. A quarter of a dollar of web searches is in the ledger with its calls.
      rate: '-4.75',
      not_billed: '-1',
    });
    const sum = Object.values<string>(found.causes).reduce((total, usd) => total + Number(usd), 0);
    expect(sum).toBeCloseTo(24.751 - 21, 9);
    expect(found.days).toEqual([{ name: '2026-10-05', billed_usd: '24.751', ledger_usd: '21' }]);
    expect(found.items.find(({ name }: { name: string }) => name === 'gpt-4.1')).toEqual({
      name: 'gpt-4.1',
      billed_usd: '5',
      ledger_usd: '10',
      cause: 'rate',
    });
    const database = openLedgerToRead(folder);
    const kept = database.prepare("SELECT value FROM meta WHERE key = 'reconciliation/openai'").get();
    database.close();
    expect(JSON.parse(String(kept?.value))).toMatchObject({ month: '2026-10', driftRatio: -0.151549 });
  });

  it('says what to do without a key, and when the key is refused, and never shows it', async () => {
    writeLedger(folder, october([{ provider: 'openai', model: 'gpt-5', usd: 1 }]));
    await expect(run(['openai'])).rejects.toMatchObject({ message: 'OPENAI_ADMIN_KEY is not set' });
    const url = await serve({ '/v1/organization/costs': () => 'refused' });
    const refused = run(['openai', '--url', url], { OPENAI_ADMIN_KEY: 'sk-secret' });
    await expect(refused).rejects.toMatchObject({
      message: `${url}/v1/organization/costs: status 401`,
      fix: 'the key must be an admin or management key of the organization',
    });
    await expect(
      run(['openai', '--url', 'http://example.invalid'], { OPENAI_ADMIN_KEY: 'sk-secret' }),
    ).rejects.toMatchObject({
      message: 'http://example.invalid is not https, and the key would be readable on the way',
    });
  });

  it('reads the exported CSV', async () => {
    writeLedger(folder, october([{ provider: 'openai', model: 'gpt-5', usd: 1.5 }]));
    const file = join(folder, 'costs.csv');
    writeFileSync(
      file,
      'start_time,end_time,start_time_iso,amount_value,amount_currency,line_item\r\n' +
        '1759622400,1759708800,2026-10-05T00:00:00+00:00,1.25,usd,"gpt-5-2025-08-07, input"\r\n' +
        '1759622400,1759708800,2026-10-05T00:00:00+00:00,0.25,usd,"gpt-5-2025-08-07, output"\r\n' +
        '1762300800,1762387200,2026-11-05T00:00:00+00:00,9,usd,"gpt-5-2025-08-07, input"\r\n',
    );
    const { exitCode, found } = await run(['openai', '--file', file]);
    expect({ exitCode, drift: found.drift_ratio, causes: found.causes }).toEqual({
      exitCode: 0,
      drift: 0,
      causes: {},
    });
  });
});

it('Anthropic: cents as text, by description, with usage', async () => {
  writeLedger(
    folder,
    october([
      {
        provider: 'anthropic',
        model: 'claude-sonnet-5',
        usd: 3,
        calls: 5,
        input: 1_000_000,
        output: 100_000,
      },
    ]),
  );
  const bucket = (results: readonly object[]) => ({
    data: [{ starting_at: '2026-10-05T00:00:00Z', ending_at: '2026-10-06T00:00:00Z', results }],
    has_more: false,
    next_page: null,
  });
  const cost = (amount: string, token_type: string) => ({
    amount,
    currency: 'USD',
    cost_type: 'tokens',
    description: `Claude Sonnet 5 Usage - ${token_type}`,
    model: 'claude-sonnet-5',
    service_tier: 'standard',
    token_type,
    context_window: '0-200k',
    workspace_id: null,
  });
  const url = await serve({
    '/v1/organizations/cost_report': (query, headers) => {
      expect(headers['x-api-key']).toBe('sk-ant-admin-1');
      expect(headers['anthropic-version']).toBe('2023-06-01');
      expect(query.getAll('group_by[]')).toEqual(['description']);
      return bucket([cost('200.0', 'uncached_input_tokens'), cost('100.05', 'output_tokens')]);
    },
    '/v1/organizations/usage_report/messages': () =>
      bucket([
        {
          model: 'claude-sonnet-5',
          uncached_input_tokens: 900_000,
          cache_read_input_tokens: 60_000,
          cache_creation: { ephemeral_5m_input_tokens: 40_000, ephemeral_1h_input_tokens: 0 },
          output_tokens: 100_000,
          server_tool_use: { web_search_requests: 0 },
        },
      ]),
  });
  const { found } = await run(['anthropic', '--url', url], { ANTHROPIC_ADMIN_KEY: 'sk-ant-admin-1' });
  expect(found).toMatchObject({
    billed_usd: '3.0005',
    ledger_usd: '3',
    causes: { rounding: '0.0005' },
    drift_ratio: -0.000166,
  });
});

it('OpenRouter: activity day by day', async () => {
  writeLedger(
    folder,
    october([
      {
        provider: 'openrouter',
        model: 'openai/gpt-4.1',
        usd: 0.015,
        input: 50,
        output: 125,
        source: 'provider',
      },
    ]),
  );
  const url = await serve({
    '/api/v1/activity': (query) => ({
      data:
        query.get('date') !== '2026-10-05'
          ? []
          : [
              {
                date: '2026-10-05',
                model: 'openai/gpt-4.1',
                model_permaslug: 'openai/gpt-4.1-2025-04-14',
                endpoint_id: '550e8400-e29b-41d4-a716-446655440000',
                provider_name: 'OpenAI',
                usage: 0.015,
                byok_usage_inference: 0,
                requests: 5,
                prompt_tokens: 50,
                completion_tokens: 125,
                reasoning_tokens: 25,
              },
            ],
    }),
  });
  const { found } = await run(['openrouter', '--url', url], { OPENROUTER_API_KEY: 'sk-or-1' });
  expect(found).toMatchObject({ billed_usd: '0.015', ledger_usd: '0.015', drift_ratio: 0, causes: {} });
  expect(asked).toHaveLength(31);
});

describe('Bedrock', () => {
  it('reads what aws ce get-cost-and-usage prints', async () => {
    writeLedger(
      folder,
      october([{ provider: 'aws.bedrock', model: 'us.amazon.nova-micro-v1:0', usd: 2, calls: 9 }]),
    );
    const file = join(folder, 'bill.json');
    const group = (keys: readonly string[], Amount: string) => ({
      Keys: keys,
      Metrics: { UnblendedCost: { Amount, Unit: 'USD' } },
    });
    writeFileSync(
      file,
      JSON.stringify({
        ResultsByTime: [
          {
            TimePeriod: { Start: '2026-10-05', End: '2026-10-06' },
            Total: {},
            Groups: [
              group(['Amazon Bedrock', 'USE1-NovaMicro-input-tokens'], '1.5'),
              group(['Claude Sonnet 4.5 (Amazon Bedrock Edition)', 'USE1-MP:InputTokenCount'], '2.5'),
              group(['Amazon Simple Storage Service', 'USE1-Requests'], '77'),
            ],
            Estimated: false,
          },
        ],
      }),
    );
    const { found } = await run(['bedrock', '--file', file]);
    expect(found).toMatchObject({ billed_usd: '4', ledger_usd: '2', drift_ratio: -0.5 });
    await expect(run(['bedrock'])).rejects.toMatchObject({ message: 'this bill comes from a file' });
  });

  it('reads a cost and usage report, and refuses a hole or another currency', async () => {
    writeLedger(folder, october([{ provider: 'aws.bedrock', model: 'amazon.nova-micro-v1:0', usd: 1 }]));
    const file = join(folder, 'cur.csv');
    const head =
      'line_item_usage_start_date,line_item_product_code,line_item_usage_type,line_item_unblended_cost,line_item_currency_code\n';
    writeFileSync(
      file,
      `${head}2026-10-05T00:00:00Z,AmazonBedrock,USE1-x,1,USD\n2026-10-05T00:00:00Z,AmazonS3,USE1-y,5,USD\n`,
    );
    expect((await run(['bedrock', '--file', file])).found).toMatchObject({ billed_usd: '1', drift_ratio: 0 });
    writeFileSync(file, `${head}2026-10-05T00:00:00Z,AmazonBedrock,USE1-x,1,EUR\n`);
    await expect(run(['bedrock', '--file', file])).rejects.toMatchObject({
      message: 'the bill cannot be read: an amount is in EUR, the ledger in USD',
    });
    writeFileSync(file, `${head}2026-10-05T00:00:00Z,AmazonBedrock,USE1-x,,USD\n`);
    await expect(run(['bedrock', '--file', file])).rejects.toMatchObject({
      message: 'the bill cannot be read: an amount is missing',
    });
  });
});

it('prints tables for people, with credits of the contract', async () => {
  writeLedger(folder, october([{ provider: 'openai', model: 'gpt-5', usd: 1, input: 1, output: 1 }]));
  const config = join(folder, 'costspan.yaml');
  writeFileSync(config, 'prices: { credits: [ { provider: openai, usd: 500, from: 2026-01-01 } ] }');
  const file = join(folder, 'costs.json');
  const results = [{ amount: { value: 2, currency: 'usd' }, line_item: 'gpt-5, input' }];
  writeFileSync(file, JSON.stringify({ data: [{ ...DAY, results }], has_more: false, next_page: null }));
  const { terminal, read } = createTerminal();
  const args = ['openai', '--month', '2026-10', '--file', file, '--data', folder, '--config', config];
  expect(await reconcile.run(args, terminal)).toBe(0);
  expect(read()).toBe(
    [
      'openai 2026-10: billed 2.00 USD, ledger 1.00 USD, drift -50.00 %',
      '',
      '  by day      billed  ledger  difference     drift',
      '  2026-10-05    2.00    1.00        1.00  -50.00 %',
      '',
      '  by item  billed  ledger  difference     drift  most of it',
      '  gpt-5      2.00    1.00        1.00  -50.00 %        rate',
      '',
      'Where the difference comes from (bill less ledger, USD)',
      '  rate: another rate: tier, region, discount, or a price that changed  1.00',
      'A credit of 500 USD holds from 2026-01-01 to further notice: the invoice may be smaller by it.',
      '',
    ].join('\n'),
  );
});
