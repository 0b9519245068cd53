import { describe, expect, it } from 'vitest';
import { Aggregate, type CallRecord, renderMetrics, type TaskRecord } from '../src/index.ts';
import { call, createRandom, NOW_MS, parseExposition, sum, task } from './records.ts';

type Random = () => number;
const OUTCOMES = ['success', 'failure', 'abandoned'] as const;
const SOURCES = ['api', 'http', 'evaluation'] as const;
const FEATURES = ['chat', 'search', 'triage'];
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

type Event =
  | { kind: 'call'; call: CallRecord }
  | { kind: 'task'; task: TaskRecord }
  | { kind: 'outcome'; taskId: string; outcome: (typeof OUTCOMES)[number]; atMs: number };

function createEvents(random: Random, tasks: number): Event[] {
  const events: Event[] = [];
  for (let index = 0; index < tasks; index += 1) {
    const id = `task-${index}`;
    const count = Math.floor(random() * 4);
    for (let made = 0; made < count; made += 1) {
      const isTasked = random() < 0.85;
      const priced = random() < 0.9;
      const made = call({
        feature: pick(random, FEATURES),
        status: pick(random, ['ok', 'ok', 'ok', 'error', 'aborted'] as const),
        endMs: NOW_MS + Math.floor(random() * 1000),
        ...(isTasked ? { task: { id, name: 'resolve' } } : {}),
        costPicoUsd: Math.floor(random() * 9e15) % 7_000_000_000_003,
      });
      const { costPicoUsd: _, ...unpriced } = made;
      events.push({ kind: 'call', call: priced ? made : { ...unpriced, unpricedReason: 'unknown_model' } });
    }
    if (random() < 0.7) {
      const stated = random() < 0.6;
      const outcome = { outcome: pick(random, OUTCOMES), outcomeSource: pick(random, SOURCES) };
      const endMs = NOW_MS + Math.floor(random() * 1000);
      events.push({
        kind: 'task',
        task: task({ id, feature: pick(random, FEATURES), endMs, ...(stated ? outcome : {}) }),
      });
    }
    while (random() < 0.3) {
      const atMs = NOW_MS + Math.floor(random() * 1000);
      events.push({ kind: 'outcome', taskId: id, outcome: pick(random, OUTCOMES), atMs });
    }
  }
  return events;
}

function shuffle<T>(random: Random, values: readonly T[]): T[] {
  const shuffled = [...values];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}

function apply(aggregate: Aggregate, event: Event, nowMs: number): void {
  if (event.kind === 'call') aggregate.recordCall(event.call, nowMs);
  else if (event.kind === 'task') aggregate.recordTask(event.task, nowMs);
  else aggregate.recordOutcome({ taskId: event.taskId, outcome: event.outcome }, nowMs);
}

const costOf = (event: Event): bigint => (event.kind === 'call' ? BigInt(event.call.costPicoUsd ?? 0) : 0n);

describe('Σ cost of calls = settled + unsettled + untasked', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'at every step of a random history, to the pico-dollar (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const aggregate = new Aggregate({
        settleAfterMs: 4_000,
        settleQuietMs: 500,
        openTasks: 40,
        settledTasks: 1_000,
      });
      const events = shuffle(random, createEvents(random, 150));
      let nowMs = NOW_MS;
      let receivedPicoUsd = 0n;
      let previous = new Map<string, number>();
      for (const event of events) {
        nowMs += Math.floor(random() * 300);
        apply(aggregate, event, nowMs);
        receivedPicoUsd += costOf(event);
        if (random() < 0.2) aggregate.settle(nowMs);
        const totals = aggregate.totals();
        expect(totals.callsPicoUsd + totals.heldPicoUsd).toBe(receivedPicoUsd);
        expect(totals.settledPicoUsd + totals.unsettledPicoUsd + totals.untaskedPicoUsd).toBe(
          totals.callsPicoUsd,
        );
        if (random() < 0.1) previous = await scrape(aggregate, nowMs, previous);
      }
      nowMs += 60_000;
      for (let round = 0; round < 4; round += 1) previous = await scrape(aggregate, nowMs, previous);
      expect(aggregate.totals()).toMatchObject({
        callsPicoUsd: receivedPicoUsd,
        unsettledPicoUsd: 0n,
        heldPicoUsd: 0n,
      });
      expect(aggregate.openTasks).toBe(0);
    },
  );

  it('ends in the same numbers whatever the order of arrival', async () => {
    const random = createRandom(99);
    const events = createEvents(random, 120).filter((event) => event.kind !== 'outcome');
    const results = new Set<string>();
    for (let run = 0; run < 5; run += 1) {
      const aggregate = new Aggregate();
      for (const event of shuffle(random, events)) apply(aggregate, event, NOW_MS);
      const later = NOW_MS + 3_600_000;
      for (let round = 0; round < 3; round += 1) await renderMetrics(aggregate, later);
      const samples = [...parseExposition(await renderMetrics(aggregate, later))];
      // Series at 0 tell of labels that a task had for a while; money does not remember them.
      results.add(
        samples
          .filter(([, value]) => value !== 0)
          .map(([name, value]) => `${name} ${value}`)
          .sort()
          .join('\n'),
      );
    }
    expect(results.size).toBe(1);
  });
});

/** Scrapes, and holds what every scrape must hold against the one before. */
async function scrape(aggregate: Aggregate, nowMs: number, previous: Map<string, number>) {
  const samples = parseExposition(await renderMetrics(aggregate, nowMs, { isScrape: true }));
  for (const [name, value] of samples) {
    const isCounter = /^llm_\w+(_total|_count|_bucket)\{/.test(name);
    if (!isCounter) continue;
    expect(value, name).toBeGreaterThanOrEqual(previous.get(name) ?? 0);
  }
  const untaskedUsd =
    sum(samples, 'llm_cost_usd_total') -
    sum(samples, 'llm_task_cost_usd_total') -
    sum(samples, 'llm_task_unsettled_cost_usd');
  // The sums of a scrape are doubles; what they mean is checked to the pico-dollar above.
  expect(untaskedUsd).toBeGreaterThan(-1e-6);
  const wastedUsd = sum(samples, 'llm_wasted_cost_usd_total');
  expect(wastedUsd).toBeLessThanOrEqual(sum(samples, 'llm_cost_usd_total') + 1e-6);
  expect(sum(samples, 'llm_tenant_cost_usd_total')).toBeCloseTo(sum(samples, 'llm_cost_usd_total'), 6);
  return samples;
}
