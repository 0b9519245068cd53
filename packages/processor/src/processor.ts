import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Aggregate,
  type MetricsFormat,
  type OutcomeRecord,
  type ReadOptions,
  readBudgetShares,
  readEvaluation,
  readHealth,
  readSnapshots,
  renderSnapshots,
  type Snapshot,
} from '@costspan/aggregate';
import type { Config } from '@costspan/config';
import { PRICE_TABLE_VERSION } from '@costspan/pricing';
import { decodeEntry, type Entry, encodeEntry } from './entry.js';
import { type EvaluationRecord, readEvaluationRecord } from './evaluations.js';
import { BodyReader, DECODE } from './receive/decode-body.js';
import type { DecodedBody } from './receive/decode-job.js';
import type { DecodePool } from './receive/decode-pool.js';
import { Gzip } from './receive/decompress.js';
import type { LogView } from './receive/logs.js';
import type { Encoding } from './receive/reply.js';
import type { DecodeOptions, SpanBatch, SpanRejection } from './receive/spans.js';
import type { SpanRecord } from './span-record.js';
import { ProcessorState } from './state.js';
import { readStateOptions } from './state-options.js';
import { type Journal, MEMORY_JOURNAL, NotDurableError } from './store/journal.js';
import { createName } from './store/name.js';
import { hasSpans, setSpansTime } from './store/span-writer.js';
import type { StoreHealth } from './store/store.js';
import { OwnMetrics, type Received, readReceived, type TruncatingLimit } from './telemetry/own-metrics.js';

/** What a processor is made of: its config, its prices and its clock. */
export interface ProcessorOptions {
  readonly config: Config;
  readonly price: ReadOptions['price'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of its data directory; one of its own where it has none. */
  readonly name?: string;
  /** Threads that decode bodies beside this one. */
  readonly decoders?: DecodePool;
  /** A state with a log under it; without one everything is in memory. */
  readonly store?: {
    readonly state: ProcessorState;
    readonly journal: Journal;
    readonly health: StoreHealth;
    /** Drift and corrections of its ledger. */
    readAudit?(): Snapshot[];
  };
}

/** The metrics of the state as it was kept, and until when a scrape of them is expected, milliseconds. */
interface Kept {
  readonly shown: readonly Snapshot[];
  readonly untilMs: number;
}
const KEPT_FOR_MS = 5 * 60_000;

/** A clock may be this far ahead of ours; what ends later is refused: its outcome would win over all others. */
const MAX_CLOCK_AHEAD_MS = 366 * 86_400_000;

/** Spans in, metrics out: the state behind the doors, its log and the clock. */
export class Processor {
  readonly #wall: () => number;
  readonly #name: string;
  /** By how much the clock was set, until that is noted: so long, time goes on as if nobody had. */
  #stepMs = 0;
  /** Whoever changes the state meanwhile waits: what comes before the note is of the old time, what comes after of the new. */
  #noting: Promise<void> | undefined;
  /** Another configuration is being made durable: what was read by the old one now would be counted under the new one. */
  #reloading: Promise<void> | undefined;
  readonly #state: ProcessorState;
  readonly #journal: Journal;
  readonly #store: ProcessorOptions['store'];
  readonly #decoders: DecodePool | undefined;
  /** Bodies that are being decoded, made durable or counted. */
  #underWay = 0;
  #reader: BodyReader;
  #priceVersion: string;
  #kept: Kept | undefined;
  readonly #own = new OwnMetrics();

  constructor({ config, price, now, store, decoders, name = createName() }: ProcessorOptions) {
    this.#name = name;
    this.#decoders = decoders;
    this.#wall = now;
    this.#store = store;
    this.#state = store?.state ?? new ProcessorState(readStateOptions(config));
    this.#journal = store?.journal ?? MEMORY_JOURNAL;
    this.#reader = new BodyReader(config, { price, onLimit: this.#countTruncated });
    this.#priceVersion = readPriceVersion(config);
  }

  get aggregate(): Aggregate {
    return this.#state.aggregate;
  }

  /** What the doors decode, now. */
  get decodeOptions(): DecodeOptions {
    return this.#reader.decodeOptions(this.#state.rules, this.#latestMs);
  }

  /**
   * Counts the spans of one request of `bytes` bytes; resolves to why some were left out, when all is durable and can
   * be seen. Not an async function: that would keep the spans for as long as the disk takes, and each collection of
   * garbage would copy them.
   */
  ingest(batch: SpanBatch, bytes: number): Promise<readonly SpanRejection[]> {
    const spans = [...this.#reader.readRecords(batch, this.#state.rules)];
    return this.#take(spans, { ...readReceived(batch), bytes });
  }

  /** The same of a body, which another thread inflates, decodes and reads while this one has others to count. */
  async ingestBody(body: Buffer | Gzip, encoding: Encoding): Promise<readonly SpanRejection[]> {
    const thread = this.#underWay > 0 ? this.#decoders?.find(body.length) : undefined;
    this.#underWay += 1;
    try {
      if (this.#reloading !== undefined) await this.#reloaded();
      if (thread !== undefined) {
        const decoded = await thread.decode(body, { encoding, latestMs: this.#latestMs });
        if (this.#reloading !== undefined) await this.#reloaded();
        if (decoded.generation === this.#decoders?.generation) return await this.#takeDecoded(decoded);
      }
      const ingest = (bytes: Buffer): Promise<readonly SpanRejection[]> =>
        this.ingest(DECODE[encoding](bytes, this.decodeOptions), bytes.length);
      return await (body instanceof Gzip ? body.use(ingest) : ingest(body));
    } finally {
      this.#underWay -= 1;
    }
  }

  async #take(spans: readonly SpanRecord[], received: Received): Promise<readonly SpanRejection[]> {
    if (spans.length > 0) await this.#commit((nowMs) => ({ kind: 'spans', nowMs, spans }));
    this.#own.countReceived(received, this.#now());
    return received.rejected;
  }

  async #takeDecoded({ entry, received, truncated }: DecodedBody): Promise<readonly SpanRejection[]> {
    for (const [limit, count] of Object.entries(truncated))
      this.#own.countTruncated(limit as TruncatingLimit, count);
    if (hasSpans(entry)) await this.#commitSpans(Buffer.from(entry.buffer));
    this.#own.countReceived(received, this.#now());
    return received.rejected;
  }

  readonly #countTruncated = (limit: TruncatingLimit): void => this.#own.countTruncated(limit, 1);

  /** Takes the evaluations of one request of `bytes` bytes; resolves to how many name no task. */
  async ingestLogs(logs: readonly LogView[], bytes: number): Promise<number> {
    if (this.#reloading !== undefined) await this.#reloaded();
    const evaluations: EvaluationRecord[] = [];
    let refused = 0;
    for (const log of logs) {
      const record = readEvaluationRecord(log, readEvaluation(log.attributes, this.#state.rules));
      if (record === undefined) refused += 1;
      else if (record.bits !== 0n) evaluations.push(record);
    }
    if (evaluations.length > 0) await this.#commit((nowMs) => ({ kind: 'evaluations', nowMs, evaluations }));
    this.#own.countBytes(bytes);
    if (refused > 0) this.countRejected('evaluation_without_task', refused);
    return refused;
  }

  recordOutcome(outcome: OutcomeRecord): Promise<void> {
    return this.#commit((nowMs) => ({ kind: 'outcome', nowMs, outcome }));
  }

  countRejected(reason: string, count: number): void {
    this.#own.countRejected(reason, count);
  }

  /** Settles what is due, and tries a disk that failed whether it works again; call it about once a second. */
  async settle(): Promise<void> {
    if (this.#stepMs !== 0) await this.#noteClock();
    if (this.#kept !== undefined && this.#now() >= this.#kept.untilMs) this.#kept = undefined;
    const isFailing = this.#store?.health.failure !== undefined;
    if (isFailing || this.aggregate.isDue(this.#now())) await this.#settleAt();
  }

  /** The clock of the machine was set: what waits goes on waiting as long as it would have. */
  shiftClock(byMs: number): Promise<void> {
    this.#stepMs += byMs;
    return this.#noteClock();
  }

  /** Goes on under another configuration; what comes meanwhile waits for it. */
  async reload(config: Config, price: ReadOptions['price']): Promise<void> {
    const reloading = this.#change(config, price);
    this.#reloading = reloading;
    try {
      await reloading;
    } finally {
      if (this.#reloading === reloading) this.#reloading = undefined;
    }
  }

  async #change(config: Config, price: ReadOptions['price']): Promise<void> {
    if (this.#reloading !== undefined) {
      await this.#reloaded();
      // What has waited for the one before is read now: however many reloads there are, nobody waits for all of them.
      await nextTurn();
    }
    const options = readStateOptions(config);
    await this.#commit((nowMs) => ({ kind: 'options', nowMs, options }));
    this.#decoders?.change(config);
    this.#reader = new BodyReader(config, { price, onLimit: this.#countTruncated });
    this.#priceVersion = readPriceVersion(config);
  }

  /** Awaited only while there is a reload: without a log, what comes counts in the same turn. */
  async #reloaded(): Promise<void> {
    await this.#reloading?.catch(() => {});
  }

  /**
   * The metrics as text, read when this resolves and rendered as the pieces are taken. `isScrape`: a time series
   * database reads them. What it is shown is durable before: no restart shows less.
   */
  async renderMetrics(isScrape: boolean, format?: MetricsFormat): Promise<AsyncIterable<string>> {
    const kept = isScrape ? this.#kept?.shown : undefined;
    if (isScrape) this.#kept = undefined;
    const shown = kept ?? (await this.#readShown(isScrape));
    const audit = this.#store?.readAudit?.() ?? [];
    return renderSnapshots([...shown, ...this.#readOwn(isScrape), ...audit], format);
  }

  /**
   * Called after a time in which nobody scraped, before anything is counted: the next scrape shows what was kept. What
   * the senders have saved up arrives within seconds, and as part of the first value after the gap it would be in no
   * `increase()` over less than the gap.
   */
  showKept(): void {
    const nowMs = this.#now();
    this.#kept = { shown: this.#readAt(nowMs), untilMs: nowMs + KEPT_FOR_MS };
  }

  /** Read in one turn, so that the numbers of one scrape belong together. */
  #readAt(nowMs: number): Snapshot[] {
    return [...readSnapshots(this.aggregate, nowMs), readBudgetShares(this.aggregate, this.#name, nowMs)];
  }

  async #readShown(isScrape: boolean): Promise<readonly Snapshot[]> {
    const nowMs = this.#now();
    let shown: Snapshot[] | undefined;
    const read = (): void => {
      shown = this.#readAt(nowMs);
    };
    try {
      if (isScrape) await this.#commit((atMs) => ({ kind: 'scrape', nowMs: atMs }), read);
      else if (this.aggregate.isDue(nowMs)) await this.#settleAt(read);
    } catch (error) {
      if (!(error instanceof NotDurableError)) throw error;
      // What is applied is durable: it is shown, and nothing new is.
    }
    return shown ?? this.#readAt(nowMs);
  }

  /** When a span may end at the latest. */
  get #latestMs(): number {
    return this.#now() + MAX_CLOCK_AHEAD_MS;
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

  /** The same of an entry of spans that is encoded. */
  async #commitSpans(entry: Buffer): Promise<void> {
    while (this.#noting !== undefined) await this.#noting.catch(() => {});
    setSpansTime(entry, this.#now());
    await this.#journal.commit(entry, () => this.#state.apply(decodeEntry(entry)));
  }

  #append(entry: Entry, apply: () => void): Promise<void> {
    return this.#journal.commit(this.#store === undefined ? NO_BYTES : encodeEntry(entry), apply);
  }

  /** What it tells of its own health, as `/metrics` has it. */
  readHealth(): Snapshot[] {
    return [...readHealth(this.aggregate), ...this.#readOwn(false)];
  }

  #readOwn(isScrape: boolean): Snapshot[] {
    const health = this.#store?.health;
    return this.#own.read({ state: this.#state, priceVersion: this.#priceVersion, health, isScrape });
  }
}

/** Of the table that the config names, else of the one that is shipped. */
const readPriceVersion = ({ prices }: Config): string => prices.table?.version ?? PRICE_TABLE_VERSION;

const NO_BYTES = Buffer.alloc(0);
