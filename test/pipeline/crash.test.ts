/**
 * The processor is killed with SIGKILL at random instants, while senders send and retry as exporters do and a scraper
 * scrapes. Whatever the instant: what was acknowledged counts once, and no scrape ever shows less than the one before.
 * `COSTSPAN_CRASHES=500` is the long mode.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS, TEST_LIMIT_MS, until } from '@costspan/testkit';
import { afterEach, expect, it } from 'vitest';
import { type ProcessorProcess, startProcessor } from './stack.ts';

const CRASHES = Number(process.env.COSTSPAN_CRASHES ?? 8);
const SENDERS = 4;
const SPANS_PER_REQUEST = 20;
/** A cent. */
const COST_USD = 0.01;
const CONFIG = 'tasks: { settle_after: 1s, settle_quiet: 1s }\n';
/** A start takes a second, and many on a machine that is busy with other work. */
const LIMIT_MS = TEST_LIMIT_MS + CRASHES * 20_000;

const folder = mkdtempSync(join(tmpdir(), 'costspan-crash-'));
let processor: ProcessorProcess;
afterEach(async () => {
  await processor.process.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = () => startProcessor(folder, { config: CONFIG, isDurable: true });

it(
  `counts what was acknowledged once, through ${CRASHES} kills`,
  async () => {
    processor = await start();
    const sent: Traffic = { requests: 0, scrapes: 0, isOver: false };
    const senders = Array.from({ length: SENDERS }, () => runSender(sent));
    const scrapes = runScraper(sent);
    for (let crash = 0; crash < CRASHES; crash += 1) {
      // Every second one a while after a scrape: what that has shown must not be lost.
      const { scrapes: before } = sent;
      while (crash % 2 === 1 && sent.scrapes === before) await sleep(10);
      await sleep(20 + Math.random() * 400);
      const { child } = processor.process;
      child.kill('SIGKILL');
      await processor.process.ended;
      processor = await start();
    }
    // There was something to lose, and the last one lives to take the rest.
    await until(() => sent.requests > CRASHES);
    sent.isOver = true;
    await Promise.all(senders);
    await scrapes;
    expect(sent.scrapes).toBeGreaterThanOrEqual(Math.floor(CRASHES / 2));

    const spans = sent.requests * SPANS_PER_REQUEST;
    const isSettled = (metrics: Map<string, number>) => sum(metrics, 'llm_tasks_unsettled') === 0;
    await expect.poll(async () => isSettled(await scrape(false))).toBe(true);
    const metrics = await scrape(false);
    expect(sum(metrics, 'llm_calls_total')).toBe(spans);
    // Every span of a request is of one task.
    expect(sum(metrics, 'llm_tasks_total')).toBe(sent.requests);
    expect(sum(metrics, 'llm_cost_usd_total')).toBeCloseTo(spans * COST_USD, 6);
    const answer = await fetch(`${processor.otlp}/api/v1/cost?from=2020-01-01&by=outcome`);
    const { rows } = (await answer.json()) as { rows: { cost_usd: string; calls: number; tasks: number }[] };
    const total = rows.reduce((cents, row) => cents + Math.round(Number(row.cost_usd) / COST_USD), 0);
    const count = (name: 'calls' | 'tasks') => rows.reduce((all, row) => all + row[name], 0);
    expect([total, count('calls'), count('tasks')]).toEqual([spans, spans, sent.requests]);
  },
  LIMIT_MS,
);

interface Traffic {
  requests: number;
  scrapes: number;
  isOver: boolean;
}

/** Sends requests of its own spans, each until it is acknowledged. */
async function runSender(sent: Traffic): Promise<void> {
  while (!sent.isOver) {
    const number = sent.requests;
    sent.requests += 1;
    const body = createRequest(number);
    while (!(await isTaken(body))) await sleep(20);
  }
}

async function isTaken(body: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${processor.otlp}/v1/traces`, { method: 'POST', headers, body, signal });
    await response.text();
    if (response.status !== 200 && response.status !== 503) throw new RangeError(`HTTP ${response.status}`);
    return response.status === 200;
  } catch (error) {
    // Killed, or not there yet: nobody knows what became of it, so it is sent again.
    if (error instanceof RangeError) throw error;
    return false;
  }
}

/** Scrapes as Prometheus does. Counters never go down, whoever died in between. */
async function runScraper(sent: Traffic): Promise<void> {
  let before = new Map<string, number>();
  while (!sent.isOver) {
    await sleep(30);
    const now = await scrape(true).catch(() => undefined);
    if (now === undefined) continue;
    sent.scrapes += 1;
    for (const [name, value] of before) {
      if (!/^llm_\w+(_total|_count|_sum|_bucket)\{/.test(name)) continue;
      if (!((now.get(name) ?? -1) >= value)) throw new Error(`${name}: ${value}, then ${now.get(name)}`);
    }
    before = now;
  }
}

async function scrape(isPrometheus: boolean): Promise<Map<string, number>> {
  const headers = isPrometheus ? { 'x-prometheus-scrape-timeout-seconds': '10' } : undefined;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(`${processor.metrics}/metrics`, { signal, ...(headers && { headers }) });
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

function sum(metrics: Map<string, number>, name: string): number {
  let total = 0;
  for (const [sample, value] of metrics) if (sample.split('{', 1)[0] === name) total += value;
  return total;
}

/** A task with its calls, every id its own; the first request of a feature brings new series. */
function createRequest(number: number): string {
  const traceId = (number + 1).toString(16).padStart(32, '0');
  const endMs = Date.now();
  const create = (index: number, attributes: Record<string, string | number>) => ({
    traceId,
    spanId: (index + 1).toString(16).padStart(16, '0'),
    name: index === 0 ? 'task resolve' : 'chat gpt-5',
    kind: index === 0 ? 1 : 3,
    startTimeUnixNano: `${endMs - 100}000000`,
    endTimeUnixNano: `${endMs}000000`,
    attributes: Object.entries({
      'costspan.task.id': `task-${number}`,
      'costspan.task.name': 'resolve',
      'costspan.feature': `feature-${number % 7}`,
      ...attributes,
    }).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
    })),
  });
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.usage.cost.amount': COST_USD,
    'gen_ai.usage.cost.currency': 'USD',
  };
  const outcome = { 'costspan.task.outcome': number % 3 === 0 ? 'failure' : 'success' };
  const calls = Array.from({ length: SPANS_PER_REQUEST }, (_, index) => create(index + 1, call));
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [create(0, outcome), ...calls] }] }] });
}
