import {
  type CallRecord,
  isRelayed,
  type NestedSpan,
  type SpanEvidence,
  type TaskCandidate,
} from '../records.js';
import { BoundedMap } from '../rows/bounded-map.js';
import type { SearchState } from '../state.js';
import type { WorkCounts } from '../work.js';

/** Calls that look for their task, and spans of other kinds that do; the oldest go. */
const MAX_SEEKING_CALLS = 50_000;
const MAX_SEEKING_SPANS = 20_000;
/** Calls that wait for their feature; further ones do not. */
const MAX_FEATURELESS_CALLS = 10_000;

/** What looks for a task around it: a call, something that shows how one went, or a task inside another one. */
export type TaskSought = CallRecord | SpanEvidence | NestedSpan;

/** A call that looks for the feature that it serves, and counts when that is known. */
export interface FeatureSought {
  readonly traceId: string;
  readonly spanId: string;
  readonly featureless: CallRecord;
  /** It waits for costspan's own report of the same call, whatever is known of its feature. */
  readonly twin?: true;
}

/** What looks for something around it. */
export type Sought = TaskSought | FeatureSought;

/** What looks for its task, and the best that it has found so far; or for its feature. */
export interface Seeker {
  sought: Sought;
  best: TaskCandidate | undefined;
  feature?: string | undefined;
}

/** What waits, and since when: a new object for each step, since a queue knows what it holds by that. */
interface Search {
  readonly seeker: Seeker;
  atMs: number;
}

/** How long is looked. */
export interface SearchOptions {
  /** With a task at hand, whether there is one of a better rank further up. */
  readonly settleQuietMs: number;
  /** Without one. */
  readonly settleAfterMs: number;
  /** For a feature. */
  readonly featureWaitMs: number;
  /** Where calls that looked in vain are counted. */
  readonly work: WorkCounts;
}

const isCallRecord = (sought: Sought): sought is CallRecord =>
  !('bits' in sought || 'nestedId' in sought || 'featureless' in sought);

/** The span of the call that a call waits for, which is its parent in another service. */
const readCaller = (sought: Sought): string | undefined =>
  'featureless' in sought && sought.twin === true && isRelayed(sought.featureless)
    ? sought.featureless.parentSpanId
    : undefined;
const NONE: readonly CallRecord[] = [];

/** Of two kinds that one span may be at once, each looks for itself. */
const keyOf = (sought: Sought): string => ('nestedId' in sought ? sought.nestedId : sought.spanId);

/** Everything that waits for a span around it, and how long it does. */
export class Searches {
  options: SearchOptions;
  readonly #calls = createQueues(MAX_SEEKING_CALLS);
  readonly #spans = createQueues(MAX_SEEKING_SPANS);
  readonly #features = createQueues(MAX_FEATURELESS_CALLS);
  /** Spans of the calls that wait for the call of another service that they are part of, by the span of that. */
  readonly #relayed = new Map<string, Set<string>>();

  constructor(options: SearchOptions) {
    this.options = options;
  }

  /** Whether one more call may wait for its feature; none does where no wait is configured. */
  get hasFeatureRoom(): boolean {
    return this.options.featureWaitMs > 0 && this.#features.without.size < MAX_FEATURELESS_CALLS;
  }

  /** Waits from now on, instead of as before; for a feature as long as at first, since nobody counts it meanwhile. */
  begin(seeker: Seeker, nowMs: number): void {
    const { sought, best } = seeker;
    const atMs = 'featureless' in sought ? (this.#find(sought)?.atMs ?? nowMs) : nowMs;
    this.end(sought);
    const { without, withBest } = this.#queuesOf(sought);
    const forgotten = (best === undefined ? without : withBest).set(keyOf(sought), { seeker, atMs });
    if (isCallRecord(sought)) this.options.work.tasklessCalls += forgotten;
    const caller = readCaller(sought);
    if (caller === undefined) return;
    const relayed = this.#relayed.get(caller) ?? new Set();
    this.#relayed.set(caller, relayed.add(keyOf(sought)));
  }

  /** Looks no more. */
  end(sought: Sought): void {
    const { without, withBest } = this.#queuesOf(sought);
    without.delete(keyOf(sought));
    withBest.delete(keyOf(sought));
    this.#forgetCaller(sought);
  }

  #forgetCaller(sought: Sought): void {
    const caller = readCaller(sought);
    const relayed = caller === undefined ? undefined : this.#relayed.get(caller);
    if (caller === undefined || relayed?.delete(keyOf(sought)) !== true) return;
    if (relayed.size === 0) this.#relayed.delete(caller);
  }

  /** Ends the searches of calls that wait for this one, which they are part of. */
  withdrawRelayed({ traceId, spanId }: Pick<CallRecord, 'traceId' | 'spanId'>): readonly CallRecord[] {
    const relayed = this.#relayed.size === 0 ? undefined : this.#relayed.get(spanId);
    return relayed === undefined ? NONE : [...relayed].flatMap((id) => this.withdraw(traceId, id) ?? []);
  }

  /** False when its search has been ended meanwhile, or begun anew. */
  has(seeker: Seeker): boolean {
    return this.#find(seeker.sought)?.seeker === seeker;
  }

  /** Ends the search of a call that waits for its feature or its twin; undefined when no such call waits. */
  withdraw(traceId: string, spanId: string): CallRecord | undefined {
    const sought = this.#findWaiting(traceId, spanId);
    if (sought !== undefined) this.end(sought);
    return sought?.featureless;
  }

  /** Whether such a call waits. */
  isWaiting({ traceId, spanId }: Pick<CallRecord, 'traceId' | 'spanId'>): boolean {
    return this.#findWaiting(traceId, spanId) !== undefined;
  }

  #findWaiting(traceId: string, spanId: string): FeatureSought | undefined {
    const sought = this.#features.without.get(spanId)?.seeker.sought;
    return sought !== undefined && 'featureless' in sought && sought.traceId === traceId ? sought : undefined;
  }

  /** Ends the searches that have lasted long enough; returns what has found a task, or waits for no feature any more. */
  due(nowMs: number): Seeker[] {
    const { settleAfterMs, settleQuietMs, featureWaitMs } = this.options;
    const over: Seeker[] = [];
    const isOver =
      (waitMs: number) =>
      ({ atMs }: Search): boolean =>
        nowMs - atMs >= waitMs;
    const take = (queue: BoundedMap<Search>, waitMs: number): number =>
      queue.forgetWhile((search) => isOver(waitMs)(search) && over.push(search.seeker) > 0);
    take(this.#features.without, featureWaitMs);
    for (const { sought } of over) this.#forgetCaller(sought);
    take(this.#calls.withBest, settleQuietMs);
    take(this.#spans.withBest, settleQuietMs);
    this.options.work.tasklessCalls += this.#calls.without.forgetWhile(isOver(settleAfterMs));
    this.#spans.without.forgetWhile(isOver(settleAfterMs));
    return over;
  }

  /** Whether {@link due} would end a search. */
  isDue(nowMs: number): boolean {
    const { settleAfterMs, settleQuietMs, featureWaitMs } = this.options;
    const isOver = ({ oldest }: BoundedMap<Search>, waitMs: number): boolean =>
      oldest !== undefined && nowMs - oldest.atMs >= waitMs;
    return (
      isOver(this.#features.without, featureWaitMs) ||
      [this.#calls, this.#spans].some(
        ({ without, withBest }) => isOver(withBest, settleQuietMs) || isOver(without, settleAfterMs),
      )
    );
  }

  /** The clock was set by so much: what waits has waited as long as before. */
  shiftClock(byMs: number): void {
    for (const search of this.#entries()) search.atMs += byMs;
  }

  /** Goes on looking for the same as something else, such as what it shows to other rules. */
  replaceAll(replace: (seeker: Seeker) => Pick<Seeker, 'sought' | 'best'>): void {
    for (const { seeker } of this.#entries()) Object.assign(seeker, replace(seeker));
  }

  *readState(): IterableIterator<SearchState> {
    for (const { seeker, atMs } of this.#entries()) {
      const { sought, best } = seeker;
      if (isCallRecord(sought)) yield { call: sought, best, atMs };
      else if ('featureless' in sought) {
        const { featureless, twin } = sought;
        yield { featureless, ...(twin === undefined ? {} : { twin }), best, atMs };
      } else yield { span: sought, best, atMs };
    }
  }

  *#entries(): IterableIterator<Search> {
    for (const { without, withBest } of [this.#features, this.#calls, this.#spans])
      for (const queue of [without, withBest]) for (const [, search] of queue.entries()) yield search;
  }

  #find(sought: Sought): Search | undefined {
    const { without, withBest } = this.#queuesOf(sought);
    return without.get(keyOf(sought)) ?? withBest.get(keyOf(sought));
  }

  #queuesOf(sought: Sought): Queues {
    if ('featureless' in sought) return this.#features;
    return isCallRecord(sought) ? this.#calls : this.#spans;
  }
}

/** Each in the order of the last step: without a task yet, and with one that a better one may still replace. */
interface Queues {
  readonly without: BoundedMap<Search>;
  readonly withBest: BoundedMap<Search>;
}

const createQueues = (limit: number): Queues => ({
  without: new BoundedMap<Search>(limit),
  withBest: new BoundedMap<Search>(limit),
});
