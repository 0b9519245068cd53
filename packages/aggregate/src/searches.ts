import { BoundedMap } from './bounded-map.js';
import type { CallRecord, NestedSpan, SpanEvidence, TaskCandidate } from './records.js';
import type { SearchState } from './state.js';

/** Calls that look for their task, and spans of other kinds that do; the oldest go. */
export const MAX_SEEKING_CALLS = 50_000;
export const MAX_SEEKING_SPANS = 20_000;

/** What looks for a task around it: a call, something that shows how one went, or a task inside another one. */
export type Sought = CallRecord | SpanEvidence | NestedSpan;

/** What looks for its task, and the best that it has found so far. */
export interface Seeker {
  readonly sought: Sought;
  best: TaskCandidate | undefined;
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
}

export const isCallRecord = (sought: Sought): sought is CallRecord =>
  !('bits' in sought || 'nestedId' in sought);

/** Of two kinds that one span may be at once, each looks for itself. */
const keyOf = (sought: Sought): string => ('nestedId' in sought ? sought.nestedId : sought.spanId);

/** Everything that waits for a span around it, and how long it does. */
export class Searches {
  /** Calls that looked in vain. */
  unfound = 0;
  readonly #options: SearchOptions;
  readonly #calls: Queues;
  readonly #spans: Queues;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#calls = createQueues(MAX_SEEKING_CALLS);
    this.#spans = createQueues(MAX_SEEKING_SPANS);
  }

  /** Waits from now on, instead of as before. */
  begin(seeker: Seeker, atMs: number): void {
    const { sought, best } = seeker;
    this.end(sought);
    const { without, withBest } = this.#queuesOf(sought);
    const forgotten = (best === undefined ? without : withBest).set(keyOf(sought), { seeker, atMs });
    if (isCallRecord(sought)) this.unfound += forgotten;
  }

  /** Looks no more. */
  end(sought: Sought): void {
    const { without, withBest } = this.#queuesOf(sought);
    without.delete(keyOf(sought));
    withBest.delete(keyOf(sought));
  }

  /** False when its search has been ended meanwhile, or begun anew. */
  has(seeker: Seeker): boolean {
    const { without, withBest } = this.#queuesOf(seeker.sought);
    const key = keyOf(seeker.sought);
    return (without.get(key) ?? withBest.get(key))?.seeker === seeker;
  }

  /** Ends the searches that have lasted long enough; returns those that have found a task. */
  due(nowMs: number): Seeker[] {
    const { settleAfterMs, settleQuietMs } = this.#options;
    const found: Seeker[] = [];
    for (const { withBest } of [this.#calls, this.#spans])
      withBest.forgetWhile(({ seeker, atMs }) => {
        if (nowMs - atMs < settleQuietMs) return false;
        found.push(seeker);
        return true;
      });
    const isOver = ({ atMs }: Search): boolean => nowMs - atMs >= settleAfterMs;
    this.unfound += this.#calls.without.forgetWhile(isOver);
    this.#spans.without.forgetWhile(isOver);
    return found;
  }

  /** Whether {@link due} would end a search. */
  isDue(nowMs: number): boolean {
    const { settleAfterMs, settleQuietMs } = this.#options;
    const isOver = (search: Search | undefined, waitMs: number) =>
      search !== undefined && nowMs - search.atMs >= waitMs;
    return [this.#calls, this.#spans].some(
      ({ without, withBest }) =>
        isOver(withBest.oldest, settleQuietMs) || isOver(without.oldest, settleAfterMs),
    );
  }

  /** The clock was set by so much: what waits has waited as long as before. */
  shiftClock(byMs: number): void {
    for (const search of this.#entries()) search.atMs += byMs;
  }

  *readState(): IterableIterator<SearchState> {
    for (const { seeker, atMs } of this.#entries()) {
      const { sought, best } = seeker;
      yield isCallRecord(sought) ? { call: sought, best, atMs } : { span: sought, best, atMs };
    }
  }

  *#entries(): IterableIterator<Search> {
    for (const { without, withBest } of [this.#calls, this.#spans])
      for (const queue of [without, withBest]) for (const [, search] of queue.entries()) yield search;
  }

  #queuesOf(sought: Sought): Queues {
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
