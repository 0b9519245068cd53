import { describe, expect, it } from 'vitest';
import {
  Aggregate,
  type AggregateOptions,
  type CallRecord,
  renderMetrics,
  type SpanPlace,
  type TaskRecord,
} from '../src/index.ts';
import { call, createRandom, NOW_MS, task } from './records.ts';

type Random = () => number;
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const SERVICES = ['shop', 'worker', 'gateway'];
const OUTCOMES = ['success', 'failure', 'abandoned'] as const;
const OPTIONS: Partial<AggregateOptions> = { settleAfterMs: 4_000, settleQuietMs: 400, openTasks: 40 };

type Event =
  | { kind: 'span'; place: SpanPlace; call?: CallRecord; task?: TaskRecord }
  | { kind: 'outcome'; taskId: string; outcome: (typeof OUTCOMES)[number] }
  | { kind: 'scrape' };

/** One trace through some processes: a request, perhaps an agent in it, calls below, some told by two layers. */
function createTrace(random: Random, index: number): Event[] {
  const traceId = (index + 1).toString(16).padStart(32, '0');
  let spans = 0;
  const events: Event[] = [];
  const spanId = () => {
    spans += 1;
    return `${index.toString(16).padStart(8, '0')}${spans.toString(16).padStart(8, '0')}`;
  };
  const candidate = (id: string, rank: number) => ({
    id: `${traceId}-${id}`,
    name: rank === 1 ? 'POST /tickets' : 'invoke_agent Refunds',
    rank,
    isFinal: rank === 1,
    record: task({
      id: `${traceId}-${id}`,
      name: rank === 1 ? 'POST /tickets' : 'invoke_agent Refunds',
      ...(random() < 0.5 ? { outcome: pick(random, OUTCOMES), outcomeSource: 'http' as const } : {}),
    }),
  });
  const root = spanId();
  const isServed = random() < 0.7;
  const rootTask = isServed ? { task: candidate(root, 1) } : {};
  events.push({ kind: 'span', place: { traceId, spanId: root, parentSpanId: '', ...rootTask } });
  const agent = spanId();
  events.push({
    kind: 'span',
    place: { traceId, spanId: agent, parentSpanId: root, task: candidate(agent, 2) },
  });
  for (let made = 0; made < 1 + random() * 4; made += 1) {
    const named = random() < 0.4 ? { id: `task-${Math.floor(random() * 60)}`, name: 'resolve' } : undefined;
    const common = {
      traceId,
      service: pick(random, SERVICES),
      status: pick(random, ['ok', 'ok', 'ok', 'error', 'aborted'] as const),
      costPicoUsd: Math.floor(random() * 9e15) % 7_000_000_000_003,
      ...(named === undefined ? { seeksTask: true as const } : { task: named }),
    };
    const outer = spanId();
    const inner = spanId();
    const isLayered = random() < 0.3;
    const told = (id: string, parentSpanId: string): Event => ({
      kind: 'span',
      place: { traceId, spanId: id, parentSpanId },
      call: call({ ...common, spanId: id, parentSpanId, emitter: isLayered && id === outer ? 'a' : 'b' }),
    });
    events.push(told(outer, random() < 0.5 ? agent : root));
    if (isLayered) events.push(told(inner, outer));
  }
  return events;
}

function createHistory(random: Random, traces: number): Event[] {
  const events: Event[] = [];
  for (let index = 0; index < traces; index += 1) events.push(...createTrace(random, index));
  for (let index = 0; index < 60; index += 1) {
    const id = `task-${index}`;
    if (random() < 0.7)
      events.push({
        kind: 'span',
        place: { traceId: 'f'.repeat(32), spanId: id.padStart(16, '0'), parentSpanId: '' },
        task: task({ id, ...(random() < 0.5 ? { outcome: pick(random, OUTCOMES) } : {}) }),
      });
    while (random() < 0.3) events.push({ kind: 'outcome', taskId: id, outcome: pick(random, OUTCOMES) });
  }
  for (let scrapes = 0; scrapes < 20; scrapes += 1) events.push({ kind: 'scrape' });
  return events
    .map((event) => ({ event, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event);
}

function apply(aggregate: Aggregate, event: Event, nowMs: number): void {
  if (event.kind === 'outcome') aggregate.recordOutcome(event, nowMs);
  else if (event.kind === 'scrape') aggregate.markScraped(nowMs);
  else {
    aggregate.recordPlaces([event.place], nowMs);
    if (event.call !== undefined) aggregate.recordCall(event.call, nowMs);
    if (event.task !== undefined) aggregate.recordTask(event.task, nowMs);
  }
  aggregate.settle(nowMs);
}

const restart = (aggregate: Aggregate): Aggregate =>
  Aggregate.restore(structuredClone([...aggregate.readState()]), OPTIONS);

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('traces through processes (seed %i)', (seed) => {
  it('add up at every step, and restarts and reloads change nothing', async () => {
    const random = createRandom(seed);
    const history = createHistory(random, 60);
    const steady = new Aggregate(OPTIONS);
    let restarted = new Aggregate(OPTIONS);
    let nowMs = NOW_MS;
    let settledTasks = 0;
    for (const event of history) {
      nowMs += Math.floor(random() * 150);
      apply(steady, event, nowMs);
      apply(restarted, event, nowMs);
      if (random() < 0.1) restarted = restart(restarted);
      else if (random() < 0.2) restarted = restarted.under(OPTIONS, (bits) => bits);
      const { callsPicoUsd, settledPicoUsd, unsettledPicoUsd, untaskedPicoUsd } = restarted.totals();
      expect(settledPicoUsd + unsettledPicoUsd + untaskedPicoUsd).toBe(callsPicoUsd);
      const settled = countSettled(restarted);
      expect(settled).toBeGreaterThanOrEqual(settledTasks);
      settledTasks = settled;
    }
    for (let round = 0; round < 4; round += 1) {
      nowMs += 60_000;
      for (const aggregate of [steady, restarted]) {
        aggregate.settle(nowMs);
        aggregate.markScraped(nowMs);
      }
    }
    expect(restarted.totals()).toEqual(steady.totals());
    expect(await renderSorted(restarted, nowMs)).toEqual(await renderSorted(steady, nowMs));
    expect(steady.totals()).toMatchObject({ unsettledPicoUsd: 0n, heldPicoUsd: 0n });
    expect(settledTasks).toBeGreaterThan(0);
  });
});

/** The order of lines is that in which series were first needed. */
const renderSorted = async (aggregate: Aggregate, nowMs: number): Promise<string[]> =>
  (await renderMetrics(aggregate, nowMs)).split('\n').sort();

function countSettled(aggregate: Aggregate): number {
  const set = aggregate.series.find(({ definition }) => definition.name === 'llm_tasks_total');
  let count = 0;
  for (const { value } of set?.values() ?? []) count += Number(value);
  return count;
}
