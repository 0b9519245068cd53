import {
  Aggregate,
  isTaskId,
  type OutcomeRecord,
  type ReadOptions,
  readCallRecord,
  readEvaluation,
  readEvidenceRecord,
  readSingle,
  readTaskRecord,
  renderMetrics,
  type Snapshot,
  type SpanView,
} from '@costspan/aggregate';
import { type Config, OutcomeRules } from '@costspan/config';
import { ATTR, EVALUATION_EVENT, PROCESSOR_METRIC } from '@costspan/semconv';
import { Dedupe } from './dedupe.js';
import { Evaluations } from './evaluations.js';
import type { LogView } from './receive/logs.js';
import type { DecodeOptions, SpanBatch } from './receive/spans.js';

export interface ProcessorOptions {
  readonly config: Config;
  readonly price: ReadOptions['price'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A clock may be this far ahead of ours; what ends later is refused: its outcome would win over all others. */
const MAX_CLOCK_AHEAD_MS = 366 * 86_400_000;

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
  'invalid_task_id',
  'outcome_without_task',
  'evaluation_without_task',
  'internal',
] as const;

/** Spans in, metrics out: the state and the clock behind the doors. */
export class Processor {
  readonly aggregate: Aggregate;
  readonly #now: () => number;
  readonly #read: ReadOptions;
  readonly #rules: OutcomeRules;
  readonly #evaluations = new Evaluations();
  readonly #dedupe: Dedupe;
  readonly #rejected = new Map<string, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
  #spansReceived = 0;
  #bytesReceived = 0;
  #duplicates = 0;
  #lagMs = 0;

  constructor({ config, price, now }: ProcessorOptions) {
    const { tasks, limits, budgets, tenants, features } = config;
    this.#now = now;
    this.#rules = new OutcomeRules(tasks.outcome);
    this.#dedupe = new Dedupe({ maxSpans: limits.dedupeSpans, windowMs: limits.dedupeWindowMs });
    this.#read = {
      price,
      defaultFeature: features.default,
      labelChars: limits.labelChars,
      judge: this.#rules,
    };
    this.aggregate = new Aggregate({
      budgets,
      tenants,
      settleAfterMs: tasks.settleAfterMs,
      settleQuietMs: tasks.settleQuietMs,
      seriesPerMetric: limits.seriesPerMetric,
      openTasks: limits.openTasks,
      judge: this.#rules,
    });
  }

  /** What the doors decode, now. */
  get decodeOptions(): DecodeOptions {
    return { attributeNames: this.#rules.attributeNames, latestMs: this.#now() + MAX_CLOCK_AHEAD_MS };
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

  /** Takes the evaluations among the log records of one request of `bytes` bytes; returns how many name no task. */
  ingestLogs(logs: readonly LogView[], bytes: number): number {
    const nowMs = this.#now();
    this.#bytesReceived += bytes;
    let refused = 0;
    for (const log of logs) {
      if ((log.eventName || log.attributes[ATTR.EVENT_NAME]) !== EVALUATION_EVENT) continue;
      const bits = readEvaluation(log.attributes, this.#rules);
      const found = this.#evaluations.findTask(log, bits);
      if (found === 'none') refused += 1;
      else if (found !== 'waits' && bits !== 0n)
        this.aggregate.recordEvidence({ taskId: found.taskId, bits }, nowMs);
    }
    if (refused > 0) this.countRejected('evaluation_without_task', refused);
    return refused;
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
    const taskId = span.attributes[ATTR.TASK_ID];
    // Its cost still counts, outside of any task.
    if (taskId !== undefined && !isTaskId(taskId)) this.countRejected('invalid_task_id', 1);
    if (call === undefined && task === undefined) {
      const evidence = readEvidenceRecord(span, this.#rules);
      if (evidence !== undefined) this.aggregate.recordEvidence(evidence, nowMs);
      return;
    }
    if (!this.#dedupe.admit(span.traceId, span.spanId, nowMs)) {
      this.#duplicates += 1;
      return;
    }
    if (call !== undefined) this.aggregate.recordCall(call, nowMs);
    if (task !== undefined) this.aggregate.recordTask(task, nowMs);
    if (isTaskId(taskId) && this.#rules.asks('evaluation')) this.#noteSpan(span, taskId, nowMs);
  }

  /** For evaluations in logs, which name a span: those that have come, and those that will. */
  #noteSpan({ spanId, attributes }: SpanView, taskId: string, nowMs: number): void {
    const bits = this.#evaluations.note({ spanId, taskId, responseId: attributes[ATTR.RESPONSE_ID] });
    if (bits !== 0n) this.aggregate.recordEvidence({ taskId, bits }, nowMs);
  }

  #readOwnMetrics(): Snapshot[] {
    const unmatched = this.#rejected.get('evaluation_without_task') ?? 0;
    const rejected = new Map(this.#rejected)
      .set('outcome_without_task', this.aggregate.unmatchedOutcomes)
      .set('evaluation_without_task', unmatched + this.#evaluations.forgotten);
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
