import { isDeepStrictEqual } from 'node:util';
import {
  Aggregate,
  type AggregateOptions,
  type AggregatePart,
  createWorkCounts,
  RowReader,
  type SpanPlace,
} from '@costspan/aggregate';
import { OutcomeRules } from '@costspan/config';
import { Dedupe, type DedupeOptions } from './dedupe.js';
import type { Entry } from './entry.js';
import { type EvaluationState, Evaluations } from './evaluations.js';
import type { LedgerBook } from './ledger/book.js';
import { type BookedTask, readBookedTask } from './ledger/booked-tasks.js';
import type { SpanRecord } from './span-record.js';
import type { StateOptions } from './state-options.js';

/** A part of the whole state, as plain data. */
export type StatePart =
  | { readonly part: 'options'; readonly options: StateOptions; readonly nowMs: number }
  | { readonly part: 'dedupe'; readonly spans: Uint8Array }
  | { readonly part: 'evaluations'; readonly evaluations: EvaluationState }
  /** As earlier versions have written it. */
  | { readonly part: 'ledger'; readonly tasks: readonly BookedTask[] }
  | { readonly part: 'ledger_rows'; readonly rows: Uint8Array }
  | AggregatePart;

const PARTS: Readonly<Record<StatePart['part'], true>> = {
  options: true,
  dedupe: true,
  evaluations: true,
  ledger: true,
  ledger_rows: true,
  totals: true,
  series: true,
  tenants: true,
  periods: true,
  sessions: true,
  relayed_tasks: true,
  tasks: true,
  task_rows: true,
  task_queue: true,
  traces: true,
  waiting: true,
};

/** Throws a RangeError on a part that is not known, which a later version may have written. */
export function readStatePart(value: unknown): StatePart {
  const part = typeof value === 'object' && value !== null && 'part' in value ? String(value.part) : 'none';
  if (!Object.hasOwn(PARTS, part)) throw new RangeError(`a part of the kind ${JSON.stringify(part)}`);
  return value as StatePart;
}

/**
 * All that the processor knows of calls and tasks: a function of the entries of its log. It has no clock and does no
 * I/O; the same entries make the same state, before and after a crash.
 */
export class ProcessorState {
  /** Spans that had been counted before, since this process began. */
  duplicates = 0;
  #aggregate: Aggregate;
  #options: StateOptions;
  #rules: OutcomeRules;
  readonly #dedupe: Dedupe;
  readonly #evaluations = new Evaluations();
  readonly #work = createWorkCounts();
  readonly #book: LedgerBook | undefined;
  /** Of the last entry. */
  #nowMs = 0;

  /** `book`: keeps a ledger of the calls beside the series. */
  constructor(options: StateOptions, book?: LedgerBook) {
    this.#options = options;
    this.#book = book;
    this.#rules = new OutcomeRules(options.tasks.outcome);
    this.#aggregate = new Aggregate(this.#aggregateOptions());
    this.#dedupe = new Dedupe(readDedupeOptions(options));
  }

  get aggregate(): Aggregate {
    return this.#aggregate;
  }
  get options(): StateOptions {
    return this.#options;
  }
  get rules(): OutcomeRules {
    return this.#rules;
  }
  /** When the last entry happened, milliseconds since the epoch; 0 before the first. */
  get nowMs(): number {
    return this.#nowMs;
  }
  /** Evaluations that waited for their span in vain, since this process began. */
  get forgottenEvaluations(): number {
    return this.#evaluations.forgotten;
  }

  /** Spans that `limits.dedupe_spans` has let go before their window was over, since this process began. */
  get forgottenSpans(): number {
    return this.#dedupe.forgotten;
  }

  /** Changes the state by one entry; `read` is called when all is settled that it may show. */
  apply(entry: Entry, read?: () => void): void {
    const { nowMs } = entry;
    this.#nowMs = nowMs;
    if (this.#book !== undefined) this.#book.nowMs = nowMs;
    switch (entry.kind) {
      case 'spans':
        this.#aggregate.recordPlaces(readPlaces(entry.spans), nowMs);
        for (const span of entry.spans) this.#record(span, nowMs);
        return;
      case 'evaluations':
        for (const evaluation of entry.evaluations)
          this.#showEvidence(this.#evaluations.findTask(evaluation), evaluation.bits);
        return;
      case 'outcome':
        this.#aggregate.recordOutcome(entry.outcome, nowMs);
        return;
      case 'settle':
        this.#aggregate.settle(nowMs);
        read?.();
        return;
      case 'scrape':
        this.#aggregate.settle(nowMs);
        read?.();
        this.#aggregate.markScraped(nowMs);
        return;
      case 'clock':
        this.#aggregate.shiftClock(entry.byMs);
        this.#dedupe.shiftClock(entry.byMs);
        return;
      case 'options':
        this.#changeOptions(entry.options);
    }
  }

  /** What is counted since this process began is counted from here on. */
  beginCounting(): void {
    this.duplicates = 0;
    this.#evaluations.forgotten = 0;
    this.#dedupe.forgotten = 0;
    Object.assign(this.#work, createWorkCounts());
  }

  /** All of it as it is now, in parts, whatever is applied while they are taken. To be taken to the last one. */
  readState(): IterableIterator<StatePart> {
    const options: StatePart = { part: 'options', options: this.#options, nowMs: this.#nowMs };
    const { aggregate: known } = this;
    const aggregate = known.readState();
    const dedupe = this.#dedupe.readState();
    const evaluations = this.#evaluations.readState();
    const ledger = this.#book?.readState((row, writer) => known.writeTaskId(row, writer)) ?? [];
    return joinParts(options, { aggregate, dedupe, evaluations, ledger });
  }

  /**
   * The state as it was when the parts were read. The first part is that of the options; none is looked at once the next
   * one is taken.
   */
  static restore(parts: Iterable<StatePart>, book?: LedgerBook): ProcessorState {
    const reading = new PartReading(parts);
    const first = reading.take();
    if (first?.part !== 'options') throw new RangeError('the state does not begin with its options');
    const state = new ProcessorState(first.options, book);
    state.#nowMs = first.nowMs;
    state.#aggregate = Aggregate.restore(state.#restoreOthers(reading), state.#aggregateOptions());
    for (const { id, ...task } of reading.bookedTasks()) {
      const row = state.#aggregate.findTask(id)?.row;
      if (row !== undefined) book?.restore(task, row);
    }
    return state;
  }

  /** The parts of the aggregate; those that stand among them are brought back on the way. */
  *#restoreOthers(reading: PartReading): IterableIterator<AggregatePart> {
    for (const part of reading.beforeLedger()) {
      if (part.part === 'dedupe') this.#dedupe.restore(part.spans);
      else if (part.part === 'evaluations') this.#evaluations.restore(part.evaluations);
      else if (part.part !== 'options') yield part;
    }
  }

  #aggregateOptions(): Partial<AggregateOptions> {
    const { features, budgets, tenants, tasks, limits } = this.#options;
    const { settleAfterMs, settleQuietMs } = tasks;
    const { seriesPerMetric, openTasks, settledTasks } = limits;
    return {
      budgets,
      tenants,
      settleAfterMs,
      settleQuietMs,
      ...(features && { featureWaitMs: features.waitMs }),
      ...(features?.default !== undefined && { defaultFeature: features.default }),
      seriesPerMetric,
      openTasks,
      ...(settledTasks !== undefined && { settledTasks }),
      judge: this.#rules,
      work: this.#work,
      ...(this.#book && { listener: this.#book }),
    };
  }

  #changeOptions(options: StateOptions): void {
    if (isDeepStrictEqual(options, this.#options)) return;
    const translate = this.#changeRules(options.tasks.outcome);
    this.#options = options;
    if (translate !== undefined) this.#evaluations.translate(translate);
    this.#aggregate = this.#aggregate.under(this.#aggregateOptions(), translate);
    this.#dedupe.change(readDedupeOptions(options));
  }

  /** What bits of evidence mean from now on; undefined where the rules are the same. */
  #changeRules(outcome: StateOptions['tasks']['outcome']): ((bits: bigint) => bigint) | undefined {
    if (isDeepStrictEqual(outcome, this.#options.tasks.outcome)) return undefined;
    const before = this.#rules;
    this.#rules = new OutcomeRules(outcome);
    const known = new Map<bigint, bigint>();
    return (bits) => {
      let translated = known.get(bits);
      if (translated === undefined) {
        translated = this.#rules.translate(bits, before);
        known.set(bits, translated);
      }
      return translated;
    };
  }

  #record({ traceId, spanId, call, task, evidence, names }: SpanRecord, nowMs: number): void {
    if (call === undefined && task === undefined) {
      if (evidence !== undefined) this.#aggregate.recordEvidence(evidence, nowMs);
      return;
    }
    if (!this.#dedupe.admit(traceId, spanId, nowMs)) {
      this.duplicates += 1;
      return;
    }
    if (call !== undefined) this.#aggregate.recordCall(call, nowMs);
    if (task !== undefined) this.#aggregate.recordTask(task, nowMs);
    if (names !== undefined) this.#showEvidence(names.taskId, this.#evaluations.note(names));
  }

  #showEvidence(taskId: string | undefined, bits: bigint): void {
    if (taskId !== undefined && bits !== 0n) this.#aggregate.recordEvidence({ taskId, bits }, this.#nowMs);
  }
}

type LedgerPart = StatePart & { readonly part: 'ledger' | 'ledger_rows' };

const isOfLedger = (part: StatePart): part is LedgerPart =>
  part.part === 'ledger' || part.part === 'ledger_rows';

/** Takes the parts one by one, so that no two of them are in memory: those of the ledger are the last. */
class PartReading {
  readonly #parts: Iterator<StatePart>;
  /** That was looked at and not taken. */
  #next: StatePart | undefined;

  constructor(parts: Iterable<StatePart>) {
    this.#parts = parts[Symbol.iterator]();
  }

  /** The next part; undefined behind the last. */
  take(): StatePart | undefined {
    const next = this.#peek();
    this.#next = undefined;
    return next;
  }

  *beforeLedger(): IterableIterator<Exclude<StatePart, LedgerPart>> {
    for (let part = this.#peek(); part !== undefined && !isOfLedger(part); part = this.#peek()) {
      this.#next = undefined;
      yield part;
    }
  }

  *bookedTasks(): IterableIterator<BookedTask> {
    const reader = new RowReader();
    for (let part = this.take(); part !== undefined; part = this.take()) {
      if (!isOfLedger(part)) throw new RangeError(`a part of the kind ${part.part} behind the ledger`);
      yield* part.part === 'ledger' ? part.tasks : reader.rows(part.rows, readBookedTask);
    }
  }

  #peek(): StatePart | undefined {
    if (this.#next === undefined) {
      const { value, done } = this.#parts.next();
      this.#next = done === true ? undefined : value;
    }
    return this.#next;
  }
}

interface ReadParts {
  readonly aggregate: Iterable<AggregatePart>;
  readonly dedupe: Iterable<Uint8Array>;
  readonly evaluations: Iterable<EvaluationState>;
  readonly ledger: Iterable<Uint8Array>;
}

function* joinParts(options: StatePart, parts: ReadParts): IterableIterator<StatePart> {
  yield options;
  yield* parts.aggregate;
  for (const spans of parts.dedupe) yield { part: 'dedupe', spans };
  for (const evaluations of parts.evaluations) yield { part: 'evaluations', evaluations };
  for (const rows of parts.ledger) yield { part: 'ledger_rows', rows };
}

function readPlaces(spans: readonly SpanRecord[]): SpanPlace[] {
  const places: SpanPlace[] = [];
  for (const { place } of spans) if (place !== undefined) places.push(place);
  return places;
}

const readDedupeOptions = ({ limits }: StateOptions): DedupeOptions => ({
  maxSpans: limits.dedupeSpans,
  windowMs: limits.dedupeWindowMs,
});
