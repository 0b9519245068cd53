/** Spans of one trace as they arrive: their places, and the calls that they tell. */
import type { Aggregate, CallRecord, SpanPlace, TaskCandidate } from '../src/index.ts';
import { call, NOW_MS, task } from './records.ts';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const id = (name: string): string => name.padStart(16, '0');
export const placeOf = (name: string, parent: string, own?: TaskCandidate): SpanPlace => ({
  traceId: TRACE,
  spanId: id(name),
  parentSpanId: parent === '' ? '' : id(parent),
  ...(own === undefined ? {} : { task: own }),
});
export const candidate = (name: string, rank: number, isFinal = rank === 0): TaskCandidate => ({
  id: `${TRACE}-${id(name)}`,
  name: `task of ${name}`,
  rank,
  isFinal,
  record: task({ id: `${TRACE}-${id(name)}`, name: `task of ${name}`, outcome: 'success' }),
});
export const callOf = (name: string, parent: string, differs: Partial<CallRecord> = {}): CallRecord =>
  call({
    traceId: TRACE,
    spanId: id(name),
    parentSpanId: parent === '' ? '' : id(parent),
    seeksTask: true,
    ...differs,
  });

/** One span as it arrives: its place, and what it tells. */
export type Arrival = { place: SpanPlace; call?: CallRecord };
export const arrivalOf = (own: CallRecord): Arrival => ({
  place: { traceId: own.traceId, spanId: own.spanId, parentSpanId: own.parentSpanId ?? '' },
  call: own,
});

export function arrive(aggregate: Aggregate, batch: readonly Arrival[], nowMs = NOW_MS): void {
  aggregate.recordPlaces(
    batch.map(({ place }) => place),
    nowMs,
  );
  for (const { call: own } of batch) if (own !== undefined) aggregate.recordCall(own, nowMs);
}

export const tasksOf = (aggregate: Aggregate): Record<string, bigint> =>
  Object.fromEntries(
    [...aggregate.tasks].map(({ id: taskId, costPicoUsd }) => [taskId.slice(-2), costPicoUsd]),
  );

export const CENT = 10_000_000_000n;
