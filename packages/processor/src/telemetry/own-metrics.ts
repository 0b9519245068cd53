import { isTaskId, readSingle, type Snapshot, type SuspectedCalls } from '@costspan/aggregate';
import { ATTR, PROCESSOR_METRIC } from '@costspan/semconv';
import type { SpanBatch, SpanLimit } from '../receive/spans.js';
import type { ProcessorState } from '../state.js';
import type { StoreHealth } from '../store/store.js';

/** Reasons that are known beforehand, so that their counters are born at 0. */
const REJECTION_REASONS = [
  'malformed',
  'too_large',
  'unsupported_type',
  'unsupported_encoding',
  'method_not_allowed',
  'unknown_path',
  'cut_off',
  'timed_out',
  'too_many_connections',
  'invalid_outcome',
  'invalid_query',
  'no_ledger',
  'invalid_trace_id',
  'invalid_span_id',
  'invalid_time',
  'misnamed_fields',
  'invalid_task_id',
  'outcome_without_task',
  'evaluation_without_task',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'overloaded',
  'decoder_ended',
  'not_durable_overloaded',
  'not_durable_disk',
  'not_durable_closed',
  'internal',
] as const;

/** Limits that cut or leave out, and count that. */
export type TruncatingLimit = SpanLimit | 'label_chars' | 'call_tokens';

/** What is counted nowhere else. */
interface Known {
  readonly state: ProcessorState;
  readonly priceVersion: string;
  readonly health: StoreHealth | undefined;
  /** A time series database reads it: what is shown now for the first time is at 0. */
  readonly isScrape: boolean;
}

/** What is counted of one request with spans. */
export interface Received extends Pick<SpanBatch, 'rejected'> {
  readonly bytes: number;
  readonly spans: number;
  /** Spans with the id of a task that is none: their cost still counts, outside of any task. */
  readonly invalidTaskIds: number;
  /** When the last of them ended; 0 where there is none. */
  readonly newestMs: number;
}

/** Read before the spans are made durable, so that nobody has to keep them for so long. */
export function readReceived({ spans, rejected }: SpanBatch): Omit<Received, 'bytes'> {
  let [invalidTaskIds, newestMs] = [0, 0];
  for (const { endMs, attributes } of spans) {
    newestMs = Math.max(newestMs, endMs);
    const taskId = attributes[ATTR.TASK_ID];
    if (taskId !== undefined && !isTaskId(taskId)) invalidTaskIds += 1;
  }
  return { spans: spans.length + rejected.length, rejected, invalidTaskIds, newestMs };
}

/** What the processor counts of its own work, since it began. */
export class OwnMetrics {
  readonly #rejected = new Map<string, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
  readonly #truncated: Record<TruncatingLimit, number> = {
    label_chars: 0,
    call_tokens: 0,
    span_attributes: 0,
    span_events: 0,
  };
  /** Pairs that a time series database has seen: its `increase()` begins with what is shown after that. */
  readonly #shown = new WeakSet<SuspectedCalls>();
  #spansReceived = 0;
  #bytesReceived = 0;
  #lagMs = 0;

  countRejected(reason: string, count: number): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
  }

  countTruncated(limit: TruncatingLimit, count: number): void {
    this.#truncated[limit] += count;
  }

  countBytes(bytes: number): void {
    this.#bytesReceived += bytes;
  }

  countReceived({ bytes, spans, rejected, invalidTaskIds, newestMs }: Received, nowMs: number): void {
    this.countBytes(bytes);
    this.#spansReceived += spans;
    for (const reason of rejected) this.countRejected(reason, 1);
    if (invalidTaskIds > 0) this.countRejected('invalid_task_id', invalidTaskIds);
    if (newestMs > 0) this.#lagMs = Math.max(0, nowMs - newestMs);
  }

  read({ state, priceVersion, health, isScrape }: Known): Snapshot[] {
    const { nestedCalls, tasksClosedEarly, tasklessCalls, suspected } = state.aggregate.work;
    return [
      readSingle(PROCESSOR_METRIC.SPANS_RECEIVED, this.#spansReceived),
      readSingle(PROCESSOR_METRIC.DUPLICATES, state.duplicates),
      readSingle(PROCESSOR_METRIC.NESTED_CALLS, nestedCalls),
      this.#readSuspected(suspected, isScrape),
      readSingle(PROCESSOR_METRIC.TASKS_CLOSED_EARLY, tasksClosedEarly),
      readSingle(PROCESSOR_METRIC.TASKLESS_CALLS, tasklessCalls),
      readSingle(PROCESSOR_METRIC.RECEIVED_BYTES, this.#bytesReceived),
      readSingle(PROCESSOR_METRIC.LAG, this.#lagMs / 1000),
      {
        definition: PROCESSOR_METRIC.PRICE_TABLE,
        samples: [{ labels: { version: priceVersion }, value: 1 }],
      },
      this.#readRejected(state),
      {
        definition: PROCESSOR_METRIC.TRUNCATED,
        samples: Object.entries(this.#readTruncated(state)).map(([limit, value]) => ({
          labels: { limit },
          value,
        })),
      },
      ...(health === undefined ? [] : readStoreMetrics(health)),
    ];
  }

  #readSuspected(suspected: readonly SuspectedCalls[], isScrape: boolean): Snapshot {
    const samples = suspected.map((pair) => {
      const { service, gateway, calls } = pair;
      const value = isScrape && !this.#shown.has(pair) ? 0 : calls;
      if (isScrape) this.#shown.add(pair);
      return { labels: { service, gateway }, value };
    });
    return { definition: PROCESSOR_METRIC.SUSPECTED_CALLS, samples };
  }

  #readTruncated({ forgottenSpans, aggregate }: ProcessorState): Readonly<Record<string, number>> {
    return { ...this.#truncated, dedupe_spans: forgottenSpans, settled_tasks: aggregate.work.tasksForgotten };
  }

  #readRejected({ aggregate, forgottenEvaluations }: ProcessorState): Snapshot {
    const unmatched = this.#rejected.get('evaluation_without_task') ?? 0;
    const rejected = new Map(this.#rejected)
      .set('outcome_without_task', aggregate.unmatchedOutcomes)
      .set('evaluation_without_task', unmatched + forgottenEvaluations);
    const samples = [...rejected].map(([reason, value]) => ({ labels: { reason }, value }));
    return { definition: PROCESSOR_METRIC.REJECTED, samples };
  }
}

const readStoreMetrics = (health: StoreHealth): Snapshot[] => [
  readSingle(PROCESSOR_METRIC.WAL_BYTES, health.logBytes),
  readSingle(PROCESSOR_METRIC.WAL_QUEUE_BYTES, health.queueBytes),
  readSingle(PROCESSOR_METRIC.WAL_TRUNCATED_BYTES, health.truncatedBytes),
  readSingle(PROCESSOR_METRIC.WAL_FAILURES, health.failures),
  readSingle(PROCESSOR_METRIC.STATE_KEPT, health.keptAtMs / 1000),
];
