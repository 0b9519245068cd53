import { type Weight, weightOf } from '../read/weight.js';
import type { CallRecord, NestedSpan, SpanPlace, TaskCandidate, TaskRecord } from '../records.js';
import { NONE } from '../rows/columns.js';
import { RowNotes } from '../rows/row-notes.js';
import type { SearchState, TraceState } from '../state.js';
import { countSuspected } from '../work.js';
import { isOwn } from './emitters.js';
import { type Found, isBetter, isFinal, readFound } from './found.js';
import { type Report, readReport } from './report.js';
import {
  type FeatureSought,
  Searches,
  type SearchOptions,
  type Seeker,
  type TaskSought,
} from './searches.js';
import { SpanTable } from './span-table.js';
import { joinStates, readNotes } from './trace-state.js';
import { translateSeeker, translateTask } from './translate.js';
import { Twins } from './twins.js';
import { type Admission, COUNTS, NOTHING, TOLD, WaitingReports } from './waiting-reports.js';

/** Spans whose place is remembered, and those of them that may be tasks; the oldest go. */
const MAX_PLACED_SPANS = 100_000;
const MAX_TASK_CANDIDATES = 20_000;
/** Spans that state a feature. */
const MAX_FEATURE_SPANS = 20_000;
/** Begins and ends of two reports of one call that are surely so are at most so far apart together. */
const NEAR_MS = 50;
/** Spans above a span that are looked at. */
const MAX_STEPS = 64;

const FOUND_NOTHING: readonly Found[] = [];

/** When a call comes, and whether it may wait. */
export interface Arrival {
  readonly nowMs: number;
  readonly mayWait: boolean;
}

/**
 * The trees of the spans, as far as calls need them. Spans come in any order, mostly the inner before the outer, so a
 * call counts at once and finds later what is around it: whether another span has reported the same call, and which
 * span is its task.
 */
export class Traces {
  readonly #spans = new SpanTable(MAX_PLACED_SPANS, {
    isKept: (row) => this.#candidates.has(row) || this.#features.has(row),
    onForget: (row) => this.#forget(row),
  });
  /** What below a span looks for something and has come up to its row. */
  readonly #seekers = new Map<number, Seeker[]>();
  readonly #candidates = new RowNotes<TaskCandidate>(MAX_TASK_CANDIDATES);
  readonly #features = new RowNotes<string>(MAX_FEATURE_SPANS);
  readonly #twins = new Twins();
  readonly #searches: Searches;
  readonly #waiting: WaitingReports;

  constructor(options: SearchOptions) {
    this.#searches = new Searches(options);
    this.#waiting = new WaitingReports(this.#twins, this.#searches);
  }

  /** Takes the place of a span; returns everything whose task or feature is known by it. */
  place(place: SpanPlace, nowMs: number): readonly Found[] {
    const row = this.#at(place);
    this.#spans.setParent(row, place.parentSpanId);
    if (place.task !== undefined) this.#candidates.set(row, place.task);
    if (place.feature !== undefined) this.#features.set(row, place.feature);
    const inside = this.#spans.insideOf(row);
    if (inside > 0) this.#markAbove(row, inside);
    const nested = place.task?.nested;
    const waiting = this.#seekers.size === 0 ? undefined : this.#seekers.get(row);
    if (waiting === undefined && nested === undefined) return FOUND_NOTHING;
    const seekers = waiting?.filter((seeker) => this.#searches.has(seeker)) ?? [];
    this.#seekers.delete(row);
    if (nested !== undefined) seekers.push({ sought: nested, best: undefined });
    return seekers.flatMap((seeker) => this.#step(seeker, row, nowMs) ?? []);
  }

  /**
   * Whether a call, whose place was taken, counts: not when another span of it was counted, one inside or around it or
   * a twin. When it does, no span around it will. What others have told of it and still waits gives way to costspan's
   * own report. Where reports may wait, one that is alike by far only is no twin yet: a nearer one may come.
   */
  admit(call: CallRecord, mayWait: boolean): Admission {
    const weight = weightOf(call);
    const row = this.#at(call);
    const parts = isOwn(call) ? this.#searches.withdrawRelayed(call) : NOTHING;
    const relayed = parts.length === 0 ? NOTHING : parts.map((part) => ({ part, caller: call }));
    if (this.#spans.insideOf(row) >= weight) return relayed.length === 0 ? TOLD : { ...TOLD, relayed };
    let insteadOf: readonly CallRecord[] = parts;
    let at = this.#spans.parentOf(row);
    for (let step = 0; at !== NONE && step < MAX_STEPS; step += 1) {
      const own = this.#spans.ownOf(at);
      if (own >= weight) {
        const waiting = own === weight ? this.#waiting.withdraw(call, this.#refOf(at)) : undefined;
        if (waiting === undefined) return { ...TOLD, insteadOf };
        insteadOf = [...insteadOf, waiting];
      }
      at = this.#spans.parentOf(at);
    }
    const report = readReport(call);
    const requests = this.#waiting.withdrawRequests(report);
    if (requests === undefined) return { ...TOLD, insteadOf };
    if (requests.length > 0) insteadOf = [...insteadOf, ...requests];
    const twin = this.#twins.claim(report, mayWait ? NEAR_MS : Number.POSITIVE_INFINITY);
    const told = twin === NONE ? undefined : this.#twins.sightings.refOf(twin);
    if (told !== undefined && !insteadOf.some(({ spanId }) => spanId === told.spanId)) {
      const waiting = told.weight === weight ? this.#waiting.withdraw(call, told) : undefined;
      if (waiting === undefined) return { ...TOLD, insteadOf };
      insteadOf = [...insteadOf, waiting];
    }
    const pair = this.#twins.pair(report, this.#searches);
    const asked = pair && this.#waiting.join(call, pair);
    if (asked !== undefined) insteadOf = [...insteadOf, ...asked.insteadOf];
    if (pair === undefined && !(mayWait && this.isAskedFor(call))) this.#suspect(report);
    // Also where it does not count: others may tell it again, and a gateway behind this one has told it too.
    this.#twins.note(report, insteadOf, pair);
    this.#spans.setOwn(row, weight);
    this.#markAbove(row, weight);
    if (asked?.counts === false) return { ...asked, insteadOf, isCallers: pair?.caller !== NONE };
    return insteadOf === NOTHING ? COUNTS : { ...COUNTS, insteadOf };
  }

  /** Counts that it is most likely told twice, where it counts: what waits may still be found to be another's. */
  #suspect(report: Report): void {
    const suspicion = this.#twins.suspect(report, this.#searches);
    if (suspicion !== undefined) countSuspected(this.#searches.options.work, suspicion);
  }

  /** Looks for a task; what is not found now may come with {@link place} or {@link due}. */
  findTask(sought: TaskSought, nowMs: number): TaskCandidate | undefined {
    const seeker: Seeker = { sought, best: undefined };
    this.#step(seeker, this.#at(sought), nowMs);
    return this.#searches.has(seeker) ? undefined : seeker.best;
  }

  /** Whether one more call may wait for its feature, or for its twin. */
  get hasRoom(): boolean {
    return this.#searches.hasFeatureRoom;
  }

  /** Whether it is a gateway's, and the service that asks knows whom it is for. */
  isAskedFor(call: CallRecord): boolean {
    return this.#twins.isAskedFor(call);
  }

  /** Whether costspan's own report of the call may still come, which knows better what was used. */
  hasForeseenTwin(call: CallRecord): boolean {
    return this.#twins.isForeseen(call);
  }

  /**
   * Looks for the feature of a call, or waits for its twin; undefined when it waits: then it comes with {@link place} or
   * {@link due}, or another one comes instead of it with {@link admit}.
   */
  findFeature(call: CallRecord, { nowMs, mayWait }: Arrival): Pick<Seeker, 'feature'> | undefined {
    const ref = spanOf(call);
    if (!mayWait) return { feature: this.#featureOf(ref) };
    if (this.#twins.isForeseen(call)) {
      const sought: FeatureSought = { ...ref, featureless: call, twin: true };
      this.#searches.begin({ sought, best: undefined }, nowMs);
      return undefined;
    }
    const seeker: Seeker = { sought: { ...ref, featureless: call }, best: undefined };
    this.#step(seeker, this.#at(ref), nowMs);
    return this.#searches.has(seeker) ? undefined : seeker;
  }

  /** The ends of a task and of those that it stands inside, innermost first, with what is known of the spans around. */
  recordsOf(task: TaskCandidate): TaskRecord[] {
    const records: TaskRecord[] = [];
    let inner: TaskCandidate | undefined = task;
    while (inner !== undefined && records.length < MAX_STEPS) {
      const { record, nested }: TaskCandidate = inner;
      const outer: TaskCandidate | undefined = nested && this.#findOuter(nested);
      if (record !== undefined && nested === undefined) records.push(record);
      else if (record !== undefined && nested !== undefined)
        records.push({
          ...record,
          feature: this.#featureOf(nested) ?? record.feature,
          ...(outer === undefined ? {} : { parentId: outer.id }),
        });
      inner = outer;
    }
    return records;
  }

  /** Ends the search of what has waited long enough. */
  due(nowMs: number): Found[] {
    return this.#searches.due(nowMs).flatMap((seeker) => {
      const { sought } = seeker;
      if (!('featureless' in sought) || sought.twin === undefined) return readFound(seeker) ?? [];
      const report = readReport(sought.featureless);
      const isTold = this.#twins.claim(report, Number.POSITIVE_INFINITY) !== NONE;
      if (!isTold) this.#suspect(report);
      return { sought, feature: this.#featureOf(sought), isTold };
    });
  }

  /** Whether {@link due} would end a search. */
  isDue(nowMs: number): boolean {
    return this.#searches.isDue(nowMs);
  }

  /** The clock was set by so much: what waits has waited as long as before. */
  shiftClock(byMs: number): void {
    this.#searches.shiftClock(byMs);
  }

  /** Goes on under the options of another one. `translate`: what bits of evidence mean to other rules. */
  under(other: Traces, translate: ((bits: bigint) => bigint) | undefined): this {
    this.#searches.options = other.#searches.options;
    if (translate === undefined) return this;
    this.#candidates.replaceAll((task) => translateTask(task, translate));
    this.#searches.replaceAll((seeker) => translateSeeker(seeker, translate));
    return this;
  }

  /** What looks for something, as plain data. */
  searches(): IterableIterator<SearchState> {
    return this.#searches.readState();
  }

  /** All of it as plain data, as it is now: what there is much of is copied at once, and read as it is taken. */
  readState(): IterableIterator<TraceState> {
    const spanIds = this.#spans.copyIds();
    return joinStates({
      nodes: this.#spans.readState(),
      candidates: readNotes(this.#candidates.entries(), spanIds),
      features: readNotes(this.#features.entries(), spanIds),
      sightings: this.#twins.readState(),
      searches: [...this.#searches.readState()],
    });
  }

  /** Brings back {@link readState}, part after part. */
  restore({ nodes = [], candidates = [], features = [], sightings = [], searches = [] }: TraceState): void {
    for (const node of nodes) this.#spans.restore(node);
    this.#twins.restore(sightings);
    for (const [spanId, task] of candidates) this.#restoreNote(this.#candidates, spanId, task);
    for (const [spanId, feature] of features) this.#restoreNote(this.#features, spanId, feature);
    for (const search of searches) this.#restoreSearch(search);
  }

  /** Earlier versions kept some longer than the places of their spans: those nobody can find. */
  #restoreNote<V>(notes: RowNotes<V>, spanId: string, note: V): void {
    const row = this.#spans.findSpan(spanId);
    if (row !== NONE) notes.set(row, note);
  }

  #restoreSearch({ call, span, featureless, twin, best, atMs }: SearchState): void {
    const waiting = featureless && { ...spanOf(featureless), featureless, ...(twin && { twin }) };
    const sought = call ?? span ?? waiting;
    if (sought === undefined) return;
    const seeker = { sought, best };
    if (twin === true) {
      this.#searches.begin(seeker, atMs);
      return;
    }
    const found = this.#step(seeker, this.#at(sought), atMs);
    // Nobody has counted it: it may not end before the aggregate asks for what is due.
    if (found !== undefined && waiting !== undefined) this.#searches.begin(seeker, atMs);
  }

  /** Goes up from a span as far as is known; what was found, when the search ends there. */
  #step(seeker: Seeker, from: number, nowMs: number): Found | undefined {
    if (this.#climb(seeker, from)) {
      this.#searches.end(seeker.sought);
      return readFound(seeker);
    }
    this.#searches.begin(seeker, nowMs);
    return undefined;
  }

  /** True when nothing better can come; else the seeker waits at the first span that has not come. */
  #climb(seeker: Seeker, from: number): boolean {
    let row = from;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (this.#look(seeker, row) || this.#spans.isRoot(row)) return true;
      if (!this.#spans.hasCome(row)) {
        const seekers = this.#seekers.get(row);
        if (seekers === undefined) this.#seekers.set(row, [seeker]);
        else seekers.push(seeker);
        return false;
      }
      row = this.#spans.parentAt(row);
    }
    return true;
  }

  /** Tells the spans around one of a call inside, up to the first that knows it or has not come. */
  #markAbove(from: number, weight: Weight): void {
    let row = from;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (!this.#spans.hasCome(row) || this.#spans.isRoot(row)) return;
      row = this.#spans.parentAt(row);
      if (this.#spans.insideOf(row) >= weight) return;
      this.#spans.setInside(row, weight);
    }
  }

  /** Takes what a span has for the seeker; true when nothing further up is better. */
  #look(seeker: Seeker, row: number): boolean {
    if ('featureless' in seeker.sought) {
      const feature = this.#features.get(row);
      if (feature !== undefined) seeker.feature = feature;
      return feature !== undefined;
    }
    const task = this.#candidates.get(row);
    if (task !== undefined && isBetter(task, seeker)) seeker.best = task;
    return isFinal(seeker);
  }

  #featureOf(ref: SpanRef): string | undefined {
    return this.#lookUp(ref, (row) => this.#features.get(row));
  }

  #findOuter(inner: NestedSpan): TaskCandidate | undefined {
    const seeker: Seeker = { sought: inner, best: undefined };
    return this.#lookUp(inner, (row) => {
      const task = this.#candidates.get(row);
      return task !== undefined && isBetter(task, seeker) ? task : undefined;
    });
  }

  /** The first that `read` finds at a span or further up, as far as is known. */
  #lookUp<T>({ traceId, spanId }: SpanRef, read: (row: number) => T | undefined): T | undefined {
    let row = this.#spans.find(traceId, spanId);
    for (let step = 0; row !== NONE && step < MAX_STEPS; step += 1) {
      const found = read(row);
      if (found !== undefined) return found;
      row = this.#spans.parentOf(row);
    }
    return undefined;
  }

  /** The row of a span that something begins with: no row of the one before is held any more. */
  #at({ traceId, spanId }: SpanRef): number {
    this.#spans.forgetOldest();
    return this.#spans.at(traceId, spanId);
  }

  #forget(row: number): void {
    this.#seekers.delete(row);
    this.#candidates.delete(row);
    this.#features.delete(row);
  }

  #refOf(row: number): SpanRef {
    return { traceId: this.#spans.traceIdOf(row), spanId: this.#spans.spanIdOf(row) };
  }
}

type SpanRef = Pick<CallRecord, 'traceId' | 'spanId'>;
const spanOf = ({ traceId, spanId }: CallRecord): SpanRef => ({ traceId, spanId });
