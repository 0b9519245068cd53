import { BoundedMap } from './bounded-map.js';
import type { CallRecord, NestedSpan, SpanPlace, TaskCandidate, TaskRecord } from './records.js';
import {
  type FeatureSought,
  Searches,
  type SearchOptions,
  type Seeker,
  type TaskSought,
} from './searches.js';
import { chunk, type SearchState, type TraceState } from './state.js';
import { isOwn, readSpan, Twins } from './twins.js';
import { type Weight, weightOf } from './weight.js';

/** Spans whose place is remembered, and those of them that may be tasks; the oldest go. */
export const MAX_PLACED_SPANS = 100_000;
export const MAX_TASK_CANDIDATES = 20_000;
/** Spans that state a feature. */
export const MAX_FEATURE_SPANS = 20_000;
/** Begins and ends of two reports of one call that are surely so are at most so far apart together. */
const NEAR_MS = 50;
/** Spans above a span that are looked at. */
const MAX_STEPS = 64;

/** A span of which something is known: its place, or only that it is around another one. */
export interface SpanNodeState {
  readonly spanId: string;
  readonly traceId: string;
  /** Empty at the root; undefined while the span itself has not come. */
  parentSpanId: string | undefined;
  /** The call that was counted for this span. */
  own: Weight;
  /** The heaviest call that was counted inside it. */
  inside: Weight;
}

interface SpanNode extends SpanNodeState {
  /** What below looks for its task and has come up to here. */
  seekers: Seeker[] | undefined;
}

/** What has found its task, or has found its feature or looks for it no more. */
export type Found =
  | { readonly sought: TaskSought; readonly task: TaskCandidate }
  | {
      readonly sought: FeatureSought;
      readonly feature: string | undefined;
      /** Costspan has told the call meanwhile: it does not count. */
      readonly isTold?: boolean;
    };

const NONE: readonly Found[] = [];

/** Whether a call counts, and what was told of it before and will not. */
export interface Admission {
  readonly counts: boolean;
  readonly insteadOf: readonly CallRecord[];
}

const NOTHING: readonly CallRecord[] = [];
const COUNTS: Admission = { counts: true, insteadOf: NOTHING };
const TOLD: Admission = { counts: false, insteadOf: NOTHING };

/**
 * The trees of the spans, as far as calls need them. Spans come in any order, mostly the inner before the outer, so a
 * call counts at once and finds later what is around it: whether another span has reported the same call, and which
 * span is its task.
 */
export class Traces {
  readonly #nodes = new BoundedMap<SpanNode>(MAX_PLACED_SPANS);
  readonly #candidates = new BoundedMap<TaskCandidate>(MAX_TASK_CANDIDATES);
  readonly #features = new BoundedMap<string>(MAX_FEATURE_SPANS);
  readonly #twins = new Twins();
  readonly #searches: Searches;

  constructor(options: SearchOptions) {
    this.#searches = new Searches(options);
  }

  /** Calls that stay outside of any task because too many were looking, or nothing came in time. */
  get unfound(): number {
    return this.#searches.unfound;
  }

  beginCounting(): void {
    this.#searches.unfound = 0;
  }

  /** Takes the place of a span; returns everything whose task or feature is known by it. */
  place(place: SpanPlace, nowMs: number): readonly Found[] {
    const node = this.#node(place.traceId, place.spanId);
    node.parentSpanId = place.parentSpanId;
    if (place.task !== undefined) this.#candidates.set(place.spanId, place.task);
    if (place.feature !== undefined) this.#features.set(place.spanId, place.feature);
    if (node.inside > 0) this.#markAbove(node, node.inside);
    const nested = place.task?.nested;
    if (node.seekers === undefined && nested === undefined) return NONE;
    const seekers = node.seekers?.filter((seeker) => this.#searches.has(seeker)) ?? [];
    node.seekers = undefined;
    if (nested !== undefined) seekers.push({ sought: nested, best: undefined });
    return seekers.flatMap((seeker) => this.#step(seeker, node, nowMs) ?? []);
  }

  /**
   * Whether a call, whose place was taken, counts: not when another span of it was counted, one inside or around it or
   * a twin. When it does, no span around it will. What others have told of it and still waits gives way to costspan's
   * own report. Where reports may wait, one that is alike by far only is no twin yet: a nearer one may come.
   */
  admit(call: CallRecord, mayWait: boolean): Admission {
    const weight = weightOf(call);
    const node = this.#node(call.traceId, call.spanId);
    if (node.inside >= weight) return TOLD;
    let insteadOf = NOTHING;
    let at: SpanNode | undefined = this.#parentOf(node);
    for (let step = 0; at !== undefined && step < MAX_STEPS; step += 1) {
      if (at.own >= weight) {
        const waiting = at.own === weight ? this.#withdraw(call, at) : undefined;
        if (waiting === undefined) return { counts: false, insteadOf };
        insteadOf = [...insteadOf, waiting];
      }
      at = this.#parentOf(at);
    }
    const twin = this.#twins.claim(call, mayWait ? NEAR_MS : Number.POSITIVE_INFINITY);
    const told = twin && readSpan(twin);
    if (told !== undefined && !insteadOf.some(({ spanId }) => spanId === told.spanId)) {
      const waiting = twin?.weight === weight ? this.#withdraw(call, told) : undefined;
      if (waiting === undefined) return { counts: false, insteadOf };
      insteadOf = [...insteadOf, waiting];
    }
    this.#twins.note(call, insteadOf);
    node.own = weight;
    this.#markAbove(node, weight);
    return insteadOf === NOTHING ? COUNTS : { counts: true, insteadOf };
  }

  /** What another emitter has told of costspan's own call, if it still waits: it waits no more. */
  #withdraw(call: CallRecord, { traceId, spanId }: SpanRef): CallRecord | undefined {
    return isOwn(call) ? this.#searches.withdraw(traceId, spanId) : undefined;
  }

  /** Looks for a task; what is not found now may come with {@link place} or {@link due}. */
  findTask(sought: TaskSought, nowMs: number): TaskCandidate | undefined {
    const seeker: Seeker = { sought, best: undefined };
    this.#step(seeker, this.#node(sought.traceId, sought.spanId), nowMs);
    return this.#searches.has(seeker) ? undefined : seeker.best;
  }

  /** Whether one more call may wait for its feature, or for its twin. */
  get hasRoom(): boolean {
    return this.#searches.hasFeatureRoom;
  }

  /** Whether costspan's own report of the call may still come, which knows better what was used. */
  hasForeseenTwin(call: CallRecord): boolean {
    return this.#twins.isForeseen(call);
  }

  /**
   * Looks for the feature of a call, or waits for its twin; undefined when it waits: then it comes with {@link place} or
   * {@link due}, or another one comes instead of it with {@link admit}.
   */
  findFeature(
    call: CallRecord,
    { nowMs, mayWait }: { nowMs: number; mayWait: boolean },
  ): Pick<Seeker, 'feature'> | undefined {
    const ref = spanOf(call);
    if (!mayWait) return { feature: this.#featureOf(ref) };
    if (this.#twins.isForeseen(call)) {
      const sought: FeatureSought = { ...ref, featureless: call, twin: true };
      this.#searches.begin({ sought, best: undefined }, nowMs);
      return undefined;
    }
    const seeker: Seeker = { sought: { ...ref, featureless: call }, best: undefined };
    this.#step(seeker, this.#node(ref.traceId, ref.spanId), nowMs);
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
      const isTold = this.#twins.claim(sought.featureless, Number.POSITIVE_INFINITY) !== undefined;
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

  /** All of it as plain data, as it is now. */
  readState(): TraceState[] {
    return [
      ...[...chunk(this.#nodes.map(copyNode))].map((nodes) => ({ nodes })),
      ...[...chunk(this.#candidates.entries())].map((candidates) => ({ candidates })),
      ...[...chunk(this.#features.entries())].map((features) => ({ features })),
      ...[...chunk(this.#twins.readState())].map((sightings) => ({ sightings })),
      ...[...chunk(this.#searches.readState())].map((searches) => ({ searches })),
    ];
  }

  /** Brings back {@link readState}, part after part. */
  restore({ nodes = [], candidates = [], features = [], sightings = [], searches = [] }: TraceState): void {
    for (const node of nodes) this.#nodes.set(node.spanId, { ...node, seekers: undefined });
    this.#twins.restore(sightings);
    for (const [spanId, task] of candidates) this.#candidates.set(spanId, task);
    for (const [spanId, feature] of features) this.#features.set(spanId, feature);
    for (const search of searches) this.#restoreSearch(search);
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
    const found = this.#step(seeker, this.#node(sought.traceId, sought.spanId), atMs);
    // Nobody has counted it: it may not end before the aggregate asks for what is due.
    if (found !== undefined && waiting !== undefined) this.#searches.begin(seeker, atMs);
  }

  /** Goes up from a node as far as is known; what was found, when the search ends there. */
  #step(seeker: Seeker, from: SpanNode, nowMs: number): Found | undefined {
    if (this.#climb(seeker, from)) {
      this.#searches.end(seeker.sought);
      return readFound(seeker);
    }
    this.#searches.begin(seeker, nowMs);
    return undefined;
  }

  /** True when nothing better can come; else the seeker waits at the first span that has not come. */
  #climb(seeker: Seeker, from: SpanNode): boolean {
    let node = from;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (this.#look(seeker, node.spanId) || node.parentSpanId === '') return true;
      if (node.parentSpanId === undefined) {
        node.seekers ??= [];
        node.seekers.push(seeker);
        return false;
      }
      node = this.#node(node.traceId, node.parentSpanId);
    }
    return true;
  }

  /** Tells the spans around a node of a call inside, up to the first that knows it or has not come. */
  #markAbove(from: SpanNode, weight: Weight): void {
    let node = from;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (node.parentSpanId === undefined || node.parentSpanId === '') return;
      node = this.#node(node.traceId, node.parentSpanId);
      if (node.inside >= weight) return;
      node.inside = weight;
    }
  }

  /** Takes what a span has for the seeker; true when nothing further up is better. */
  #look(seeker: Seeker, spanId: string): boolean {
    if ('featureless' in seeker.sought) {
      const feature = this.#features.get(spanId);
      if (feature !== undefined) seeker.feature = feature;
      return feature !== undefined;
    }
    const task = this.#candidates.get(spanId);
    if (task !== undefined && isBetter(task, seeker)) seeker.best = task;
    return isFinal(seeker);
  }

  #featureOf(ref: SpanRef): string | undefined {
    return this.#lookUp(ref, (spanId) => this.#features.get(spanId));
  }

  #findOuter(inner: NestedSpan): TaskCandidate | undefined {
    const seeker: Seeker = { sought: inner, best: undefined };
    return this.#lookUp(inner, (spanId) => {
      const task = this.#candidates.get(spanId);
      return task !== undefined && isBetter(task, seeker) ? task : undefined;
    });
  }

  /** The first that `read` finds at a span or further up, as far as is known. */
  #lookUp<T>({ traceId, spanId }: SpanRef, read: (spanId: string) => T | undefined): T | undefined {
    let node = this.#nodes.get(spanId);
    if (node?.traceId !== traceId) return undefined;
    for (let step = 0; node !== undefined && step < MAX_STEPS; step += 1) {
      const found = read(node.spanId);
      if (found !== undefined) return found;
      node = this.#parentOf(node);
    }
    return undefined;
  }

  #parentOf({ traceId, parentSpanId }: SpanNode): SpanNode | undefined {
    if (parentSpanId === undefined || parentSpanId === '') return undefined;
    const parent = this.#nodes.get(parentSpanId);
    return parent?.traceId === traceId ? parent : undefined;
  }

  #node(traceId: string, spanId: string): SpanNode {
    const known = this.#nodes.get(spanId);
    if (known?.traceId === traceId) return known;
    const node: SpanNode = {
      spanId,
      traceId,
      parentSpanId: undefined,
      own: 0,
      inside: 0,
      seekers: undefined,
    };
    this.#nodes.set(spanId, node);
    return node;
  }
}

type SpanRef = Pick<CallRecord, 'traceId' | 'spanId'>;
const spanOf = ({ traceId, spanId }: CallRecord): SpanRef => ({ traceId, spanId });

/** What a search that is over has found; undefined when that is no task. */
function readFound({ sought, best, feature }: Seeker): Found | undefined {
  if ('featureless' in sought) return { sought, feature };
  return best === undefined ? undefined : { sought, task: best };
}

/** Whether a task suits better than the best so far: of a call by its rank, of a task inside it as one that may hold it. */
function isBetter(task: TaskCandidate, { sought, best }: Seeker): boolean {
  if (!('nestedId' in sought)) return best === undefined || task.rank < best.rank;
  const isNamed = task.record === undefined;
  return task.id !== sought.nestedId && (isNamed || task.nested !== undefined);
}

const isFinal = ({ sought, best }: Seeker): boolean =>
  best !== undefined && (best.isFinal || 'nestedId' in sought);

const copyNode = ({ spanId, traceId, parentSpanId, own, inside }: SpanNode): SpanNodeState => ({
  spanId,
  traceId,
  parentSpanId,
  own,
  inside,
});
