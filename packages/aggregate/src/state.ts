import type { Weight } from './read/weight.js';
import type { CallRecord, NestedSpan, SpanEvidence, TaskCandidate, TaskRecord } from './records.js';
import { readSeriesState, type SeriesAmounts, type SeriesSet, type SeriesState } from './series/series.js';
import type { SessionState } from './tasks/sessions.js';
import type { TaskPart, TaskReading } from './tasks/task-state.js';
import type { SpanNodeState } from './traces/span-table.js';

/**
 * A part of all that an aggregate knows, as plain data: objects, arrays, texts, numbers, bigints, bytes. Together the parts
 * of `Aggregate.readState` make the same aggregate again.
 */
export type AggregatePart = OtherPart | TaskPart;

/** The parts beside those of tasks. */
export type OtherPart =
  | { readonly part: 'totals'; readonly totals: StateTotals }
  | {
      readonly part: 'series';
      readonly metric: string;
      readonly overflow: number;
      readonly series: readonly SeriesState[];
    }
  | { readonly part: 'tenants'; readonly tenants: TenantState }
  | { readonly part: 'periods'; readonly periods: readonly PeriodState[] }
  | { readonly part: 'sessions'; readonly sessions: readonly SessionState[] }
  | {
      readonly part: 'relayed_tasks';
      readonly tasks: readonly (readonly [id: string, state: RelayedTaskState])[];
    }
  | { readonly part: 'traces'; readonly traces: TraceState }
  | { readonly part: 'waiting'; readonly held: readonly HeldState[]; readonly lastScrapeMs?: number };

/** Some of the places of spans, of the spans that may be tasks, and of the calls that look for theirs. */
export interface TraceState {
  readonly nodes?: readonly SpanNodeState[];
  readonly candidates?: readonly (readonly [spanId: string, task: TaskCandidate])[];
  readonly features?: readonly (readonly [spanId: string, feature: string])[];
  readonly sightings?: readonly (readonly [key: string, alike: readonly Sighting[]])[];
  readonly searches?: readonly SearchState[];
}

/** A call that was counted, as another emitter may tell it again. */
export interface Sighting {
  /** Of its trace and its span. It stands under several keys, and what is claimed of it by the one holds for the others. */
  readonly id: string;
  readonly emitter: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly weight: Weight;
  readonly responseId?: string;
  readonly relay?: RelayState;
  /** Emitters that have told it again. */
  readonly claimedBy: string[];
}

/** What costspan's report of a call is known by as that of a gateway, or of the service that asks one. */
export interface RelayState {
  readonly sentTo?: string;
  readonly askedAt?: string;
  readonly model: string;
  /** Tokens. */
  readonly input: number;
  readonly output: number;
  /** Bits of `LINK`. */
  readonly links: number;
}

/** Of a call, of one that waits for its feature or its twin, uncounted, or of a span of another kind. */
export interface SearchState {
  readonly call?: CallRecord;
  readonly featureless?: CallRecord;
  readonly twin?: true;
  readonly span?: SpanEvidence | NestedSpan;
  readonly best: TaskCandidate | undefined;
  readonly atMs: number;
}

/** Sums, pico-USD, and counts that no series holds. */
export interface StateTotals {
  readonly callsPicoUsd: bigint;
  readonly untaskedPicoUsd: bigint;
  readonly settledPicoUsd: bigint;
  readonly unsettledPicoUsd: bigint;
  readonly unmatchedOutcomes: number;
}

/** Of a request to a gateway. */
export interface RelayedTaskState {
  /** Its calls that wait for the report of the service that asks. */
  readonly waiting: number;
  /** The end of its task, while there are some. */
  readonly record?: TaskRecord;
}

/** What is known of tenants. */
export interface TenantState {
  readonly totals: readonly (readonly [tenant: string, picoUsd: bigint])[];
  readonly dearest: readonly string[];
}

/** The spend of one budget in one period. */
export interface PeriodState {
  readonly labels: readonly string[];
  readonly amounts: SeriesAmounts;
}

/** A record that waits for a scrape. */
export interface HeldState {
  readonly waiting: WaitingState;
  readonly sinceMs: number;
}

/** A call with the labels of its tenant and its budgets. */
export interface WaitingCallState {
  readonly call: CallRecord;
  readonly tenant?: readonly string[];
  readonly budgets: readonly (readonly string[])[];
}

/** A call, or amounts of metrics that no sum of money holds. */
export type WaitingState = WaitingCallState | { readonly bookings: readonly BookingState[] };

export interface BookingState {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly amount: number | bigint;
}

/** So many of a kind are in one part: few enough that reading one takes a moment only. */
const CHUNK = 500;

/** What comes one by one, in lists. */
export function* chunk<T>(values: Iterable<T>, size = CHUNK): IterableIterator<T[]> {
  let list: T[] = [];
  for (const value of values) {
    list.push(value);
    if (list.length < size) continue;
    yield list;
    list = [];
  }
  if (list.length > 0) yield list;
}

/** The series of one metric as they are now. */
export function readSeriesSet(set: SeriesSet): OtherPart[] {
  const { definition, overflow } = set;
  return [...chunk(set.values())].map((list) => ({
    part: 'series',
    metric: definition.name,
    overflow: overflow.count,
    series: list.map(readSeriesState),
  }));
}

/** Brings them back; those of a metric that is no more are let go. */
export function restoreSeries(
  sets: readonly SeriesSet[],
  { metric, overflow, series }: AggregatePart & { part: 'series' },
): void {
  const set = sets.find(({ definition }) => definition.name === metric);
  if (set === undefined) return;
  set.overflow.count = overflow;
  for (const one of series) set.restore(one);
}

/** Parts of which there are not many: those that stand before the tasks, and what waits, which stands behind them. */
export interface FewParts {
  readonly before: readonly OtherPart[];
  readonly waiting: OtherPart;
}

/** Tasks and traces are read as they are taken: there are many of them. */
export function* joinParts(
  { before, waiting }: FewParts,
  { tasks, traces }: { readonly tasks: TaskReading; readonly traces: Iterable<TraceState> },
): IterableIterator<AggregatePart> {
  yield* before;
  for (const rows of tasks.parts) yield { part: 'task_rows', rows };
  for (const queue of tasks.queues) yield { part: 'task_queue', queue };
  yield waiting;
  for (const some of traces) yield { part: 'traces', traces: some };
}
