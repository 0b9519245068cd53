import { type CallRecord, RowReader, readWrittenTask, type WrittenTask } from '@costspan/aggregate';
import { DEFAULT_CONFIG } from '@costspan/config';
import { call, NOW_MS, task } from '../../aggregate/test/records.ts';
import type { Entry } from '../src/entry.ts';
import { type BookedTask, readBookedTask } from '../src/ledger/booked-tasks.ts';
import type { SpanRecord } from '../src/span-record.ts';
import type { ProcessorState, StatePart } from '../src/state.ts';
import { readStateOptions, type StateOptions } from '../src/state-options.ts';

const { tasks, limits } = DEFAULT_CONFIG;
/** Small limits, short deadlines, a rule of every kind: a short history meets all of them. */
export const OPTIONS: StateOptions = readStateOptions({
  ...DEFAULT_CONFIG,
  budgets: [{ name: 'all', match: {}, limitPicoUsd: 10n ** 12n, period: 'day', timezone: 'Europe/Berlin' }],
  tenants: { allow: ['acme'], top: 1 },
  tasks: { ...tasks, settleAfterMs: 4_000, settleQuietMs: 500 },
  limits: { ...limits, seriesPerMetric: 40, openTasks: 30, dedupeSpans: 60, dedupeWindowMs: 20_000 },
});

const OUTCOMES = ['success', 'failure', 'abandoned'] as const;
const TASKS = 25;

/** Entries as a processor's doors would make them: calls, ends of tasks, duplicates, outcomes, scrapes, clock steps. */
export function createHistory(random: () => number, length: number, tasks = TASKS): Entry[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const seen: SpanRecord[] = [];
  let nowMs = NOW_MS;
  /** A call as others' emitters tell it: in a trace, perhaps told twice, its task somewhere around it. */
  const createTraced = ({ task: _, ...made }: CallRecord): SpanRecord => {
    const traceId = `${1 + Math.floor(random() * 9)}`.repeat(32);
    const parentSpanId = pick([
      '',
      ...seen.filter((span) => span.traceId === traceId).map((span) => span.spanId),
    ]);
    const id = `${traceId}-task`;
    const record = task({ id, endMs: nowMs });
    const candidate = { id, name: 'resolve', rank: 1, isFinal: random() < 0.5, record };
    const place = { traceId, spanId: made.spanId, parentSpanId };
    const isAround = random() < 0.3;
    const told: CallRecord = {
      ...made,
      traceId,
      parentSpanId,
      durationSeconds: pick([0.2, 0.25, 0.3]),
      emitter: pick(['langchain', 'openai', 'opentelemetry.instrumentation.langchain']),
      ...(random() < 0.5 ? { responseId: `answer-${Math.floor(random() * 6)}` } : {}),
      ...(random() < 0.7 ? { seeksTask: true as const } : {}),
    };
    const span: SpanRecord = {
      traceId,
      spanId: made.spanId,
      place: isAround ? { ...place, task: candidate } : place,
      ...(isAround ? {} : { call: told }),
    };
    seen.push(span);
    return span;
  };
  const createSpan = (): SpanRecord => {
    if (seen.length > 0 && random() < 0.15) return pick(seen);
    const id = `task-${Math.floor(random() * tasks)}`;
    const isEnd = random() < 0.25;
    const made = call({
      feature: pick(['chat', 'search']),
      tenant: pick(['acme', 'bolt', 'core', '']),
      // Clocks are ahead or behind, by an hour, a day, a month.
      endMs: nowMs + (random() < 0.2 ? pick([-31, -1, -1 / 24, 1 / 24, 1, 31]) * 86_400_000 : 0),
      ...(random() < 0.1 ? { sampleCount: pick([2, 10]), estimatedReason: 'sampled' as const } : {}),
      status: pick(['ok', 'ok', 'error', 'aborted'] as const),
      costPicoUsd: Math.floor(random() * 9e12),
      ...(random() < 0.8 ? { task: { id, name: 'resolve' } } : {}),
    });
    const { spanId } = made;
    if (random() < 0.4) return createTraced(made);
    const { traceId } = made;
    const ended = task({ id, endMs: nowMs, ...(random() < 0.5 ? { outcome: pick(OUTCOMES) } : {}) });
    const span = { traceId, spanId, ...(isEnd ? { task: ended } : { call: made }) };
    seen.push(span);
    return span;
  };
  return Array.from({ length }, (): Entry => {
    nowMs += Math.floor(random() * 400);
    const dice = random();
    if (dice < 0.6)
      return {
        kind: 'spans',
        nowMs,
        spans: Array.from({ length: 1 + Math.floor(random() * 4) }, createSpan),
      };
    if (dice < 0.7) {
      const outcome = { taskId: `task-${Math.floor(random() * tasks)}`, outcome: pick(OUTCOMES) };
      return { kind: 'outcome', nowMs, outcome };
    }
    if (dice < 0.82) return { kind: 'settle', nowMs };
    if (dice < 0.97) return { kind: 'scrape', nowMs };
    const byMs = Math.floor((random() - 0.5) * 86_400_000);
    nowMs += byMs;
    return { kind: 'clock', nowMs, byMs };
  });
}

/** The whole state as texts, one for each series, task and piece. */
export const printState = (state: ProcessorState): string[] => printParts([...state.readState()]);

export const printParts = (parts: readonly StatePart[]): string[] =>
  spellOut(parts).flatMap((part) => {
    const list: unknown[] = Object.values(part).find(Array.isArray) ?? [part];
    return list.map((one) => `${part.part} ${JSON.stringify(one, printValue)}`);
  });

interface SpeltPart {
  readonly part: string;
  readonly list?: readonly unknown[];
}

/** Rows as what they say, wherever in the state they stand: tasks in the order of their queues, then those in none. */
function spellOut(parts: readonly StatePart[]): SpeltPart[] {
  const rows = new RowReader();
  const ledgerRows = new RowReader();
  const tasks = new Map<number, WrittenTask>();
  const places = new Map<number, string>();
  const booked: BookedTask[] = [];
  const others: SpeltPart[] = [];
  for (const part of parts) {
    if (part.part === 'task_rows')
      for (const task of rows.rows(part.rows, readWrittenTask)) tasks.set(task.number, task);
    else if (part.part === 'ledger_rows') booked.push(...ledgerRows.rows(part.rows, readBookedTask));
    else if (part.part === 'task_queue') {
      const [queue, numbers] = part.queue;
      const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      for (let at = 0; at < numbers.length; at += 4) places.set(view.getInt32(at, true), queue);
    } else others.push(part);
  }
  const unqueued = [...tasks.keys()].filter((number) => !places.has(number));
  const idOf = (number: number): string => tasks.get(number)!.state.id;
  // Of tasks that are remembered no more several may have had the same id.
  const keyOf = (number: number): string => JSON.stringify(tasks.get(number)!.state, printValue);
  const ordered = [...places.keys(), ...unqueued.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))];
  const list = ordered.map((number) => {
    const { state, parent } = tasks.get(number)!;
    return { queue: places.get(number), state, parent: parent === undefined ? undefined : idOf(parent) };
  });
  const byId = booked.sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...others, { part: 'tasks', list }, { part: 'ledger', list: byId }];
}

/** In whatever order the fields of a record stand. */
const printValue = (_: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
};
