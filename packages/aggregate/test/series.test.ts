import { spawnSync } from 'node:child_process';
import type { Budget } from '@costspan/budgets';
import { METRIC } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { hasSamePlan, planKey } from '../src/calls/calls.ts';
import { Aggregate, type CallRecord, renderMetrics } from '../src/index.ts';
import { call, createRandom, NOW_MS, nonZero, parseExposition, sum, task, USD } from './records.ts';

const scrape = async (aggregate: Aggregate, nowMs = NOW_MS) =>
  parseExposition(await renderMetrics(aggregate, nowMs));
const COMMON =
  'service="shop",environment="prod",feature="chat",user_tier="free",provider="openai",model="gpt-5"';

it('counts a call in every metric that the contract names for it', async () => {
  const aggregate = new Aggregate();
  const tokens = { input: 50, cacheRead: 30, cacheWrite: 20, output: 7, reasoning: 3 };
  aggregate.recordCall(
    call({
      tokens,
      retries: 2,
      timeToFirstChunkSeconds: 0.5,
      cacheSavingsPicoUsd: 3e9,
      mode: 'flex',
      costSource: 'provider',
    }),
    NOW_MS,
  );
  const samples = await scrape(aggregate);
  const read = (metric: string) => nonZero(samples, metric);
  const L = COMMON.replace('user_tier="free",', '');
  expect(read('llm_cost_usd_total')).toEqual({
    [`{${COMMON},operation="chat",mode="flex",cost_source="provider"}`]: 0.01,
  });
  expect(read('llm_tokens_total')).toEqual({
    [`{${COMMON},token_type="input"}`]: 50,
    [`{${COMMON},token_type="cache_read"}`]: 30,
    [`{${COMMON},token_type="cache_write"}`]: 20,
    [`{${COMMON},token_type="output"}`]: 7,
    [`{${COMMON},token_type="reasoning"}`]: 3,
  });
  expect(read('llm_calls_total')).toEqual({ [`{${COMMON},status="ok"}`]: 1 });
  expect(read('llm_call_duration_seconds_sum')).toEqual({ [`{${L}}`]: 0.25 });
  expect(read('llm_time_to_first_chunk_seconds_sum')).toEqual({ [`{${L}}`]: 0.5 });
  expect(read('llm_cost_per_call_usd_sum')).toEqual({
    '{service="shop",feature="chat",model="gpt-5"}': 0.01,
  });
  expect(
    samples.get('llm_cost_per_call_usd_bucket{le="0.005",service="shop",feature="chat",model="gpt-5"}'),
  ).toBe(0);
  expect(
    samples.get('llm_cost_per_call_usd_bucket{le="0.01",service="shop",feature="chat",model="gpt-5"}'),
  ).toBe(1);
  expect(read('llm_retries_total')).toEqual({ [`{${COMMON}}`]: 2 });
  expect(read('llm_cache_savings_usd_total')).toEqual({ [`{${COMMON},cache="provider"}`]: 0.003 });
});

it('exposes every metric of the contract with its type', async () => {
  const text = await renderMetrics(new Aggregate(), NOW_MS);
  for (const { name, type, help } of Object.values(METRIC)) {
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }
});

it('carries a debt of cache writes until reads have paid it: the counter never goes down', async () => {
  const aggregate = new Aggregate();
  const seen: number[] = [];
  for (const savingsUsd of [5, -2, 1, 3]) {
    aggregate.recordCall(call({ cacheSavingsPicoUsd: savingsUsd * USD }), NOW_MS);
    seen.push(sum(await scrape(aggregate), 'llm_cache_savings_usd_total'));
  }
  expect(seen).toEqual([5, 5, 5, 7]);
});

it('keeps the money and the closed labels when a metric reaches its series limit', async () => {
  const aggregate = new Aggregate({ seriesPerMetric: 6 });
  for (let index = 0; index < 20; index += 1) {
    aggregate.recordCall(call({ feature: `f${index}`, status: index % 2 === 0 ? 'ok' : 'error' }), NOW_MS);
  }
  const samples = await scrape(aggregate);
  expect(sum(samples, 'llm_cost_usd_total')).toBeCloseTo(0.2, 12);
  const other = COMMON.replace(/"[^"]+"/g, '"other"');
  expect(nonZero(samples, 'llm_cost_usd_total')).toMatchObject({
    [`{${other},operation="other",mode="standard",cost_source="local"}`]: 0.14,
  });
  expect(nonZero(samples, 'llm_calls_total')).toMatchObject({
    [`{${other},status="ok"}`]: 9,
    [`{${other},status="error"}`]: 9,
  });
  expect(samples.get('costspan_processor_overflow_total{metric="llm_cost_usd_total"}')).toBe(14);
  expect(samples.get('costspan_processor_overflow_total{metric="llm_calls_total"}')).toBe(18);
});

it('names the allowed and the dearest tenants and keeps the sum', async () => {
  const aggregate = new Aggregate({ tenants: { allow: ['acme'], top: 2 } });
  const pay = (tenant: string, usd: number) =>
    aggregate.recordCall(call({ tenant, costPicoUsd: usd * USD }), NOW_MS);
  pay('acme', 1);
  pay('small', 2);
  pay('big', 8);
  pay('late', 1);
  pay('late', 4);
  pay('small', 1);
  pay('', 16);
  expect(nonZero(await scrape(aggregate), 'llm_tenant_cost_usd_total')).toEqual({
    '{tenant="acme"}': 1,
    // Overtaken by "late" at 5 USD: its third dollar is among the others, as the first of "late" is.
    '{tenant="small"}': 2,
    '{tenant="big"}': 8,
    '{tenant="late"}': 4,
    '{tenant="other"}': 2,
    '{tenant=""}': 16,
  });
});

it('exposes where each budget stands, by the period in which a call ended', async () => {
  const budget: Budget = {
    name: 'support',
    match: { feature: 'chat' },
    limitPicoUsd: 1200n * 10n ** 12n,
    period: 'month',
    timezone: 'Europe/Berlin',
  };
  const aggregate = new Aggregate({ budgets: [budget] });
  aggregate.recordCall(call({ costPicoUsd: 5 * USD }), NOW_MS);
  aggregate.recordCall(call({ costPicoUsd: 7 * USD, feature: 'search' }), NOW_MS);
  aggregate.recordCall(call({ costPicoUsd: 3 * USD, endMs: Date.UTC(2026, 9, 31, 22, 59) }), NOW_MS);
  const samples = await scrape(aggregate);
  const read = (name: string) => samples.get(`${name}{budget="support"}`);
  expect({
    limit: read('llm_budget_limit_usd'),
    periodSpend: read('llm_budget_period_spend_usd'),
    start: read('llm_budget_period_start_timestamp_seconds'),
    end: read('llm_budget_period_end_timestamp_seconds'),
    spend: read('llm_budget_spend_usd_total'),
  }).toEqual({
    limit: 1200,
    periodSpend: 5,
    start: Date.UTC(2026, 9, 31, 23) / 1000,
    end: Date.UTC(2026, 10, 30, 23) / 1000,
    spend: 8,
  });
  const next = await scrape(aggregate, Date.UTC(2026, 11, 1));
  expect(next.get('llm_budget_period_spend_usd{budget="support"}')).toBe(0);
});

it('keeps what a budget has spent now, however many clocks are ahead or behind', async () => {
  const DAY_MS = 86_400_000;
  const budget: Budget = { name: 'all', match: {}, limitPicoUsd: 10n ** 15n, period: 'day', timezone: 'UTC' };
  let aggregate = new Aggregate({ budgets: [budget] });
  const spend = (nowMs: number) => aggregate.budgetPositions(nowMs)[0]?.spendPicoUsd;
  aggregate.recordCall(call({ costPicoUsd: 5 * USD }), NOW_MS);
  aggregate.recordCall(call({ costPicoUsd: 2 * USD, endMs: NOW_MS + DAY_MS }), NOW_MS);
  for (let days = 1; days <= 40; days += 1)
    for (const endMs of [NOW_MS + days * DAY_MS, NOW_MS - days * DAY_MS])
      aggregate.recordCall(call({ costPicoUsd: 1 * USD, endMs }), NOW_MS);
  aggregate = Aggregate.restore([...aggregate.readState()], { budgets: [budget] });
  aggregate.recordCall(call({ costPicoUsd: 7 * USD }), NOW_MS);
  expect(spend(NOW_MS)).toBe(BigInt(12 * USD));
  expect(spend(NOW_MS + DAY_MS)).toBe(BigInt(3 * USD));
});

it('satisfies promtool, with label values that need escaping', async ({ skip }) => {
  const aggregate = new Aggregate();
  aggregate.recordCall(call({ feature: 'a"b\\c\nd\u{1f600}', task: { id: 't1', name: '"' } }), NOW_MS);
  aggregate.recordTask(task({ outcome: 'failure' }), NOW_MS);
  const checked = spawnSync('promtool', ['check', 'metrics'], {
    input: await renderMetrics(aggregate, NOW_MS + 10_000),
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (checked.error !== undefined) {
    console.log('skipped: promtool is not on PATH; apt-get install prometheus brings it');
    if (process.env.CI === 'true') throw checked.error;
    skip();
  }
  expect({ status: checked.status, output: checked.stdout + checked.stderr }).toEqual({
    status: 0,
    output: '',
  });
});

it('two calls have the same plan when they have the same key of one, whatever is known of them (seeded)', () => {
  const random = createRandom(11);
  const pick = <T>(...values: T[]): T => values[Math.floor(random() * values.length)]!;
  const some = (fields: Partial<CallRecord>) => (random() < 0.8 ? {} : fields);
  const create = (): CallRecord => ({
    ...call(),
    ...some({ feature: pick('chat', 'search') }),
    ...some({ model: pick('gpt-5', 'gpt-4.1') }),
    ...some({ userTier: pick('free', 'pro') }),
    ...some({ service: pick('shop', 'desk') }),
    ...some({ environment: pick('prod', 'test') }),
    ...some({ provider: pick('openai', 'anthropic') }),
    ...some({ operation: pick('chat', 'embeddings') }),
    ...some({ mode: pick('standard', 'batch') }),
    ...some({ status: pick('ok', 'error', 'aborted') }),
    ...some({ costSource: pick('local', 'provider') }),
    ...some({ unpricedReason: pick('no_usage', 'unknown_model') }),
    ...some({ estimatedReason: pick('sampled', 'usage') }),
    ...some({ requestDigest: pick('a', 'b'), task: { id: pick('1', '2'), name: 'resolve' } }),
    ...some({ timeToFirstChunkSeconds: random() }),
    ...some({ cacheSavingsPicoUsd: Math.floor(random() * 9) }),
    tenant: pick('acme', 'bolt'),
    retries: pick(0, 1),
    endMs: Math.floor(random() * 9),
  });
  const without = ({ tokens, costPicoUsd, ...rest }: CallRecord): CallRecord => ({
    ...rest,
    ...(random() < 0.9 && tokens !== undefined ? { tokens } : {}),
    ...(random() < 0.9 && costPicoUsd !== undefined ? { costPicoUsd } : {}),
  });
  let same = 0;
  for (let pair = 0; pair < 20_000; pair += 1) {
    const [a, b] = [without(create()), without(create())];
    const isSame = planKey(a) === planKey(b);
    if (isSame) same += 1;
    expect(hasSamePlan(a, b), `${planKey(a)} and ${planKey(b)}`).toBe(isSame);
  }
  expect(same).toBeGreaterThan(100);
});
