import {
  type Aggregate,
  isTaskId,
  type MetricsFormat,
  type OutcomeRecord,
  type ReadOptions,
  readEvaluation,
  readSingle,
  readSnapshots,
  renderSnapshots,
  type Snapshot,
} from '@costspan/aggregate';
import type { Config } from '@costspan/config';
import { PRICE_TABLE_VERSION } from '@costspan/pricing';
import { ATTR, PROCESSOR_METRIC } from '@costspan/semconv';
import { type Entry, encodeEntry, type SpanRecord } from './entry.js';
import { type EvaluationRecord, readEvaluationRecord } from './evaluations.js';
import type { LogView } from './receive/logs.js';
import { type DecodeOptions, innerFirst, type SpanBatch, type SpanLimit } from './receive/spans.js';
import { createReading, readSpanRecord } from './span-record.js';
import { ProcessorState, readStateOptions } from './state.js';
import { type Journal, MEMORY_JOURNAL, NotDurableError } from './store/journal.js';
import type { StoreHealth } from './store/store.js';

export interface ProcessorOptions {
  readonly config: Config;
  readonly price: ReadOptions['price'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A state with a log under it; without one everything is in memory. */
  readonly store?: {
    readonly state: ProcessorState;
    readonly journal: Journal;
    readonly health: StoreHealth;
    /** Drift and corrections of its ledger. */
    readAudit?(): Snapshot[];
  };
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
  'invalid_query',
  'no_ledger',
  'invalid_trace_id',
  'invalid_span_id',
  'invalid_time',
  'invalid_task_id',
  'outcome_without_task',
  'evaluation_without_task',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'overloaded',
  'not_durable_overloaded',
  'not_durable_disk',
  'not_durable_closed',
  'internal',
] as const;

/** Limits that cut or leave out, and count that. */
type TruncatingLimit = SpanLimit | 'label_chars';

/** Spans in, metrics out: the state behind the doors, its log and the clock. */
export class Processor {
  readonly #wall: () => number;
  /** By how much the clock was set, until that is noted: so long, time goes on as if nobody had. */
  #stepMs = 0;
  /** Whoever changes the state meanwhile waits: what comes before the note is of the old time, what comes after of the new. */
  #noting: Promise<void> | undefined;
  readonly #state: ProcessorState;
  readonly #journal: Journal;
  readonly #store: ProcessorOptions['store'];
  #read: ReturnType<typeof createReading>;
  #limits: Config['limits'];
  #priceVersion: string;
  readonly #rejected = new Map<string, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
  readonly #truncated: Record<TruncatingLimit, number> = {
    label_chars: 0,
    span_attributes: 0,
    span_events: 0,
  };
  #spansReceived = 0;
  #bytesReceived = 0;
  #lagMs = 0;

  constructor({ config, price, now, store }: ProcessorOptions) {
    this.#wall = now;
    this.#store = store;
    this.#state = store?.state ?? new ProcessorState(readStateOptions(config));
    this.#journal = store?.journal ?? MEMORY_JOURNAL;
    this.#read = createReading(config, price);
    this.#limits = config.limits;
    this.#priceVersion = readPriceVersion(config);
  }

  get aggregate(): Aggregate {
    return this.#state.aggregate;
  }

  /** What the doors decode, now. */
  get decodeOptions(): DecodeOptions {
    const { attributeNames } = this.#state.rules;
    const { spanAttributes, spanEvents } = this.#limits;
    const latestMs = this.#now() + MAX_CLOCK_AHEAD_MS;
    return { attributeNames, spanAttributes, spanEvents, latestMs, onLimit: this.#noteTruncated };
  }

  /** Counts the spans of one request of `bytes` bytes; resolves when they are durable and can be seen. */
  async ingest(batch: SpanBatch, bytes: number): Promise<void> {
    const spans = this.#readSpans(batch);
    if (spans.length > 0) await this.#commit((nowMs) => ({ kind: 'spans', nowMs, spans }));
    this.#noteReceived(batch, bytes);
  }

  #readSpans(batch: SpanBatch): SpanRecord[] {
    let isCut = false;
    const onLabelCut = () => {
      isCut = true;
    };
    const read = { ...this.#read, judge: this.#state.rules, onLabelCut };
    return [...batch.spans].sort(innerFirst).flatMap((span) => {
      isCut = false;
      const record = readSpanRecord(span, read);
      if (isCut) this.#noteTruncated('label_chars');
      return record ?? [];
    });
  }

  readonly #noteTruncated = (limit: TruncatingLimit): void => {
    this.#truncated[limit] += 1;
  };

  /** Takes the evaluations of one request of `bytes` bytes; resolves to how many name no task. */
  async ingestLogs(logs: readonly LogView[], bytes: number): Promise<number> {
    const evaluations: EvaluationRecord[] = [];
    let refused = 0;
    for (const log of logs) {
      const record = readEvaluationRecord(log, readEvaluation(log.attributes, this.#state.rules));
      if (record === undefined) refused += 1;
      else if (record.bits !== 0n) evaluations.push(record);
    }
    if (evaluations.length > 0) await this.#commit((nowMs) => ({ kind: 'evaluations', nowMs, evaluations }));
    this.#bytesReceived += bytes;
    if (refused > 0) this.countRejected('evaluation_without_task', refused);
    return refused;
  }

  recordOutcome(outcome: OutcomeRecord): Promise<void> {
    return this.#commit((nowMs) => ({ kind: 'outcome', nowMs, outcome }));
  }

  countRejected(reason: string, count: number): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
  }

  /** Settles what is due, and tries a disk that failed whether it works again; call it about once a second. */
  async settle(): Promise<void> {
    if (this.#stepMs !== 0) await this.#noteClock();
    const isFailing = this.#store?.health.failure !== undefined;
    if (isFailing || this.aggregate.isDue(this.#now())) await this.#settleAt();
  }

  /** The clock of the machine was set: what waits goes on waiting as long as it would have. */
  shiftClock(byMs: number): Promise<void> {
    this.#stepMs += byMs;
    return this.#noteClock();
  }

  /** Goes on under another configuration. */
  async reload(config: Config, price: ReadOptions['price']): Promise<void> {
    const options = readStateOptions(config);
    await this.#commit((nowMs) => ({ kind: 'options', nowMs, options }));
    this.#read = createReading(config, price);
    this.#limits = config.limits;
    this.#priceVersion = readPriceVersion(config);
  }

  /**
   * The metrics as text, read when this resolves and rendered as the pieces are taken. `isScrape`: a time series
   * database reads them. What it is shown is durable before: no restart shows less.
   */
  async renderMetrics(isScrape: boolean, format?: MetricsFormat): Promise<AsyncIterable<string>> {
    const nowMs = this.#now();
    let shown: Snapshot[] | undefined;
    const read = (): void => {
      // Read in one turn, so that the numbers of one scrape belong together.
      shown = readSnapshots(this.aggregate, nowMs);
    };
    try {
      if (isScrape) await this.#commit((atMs) => ({ kind: 'scrape', nowMs: atMs }), read);
      else if (this.aggregate.isDue(nowMs)) await this.#settleAt(read);
    } catch (error) {
      if (!(error instanceof NotDurableError)) throw error;
      // What is applied is durable: it is shown, and nothing new is.
    }
    if (shown === undefined) read();
    return renderSnapshots([...(shown ?? []), ...this.#readOwnMetrics()], format);
  }

  #now(): number {
    return this.#wall() - this.#stepMs;
  }

  #settleAt(read?: () => void): Promise<void> {
    return this.#commit((nowMs) => ({ kind: 'settle', nowMs }), read);
  }

  async #noteClock(): Promise<void> {
    while (this.#noting !== undefined) await this.#noting.catch(() => {});
    const byMs = this.#stepMs;
    if (byMs === 0) return;
    const entry: Entry = { kind: 'clock', nowMs: this.#now(), byMs };
    this.#noting = this.#append(entry, () => {
      this.#state.apply(entry);
      this.#stepMs -= byMs;
    });
    try {
      await this.#noting;
    } finally {
      this.#noting = undefined;
    }
  }

  /** `read` is called when all is applied that the entry may show. */
  async #commit(createEntry: (nowMs: number) => Entry, read?: () => void): Promise<void> {
    while (this.#noting !== undefined) await this.#noting.catch(() => {});
    const entry = createEntry(this.#now());
    await this.#append(entry, () => this.#state.apply(entry, read));
  }

  #append(entry: Entry, apply: () => void): Promise<void> {
    return this.#journal.commit(this.#store === undefined ? NO_BYTES : encodeEntry(entry), apply);
  }

  #noteReceived(batch: SpanBatch, bytes: number): void {
    this.#bytesReceived += bytes;
    this.#spansReceived += batch.spans.length + batch.rejected.length;
    for (const reason of batch.rejected) this.countRejected(reason, 1);
    let newestMs = 0;
    for (const span of batch.spans) {
      newestMs = Math.max(newestMs, span.endMs);
      const taskId = span.attributes[ATTR.TASK_ID];
      // Its cost still counts, outside of any task.
      if (taskId !== undefined && !isTaskId(taskId)) this.countRejected('invalid_task_id', 1);
    }
    if (newestMs > 0) this.#lagMs = Math.max(0, this.#now() - newestMs);
  }

  #readOwnMetrics(): Snapshot[] {
    const unmatched = this.#rejected.get('evaluation_without_task') ?? 0;
    const rejected = new Map(this.#rejected)
      .set('outcome_without_task', this.aggregate.unmatchedOutcomes)
      .set('evaluation_without_task', unmatched + this.#state.forgottenEvaluations);
    return [
      readSingle(PROCESSOR_METRIC.SPANS_RECEIVED, this.#spansReceived),
      readSingle(PROCESSOR_METRIC.DUPLICATES, this.#state.duplicates),
      readSingle(PROCESSOR_METRIC.NESTED_CALLS, this.aggregate.nestedCalls),
      readSingle(PROCESSOR_METRIC.TASKS_CLOSED_EARLY, this.aggregate.tasksClosedEarly),
      readSingle(PROCESSOR_METRIC.TASKLESS_CALLS, this.aggregate.tasklessCalls),
      readSingle(PROCESSOR_METRIC.RECEIVED_BYTES, this.#bytesReceived),
      readSingle(PROCESSOR_METRIC.LAG, this.#lagMs / 1000),
      {
        definition: PROCESSOR_METRIC.PRICE_TABLE,
        samples: [{ labels: { version: this.#priceVersion }, value: 1 }],
      },
      {
        definition: PROCESSOR_METRIC.REJECTED,
        samples: [...rejected].map(([reason, value]) => ({ labels: { reason }, value })),
      },
      {
        definition: PROCESSOR_METRIC.TRUNCATED,
        samples: Object.entries({ ...this.#truncated, dedupe_spans: this.#state.forgottenSpans }).map(
          ([limit, value]) => ({ labels: { limit }, value }),
        ),
      },
      ...(this.#store === undefined
        ? []
        : [...readStoreMetrics(this.#store.health), ...(this.#store.readAudit?.() ?? [])]),
    ];
  }
}

/** Of the table that the config names, else of the one that is shipped. */
const readPriceVersion = ({ prices }: Config): string => prices.table?.version ?? PRICE_TABLE_VERSION;

const NO_BYTES = Buffer.alloc(0);

const readStoreMetrics = (health: StoreHealth): Snapshot[] => [
  readSingle(PROCESSOR_METRIC.WAL_BYTES, health.logBytes),
  readSingle(PROCESSOR_METRIC.WAL_QUEUE_BYTES, health.queueBytes),
  readSingle(PROCESSOR_METRIC.WAL_TRUNCATED_BYTES, health.truncatedBytes),
  readSingle(PROCESSOR_METRIC.WAL_FAILURES, health.failures),
  readSingle(PROCESSOR_METRIC.STATE_KEPT, health.keptAtMs / 1000),
];
