import { BoundedMap } from './bounded-map.js';
import type { CallRecord, SpanPlace, TaskCandidate } from './records.js';
import { chunk, type TraceState } from './state.js';
import { Twins } from './twins.js';
import { type Weight, weightOf } from './weight.js';

/** Spans whose place is remembered, those of them that may be tasks, and calls that look for theirs; the oldest go. */
export const MAX_PLACED_SPANS = 100_000;
export const MAX_TASK_CANDIDATES = 20_000;
export const MAX_SEEKING_CALLS = 50_000;
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
  /** Calls below that look for their task and have come up to here. */
  seekers: Seeker[] | undefined;
}

/** A call that looks for its task among the spans around it. */
interface Seeker {
  readonly call: CallRecord;
  best: TaskCandidate | undefined;
}

/** A call that waits, and since when: a new object for each step, since a queue knows what it holds by that. */
interface Search {
  readonly seeker: Seeker;
  atMs: number;
}

/** A call whose task was found. */
export interface FoundTask {
  readonly call: CallRecord;
  readonly task: TaskCandidate;
}

/** How long calls look. */
export interface TraceOptions {
  /** With a task at hand, whether there is one of a better rank further up. */
  readonly settleQuietMs: number;
  /** Without one. */
  readonly settleAfterMs: number;
}

/**
 * The trees of the spans, as far as calls need them. Spans come in any order, mostly the inner before the outer, so a
 * call counts at once and finds later what is around it: whether another span has reported the same call, and which
 * span is its task.
 */
export class Traces {
  /** Calls that stay outside of any task because too many were looking, or nothing came in time. */
  unfound = 0;
  readonly #options: TraceOptions;
  readonly #nodes = new BoundedMap<SpanNode>(MAX_PLACED_SPANS);
  readonly #candidates = new BoundedMap<TaskCandidate>(MAX_TASK_CANDIDATES);
  readonly #twins = new Twins();
  // Without a task yet, and with one that a better one may still replace; each in the order of the last step.
  readonly #searching = new BoundedMap<Search>(MAX_SEEKING_CALLS);
  readonly #choosing = new BoundedMap<Search>(MAX_SEEKING_CALLS);

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** Takes the place of a span; returns the calls whose task is known by it. */
  place(place: SpanPlace, nowMs: number): FoundTask[] {
    const node = this.#node(place.traceId, place.spanId);
    node.parentSpanId = place.parentSpanId;
    if (place.task !== undefined) this.#candidates.set(place.spanId, place.task);
    if (node.inside > 0) this.#markAbove(node, node.inside);
    const { seekers } = node;
    if (seekers === undefined) return [];
    node.seekers = undefined;
    return seekers.flatMap((seeker) => {
      // Its search may have been ended meanwhile.
      const found = this.#isSeeking(seeker) ? this.#step(seeker, node, nowMs) : undefined;
      return found === undefined ? [] : [found];
    });
  }

  /**
   * Whether a call, whose place was taken, counts: false when another span of it was counted, one inside or around it
   * or a twin. When it does, no span around it will.
   */
  admit(call: CallRecord): boolean {
    const weight = weightOf(call);
    const node = this.#node(call.traceId, call.spanId);
    if (node.inside >= weight) return false;
    let at: SpanNode | undefined = this.#parentOf(node);
    for (let step = 0; at !== undefined && step < MAX_STEPS; step += 1) {
      if (at.own >= weight) return false;
      at = this.#parentOf(at);
    }
    if (this.#twins.claim(call)) return false;
    node.own = weight;
    this.#markAbove(node, weight);
    this.#twins.note(call);
    return true;
  }

  /** Looks for the task of a call that counts; what is not found now may come with {@link place} or {@link due}. */
  findTask(call: CallRecord, nowMs: number): TaskCandidate | undefined {
    return this.#step({ call, best: undefined }, this.#node(call.traceId, call.spanId), nowMs)?.task;
  }

  /** Ends the search of calls that have waited long enough. */
  due(nowMs: number): FoundTask[] {
    const found: FoundTask[] = [];
    this.#choosing.forgetWhile(({ seeker: { call, best }, atMs }) => {
      if (best === undefined || nowMs - atMs < this.#options.settleQuietMs) return false;
      found.push({ call, task: best });
      return true;
    });
    this.unfound += this.#searching.forgetWhile(({ atMs }) => nowMs - atMs >= this.#options.settleAfterMs);
    return found;
  }

  /** Whether {@link due} would end a search. */
  isDue(nowMs: number): boolean {
    const { settleAfterMs, settleQuietMs } = this.#options;
    const isOver = (search: Search | undefined, waitMs: number) =>
      search !== undefined && nowMs - search.atMs >= waitMs;
    return isOver(this.#choosing.oldest, settleQuietMs) || isOver(this.#searching.oldest, settleAfterMs);
  }

  /** The clock was set by so much: what waits has waited as long as before. */
  shiftClock(byMs: number): void {
    for (const search of this.#searches()) search.atMs += byMs;
  }

  /** All of it as plain data. */
  *readState(): IterableIterator<TraceState> {
    for (const nodes of chunk(this.#nodes.entries()))
      yield { nodes: nodes.map(([, { seekers: _, ...node }]) => node) };
    for (const candidates of chunk(this.#candidates.entries())) yield { candidates };
    for (const sightings of chunk(this.#twins.entries())) yield { sightings };
    for (const searches of chunk(this.#searches()))
      yield { searches: searches.map(({ seeker, atMs }) => ({ ...seeker, atMs })) };
  }

  /** Brings back {@link readState}, part after part. */
  restore({ nodes = [], candidates = [], sightings = [], searches = [] }: TraceState): void {
    for (const node of nodes) this.#nodes.set(node.spanId, { ...node, seekers: undefined });
    this.#twins.restore(sightings);
    for (const [spanId, task] of candidates) this.#candidates.set(spanId, task);
    for (const { call, best, atMs } of searches)
      this.#step({ call, best }, this.#node(call.traceId, call.spanId), atMs);
  }

  *#searches(): IterableIterator<Search> {
    for (const [, search] of this.#searching.entries()) yield search;
    for (const [, search] of this.#choosing.entries()) yield search;
  }

  /** Goes up from a node as far as is known; what was found, when the search ends there. */
  #step(seeker: Seeker, from: SpanNode, nowMs: number): FoundTask | undefined {
    const { call } = seeker;
    this.#searching.delete(call.spanId);
    this.#choosing.delete(call.spanId);
    const isAtEnd = this.#climb(seeker, from);
    const { best } = seeker;
    if (isAtEnd) return best === undefined ? undefined : { call, task: best };
    const queue = best === undefined ? this.#searching : this.#choosing;
    this.unfound += queue.set(call.spanId, { seeker, atMs: nowMs });
    return undefined;
  }

  /** True when nothing better can come; else the seeker waits at the first span that has not come. */
  #climb(seeker: Seeker, from: SpanNode): boolean {
    let node = from;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const task = this.#candidates.get(node.spanId);
      if (task !== undefined && task.rank < (seeker.best?.rank ?? Number.POSITIVE_INFINITY))
        seeker.best = task;
      if (seeker.best?.isFinal === true || node.parentSpanId === '') return true;
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

  #isSeeking(seeker: Seeker): boolean {
    const { spanId } = seeker.call;
    return (this.#searching.get(spanId) ?? this.#choosing.get(spanId))?.seeker === seeker;
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

/** The same under other rules: `translate` says what bits of evidence mean to them. */
export function translateTraces(
  { candidates = [], searches = [], ...rest }: TraceState,
  translate: (bits: bigint) => bigint,
): TraceState {
  const translateTask = (task: TaskCandidate): TaskCandidate => {
    const { record } = task;
    if (record?.evidence === undefined) return task;
    return { ...task, record: { ...record, evidence: translate(record.evidence) } };
  };
  const translateCall = (call: CallRecord): CallRecord => {
    if (call.evidence === undefined) return call;
    const { bits, lastBits } = call.evidence;
    const last = lastBits === undefined ? {} : { lastBits: translate(lastBits) };
    return { ...call, evidence: { bits: translate(bits), ...last } };
  };
  return {
    ...rest,
    candidates: candidates.map(([spanId, task]) => [spanId, translateTask(task)]),
    searches: searches.map(({ call, best, atMs }) => ({
      call: translateCall(call),
      best: best && translateTask(best),
      atMs,
    })),
  };
}
