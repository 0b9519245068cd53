import {
  Aggregate,
  type OutcomeRecord,
  type ReadOptions,
  readCallRecord,
  readSingle,
  readTaskRecord,
  renderMetrics,
  type Snapshot,
  type SpanView,
} from '@costspan/aggregate';
import { type Config, evaluateOutcome } from '@costspan/config';
import { PROCESSOR_METRIC } from '@costspan/semconv';
import { Dedupe } from './dedupe.js';
import type { SpanBatch } from './receive/spans.js';

export interface ProcessorOptions {
  readonly config: Config;
  readonly price: ReadOptions['price'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Reasons that are known beforehand, so that their counters are born at 0. */
const REJECTION_REASONS = [
  'malformed',
  'too_large',
  'unsupported_type',
  'unsupported_encoding',
  'method_not_allowed',
  'unknown_path',
  'cut_off',
  'invalid_outcome',
  'invalid_trace_id',
  'invalid_span_id',
  'invalid_time',
  'outcome_without_task',
  'internal',
] as const;

/** Spans in, metrics out: the state and the clock behind the doors. */
export class Processor {
  readonly aggregate: Aggregate;
  readonly #now: () => number;
  readonly #read: ReadOptions;
  readonly #dedupe: Dedupe;
  readonly #rejected = new Map<string, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
  #spansReceived = 0;
  #bytesReceived = 0;
  #duplicates = 0;
  #lagMs = 0;

  constructor({ config, price, now }: ProcessorOptions) {
    const { tasks, limits, budgets, tenants, features } = config;
    this.#now = now;
    this.#dedupe = new Dedupe({ maxSpans: limits.dedupeSpans, windowMs: limits.dedupeWindowMs });
    this.#read = {
      price,
      defaultFeature: features.default,
      labelChars: limits.labelChars,
      decideOutcome: (facts) => evaluateOutcome(tasks.outcome, facts),
    };
    this.aggregate = new Aggregate({
      budgets,
      tenants,
      settleAfterMs: tasks.settleAfterMs,
      settleQuietMs: tasks.settleQuietMs,
      seriesPerMetric: limits.seriesPerMetric,
      openTasks: limits.openTasks,
    });
  }

  /** Counts the spans of one request of `bytes` bytes. */
  ingest(batch: SpanBatch, bytes: number): void {
    const nowMs = this.#now();
    this.#bytesReceived += bytes;
    this.#spansReceived += batch.spans.length + batch.rejected.length;
    for (const reason of batch.rejected) this.countRejected(reason, 1);
    let newestMs = 0;
    for (const span of batch.spans) {
      newestMs = Math.max(newestMs, span.endMs);
      this.#record(span, nowMs);
    }
    if (newestMs > 0) this.#lagMs = Math.max(0, nowMs - newestMs);
  }

  recordOutcome(outcome: OutcomeRecord): void {
    this.aggregate.recordOutcome(outcome, this.#now());
  }

  countRejected(reason: string, count: number): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
  }

  /** Settles what is due; call it about once a second. */
  settle(): void {
    this.aggregate.settle(this.#now());
  }

  /** `isScrape`: a time series database reads it. */
  renderMetrics(isScrape: boolean): Promise<string> {
    return renderMetrics(this.aggregate, this.#now(), { more: this.#readOwnMetrics(), isScrape });
  }

  #record(span: SpanView, nowMs: number): void {
    const call = readCallRecord(span, this.#read);
    const task = readTaskRecord(span, this.#read);
    if (call === undefined && task === undefined) return;
    if (!this.#dedupe.admit(span.traceId, span.spanId, nowMs)) {
      this.#duplicates += 1;
      return;
    }
    if (call !== undefined) this.aggregate.recordCall(call, nowMs);
    if (task !== undefined) this.aggregate.recordTask(task, nowMs);
  }

  #readOwnMetrics(): Snapshot[] {
    const rejected = new Map(this.#rejected).set('outcome_without_task', this.aggregate.unmatchedOutcomes);
    return [
      readSingle(PROCESSOR_METRIC.SPANS_RECEIVED, this.#spansReceived),
      readSingle(PROCESSOR_METRIC.DUPLICATES, this.#duplicates),
      readSingle(PROCESSOR_METRIC.RECEIVED_BYTES, this.#bytesReceived),
      readSingle(PROCESSOR_METRIC.LAG, this.#lagMs / 1000),
      {
        definition: PROCESSOR_METRIC.REJECTED,
        samples: [...rejected].map(([reason, value]) => ({ labels: { reason }, value })),
      },
    ];
  }
}
