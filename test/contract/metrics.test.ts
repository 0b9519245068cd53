import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProcess, readString, startProcess, TEST_LIMIT_MS } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './packages.ts';

const L = ['service', 'environment', 'feature', 'user_tier', 'provider', 'model'];
const WITHOUT_TIER = L.filter((label) => label !== 'user_tier');
const TASK = ['service', 'environment', 'feature', 'task', 'user_tier', 'outcome'];
const RECLASSIFIED = ['feature', 'task', 'from', 'to'];

/** The contract's table, by hand: what other people's dashboards and alerts hold on to. */
const TABLE: Readonly<Record<string, readonly [type: string, labels: readonly string[]]>> = {
  llm_cost_usd_total: ['counter', [...L, 'operation', 'mode', 'cost_source']],
  llm_tokens_total: ['counter', [...L, 'token_type']],
  llm_calls_total: ['counter', [...L, 'status']],
  llm_call_duration_seconds: ['histogram', WITHOUT_TIER],
  llm_time_to_first_chunk_seconds: ['histogram', WITHOUT_TIER],
  llm_cost_per_call_usd: ['histogram', ['service', 'feature', 'model']],
  llm_retries_total: ['counter', L],
  llm_unpriced_calls_total: ['counter', ['service', 'provider', 'model', 'reason']],
  llm_task_cost_usd_total: ['counter', TASK],
  llm_tasks_total: ['counter', TASK],
  llm_cost_per_task_usd: ['histogram', ['feature', 'task', 'outcome']],
  llm_task_unsettled_cost_usd: ['gauge', ['feature', 'task']],
  llm_tasks_unsettled: ['gauge', ['feature', 'task']],
  llm_tasks_reclassified_total: ['counter', RECLASSIFIED],
  llm_task_reclassified_cost_usd_total: ['counter', RECLASSIFIED],
  llm_wasted_cost_usd_total: ['counter', ['feature', 'reason']],
  llm_cache_savings_usd_total: ['counter', [...L, 'cache']],
  llm_budget_limit_usd: ['gauge', ['budget']],
  llm_budget_period_spend_usd: ['gauge', ['budget']],
  llm_budget_period_start_timestamp_seconds: ['gauge', ['budget']],
  llm_budget_period_end_timestamp_seconds: ['gauge', ['budget']],
  llm_budget_spend_usd_total: ['counter', ['budget']],
  llm_tenant_cost_usd_total: ['counter', ['tenant']],
};

const CONFIG = `tasks: { settle_after: 2s, settle_quiet: 1s }
budgets: [{ name: all, limit_usd: 10, period: day }]
tenants: { allow: [acme] }
`;

let folder: string;
let processor: RunningProcess;
let otlp = '';
let metrics = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-metrics-'));
  const config = join(folder, 'costspan.yaml');
  writeFileSync(config, CONFIG);
  const command = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
  const doors = ['--otlp-http', '127.0.0.1:0', '--otlp-grpc', '127.0.0.1:0', '--metrics', '127.0.0.1:0'];
  processor = startProcess(process.execPath, [command, 'processor', '--config', config, ...doors], {
    timeoutMs: TEST_LIMIT_MS,
  });
  const ready = await processor.waitForEvent('ready');
  otlp = readString(ready.otlp_http)!;
  metrics = readString(ready.metrics)!;
  await post(
    span(1, { 'costspan.task.id': 'won' }),
    span(2, { 'costspan.task.id': 'lost', 'error.type': 'timeout' }),
    span(3, { 'gen_ai.request.model': 'no-such-model', 'gen_ai.response.model': 'no-such-model' }),
    span(4, { 'costspan.task.id': 'open' }),
    task(5, 'won', 'success'),
    task(6, 'lost', 'failure'),
  );
});
afterAll(async () => {
  const ended = await processor.stop();
  rmSync(folder, { recursive: true, force: true });
  expect({ exitCode: ended.exitCode, signal: ended.signal }).toEqual({ exitCode: 0, signal: undefined });
});

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An inference span as any emitter of the conventions may write it. */
const span = (id: number, attributes: Attributes) =>
  render(id, 3, 'chat gpt-4o-mini', {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.response.time_to_first_chunk': 0.25,
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 200,
    'gen_ai.usage.cache_read.input_tokens': 600,
    'gen_ai.usage.reasoning.output_tokens': 50,
    'http.request.resend_count': 2,
    'costspan.feature': '/tickets/:id',
    'costspan.task.name': 'resolve-ticket',
    'costspan.user.tier': 'pro',
    'costspan.tenant': 'acme',
    ...attributes,
  });

const task = (id: number, taskId: string, outcome: string) =>
  render(id, 1, 'task resolve-ticket', {
    'costspan.feature': '/tickets/:id',
    'costspan.task.name': 'resolve-ticket',
    'costspan.task.id': taskId,
    'costspan.user.tier': 'pro',
    'costspan.task.outcome': outcome,
    'costspan.task.outcome.source': 'api',
  });

function render(id: number, kind: number, name: string, attributes: Attributes) {
  const startNs = BigInt(Date.now()) * 1_000_000n;
  return {
    traceId: '1'.repeat(32),
    spanId: String(id).padStart(16, '0'),
    name,
    kind,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 500_000_000n),
    status: 'error.type' in attributes ? { code: 2 } : {},
    attributes: renderAttributes(attributes),
  };
}

const renderAttributes = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: renderValue(value) }));

function renderValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

async function post(...spans: readonly object[]): Promise<void> {
  const resource = renderAttributes({ 'service.name': 'shop', 'deployment.environment.name': 'test' });
  const body = { resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ spans }] }] };
  const response = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
interface Scrape {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

async function scrape(): Promise<Scrape> {
  const lines = (await (await fetch(`${metrics}/metrics`)).text()).split('\n');
  const types = new Map(
    lines.flatMap((line) => {
      const match = /^# TYPE (\S+) (\S+)$/.exec(line);
      return match === null ? [] : [[match[1]!, match[2]!] as const];
    }),
  );
  const samples = lines.flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) return [];
    const labels = [...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const pairs = labels.map((label) => [label[1]!, label[2]!] as const);
    return [{ name: match[1]!, labels: Object.fromEntries(pairs), value: Number(match[3]) }];
  });
  return { types, samples };
}

const sum = ({ samples }: Scrape, name: string, of: Readonly<Record<string, string>> = {}): number =>
  samples
    .filter(
      (sample) =>
        sample.name === name && Object.entries(of).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((total, { value }) => total + value, 0);

/** Waits until all that was posted is through; each look is a scrape, and the first shows every series at 0. */
async function settled(successes: number, failures: number): Promise<Scrape> {
  let last = await scrape();
  await expect
    .poll(async () => {
      last = await scrape();
      const tasks = (outcome: string) => sum(last, 'llm_tasks_total', { outcome });
      return [sum(last, 'llm_calls_total'), tasks('success'), tasks('failure')];
    })
    .toEqual([4, successes, failures]);
  return last;
}

describe('the processor, seen from the outside', () => {
  it('serves every metric of the contract with its type and its labels, and no other of that prefix', async () => {
    await settled(1, 1);
    // The winner lost after all: a customer complained.
    const outcome = { task_id: 'won', outcome: 'failure', reason: 'complaint' };
    const response = await fetch(`${otlp}/v1/outcomes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(outcome),
    });
    expect(response.status).toBeLessThan(300);
    await expect.poll(async () => sum(await scrape(), 'llm_tasks_reclassified_total')).toBe(1);
    const { types, samples } = await scrape();
    const served = Object.fromEntries(
      [...types]
        .filter(([name]) => name.startsWith('llm_'))
        .map(([name, type]) => {
          const own = samples.filter(
            (sample) => sample.name.replace(/_(bucket|sum|count)$/, '') === name || sample.name === name,
          );
          const labels = [...new Set(own.flatMap((sample) => Object.keys(sample.labels)))];
          return [name, [type, labels.filter((label) => label !== 'le').sort()]];
        }),
    );
    const expected = Object.entries(TABLE).map(([name, [type, labels]]) => [
      name,
      [type, [...labels].sort()],
    ]);
    expect(served).toEqual(Object.fromEntries(expected));
  });

  it('holds the invariants', async () => {
    const all = await scrape();
    const settledCost = sum(all, 'llm_task_cost_usd_total');
    const unsettled = sum(all, 'llm_task_unsettled_cost_usd');
    expect(sum(all, 'llm_cost_usd_total')).toBeCloseTo(settledCost + unsettled, 12);
    // 3 priced calls: 400 new and 600 cached input tokens, 200 of output, at 0.15, 0.075 and 0.60 USD a million.
    const each = (400 * 0.15 + 600 * 0.075 + 200 * 0.6) / 1e6;
    expect(sum(all, 'llm_cost_usd_total')).toBeCloseTo(3 * each, 12);
    expect(sum(all, 'llm_tokens_total')).toBe(4 * 1200);
    expect(sum(all, 'llm_tokens_total', { token_type: 'reasoning' })).toBe(4 * 50);
    expect(sum(all, 'llm_retries_total')).toBe(4 * 2);
    expect(sum(all, 'llm_unpriced_calls_total')).toBe(1);
    expect(sum(all, 'llm_budget_spend_usd_total')).toBeCloseTo(3 * each, 12);
    expect(sum(all, 'llm_tenant_cost_usd_total', { tenant: 'acme' })).toBeCloseTo(3 * each, 12);
  });
});
