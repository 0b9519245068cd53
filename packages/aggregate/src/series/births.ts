import type { MetricDefinition } from '@costspan/semconv';
import type { HeldState, WaitingState } from '../state.js';
import {
  CountSeries,
  MoneyHistogram,
  MoneySeries,
  SavingsSeries,
  SecondsHistogram,
  type Series,
  SeriesSet,
} from './series.js';

/** A record that may have to wait, whole, until a scrape has shown its new series at 0. */
export interface Waiting {
  /** Every series that it adds to, or whose like it belongs to. */
  readonly series: readonly Series[];
  readonly picoUsd: bigint;
  /** When it was received. */
  nowMs: number;
  /** Adds it to everything. */
  book(): void;
  /** What {@link book} adds, as plain data. */
  readState(): WaitingState;
}

export interface BirthLimits {
  /** Label sets of one metric. */
  readonly seriesPerMetric: number;
  /** A record waits at most this long for a scrape. */
  readonly maxHoldMs: number;
  /** Records that wait at most; beyond it the oldest waits no longer. */
  readonly maxHeld: number;
}

/**
 * Where series are born. A counter that is first seen with its first amount shows Prometheus no increase, so, as long
 * as somebody scrapes, a whole record waits until one scrape has shown its new series at 0. Because a record waits whole, in every metric at once,
 * what is exposed is at every moment the exact aggregate of the records that are through: sums across metrics agree.
 */
export class Births {
  readonly sets: SeriesSet[] = [];
  #newborn: Series[] = [];
  #held: Waiting[] = [];
  #heldPicoUsd = 0n;
  #lastScrapeMs: number | undefined;
  readonly #limits: BirthLimits;

  constructor(limits: BirthLimits) {
    this.#limits = limits;
  }

  get heldPicoUsd(): bigint {
    return this.#heldPicoUsd;
  }

  get maxHoldMs(): number {
    return this.#limits.maxHoldMs;
  }

  counts(definition: MetricDefinition): SeriesSet<CountSeries> {
    return this.#set(definition, (labels, overflow) => new CountSeries(labels, overflow));
  }

  money(definition: MetricDefinition): SeriesSet<MoneySeries> {
    return this.#set(definition, (labels, overflow) => new MoneySeries(labels, overflow));
  }

  savings(definition: MetricDefinition): SeriesSet<SavingsSeries> {
    return this.#set(definition, (labels, overflow) => new SavingsSeries(labels, overflow));
  }

  secondsHistogram(definition: MetricDefinition): SeriesSet<SecondsHistogram> {
    const { buckets = [] } = definition;
    return this.#set(definition, (labels, overflow) => new SecondsHistogram(labels, buckets, overflow));
  }

  moneyHistogram(definition: MetricDefinition): SeriesSet<MoneyHistogram> {
    const { buckets = [] } = definition;
    return this.#set(definition, (labels, overflow) => new MoneyHistogram(labels, buckets, overflow));
  }

  /** True while a next scrape is to be expected: nothing waits for a scraper that has not come or comes no more. */
  isScraped(nowMs: number): boolean {
    return this.#lastScrapeMs !== undefined && nowMs - this.#lastScrapeMs < this.#limits.maxHoldMs;
  }

  /** Keeps a record until its series have been shown or the wait is over. */
  hold(waiting: Waiting): void {
    this.#keep(waiting);
    if (this.#held.length > this.#limits.maxHeld) this.#release(1);
  }

  /** Lets through what has waited long enough: nobody seems to scrape. */
  releaseDue(nowMs: number): void {
    const dueMs = nowMs - this.#limits.maxHoldMs;
    const firstYoung = this.#held.findIndex(({ nowMs: sinceMs }) => sinceMs > dueMs);
    this.#release(firstYoung === -1 ? this.#held.length : firstYoung);
  }

  /** To be called in the same turn as the scrape has read every value: what was born has now been seen at 0. */
  markShown(nowMs: number): void {
    this.#lastScrapeMs = nowMs;
    for (const series of this.#newborn) series.isShown = true;
    this.#newborn = [];
    this.#release(this.#held.length);
  }

  /** Whether {@link releaseDue} would let something through. */
  isDue(nowMs: number): boolean {
    const first = this.#held[0];
    return first !== undefined && first.nowMs <= nowMs - this.#limits.maxHoldMs;
  }

  /** What waits, oldest first, and since when a scraper is known, as plain data. */
  readState(): { readonly held: readonly HeldState[]; readonly lastScrapeMs?: number } {
    const held = this.#held.map((one) => ({ waiting: one.readState(), sinceMs: one.nowMs }));
    return { held, ...(this.#lastScrapeMs !== undefined && { lastScrapeMs: this.#lastScrapeMs }) };
  }

  /** Brings back {@link readState}, after the series. */
  restoreWaiting(held: readonly Waiting[], lastScrapeMs: number | undefined): void {
    for (const waiting of held) this.#keep(waiting);
    this.#lastScrapeMs = lastScrapeMs;
  }

  /** The clock was set by so much: what waits has waited as long as before. */
  shiftClock(byMs: number): void {
    for (const waiting of this.#held) waiting.nowMs += byMs;
    if (this.#lastScrapeMs !== undefined) this.#lastScrapeMs += byMs;
  }

  #keep(waiting: Waiting): void {
    this.#held.push(waiting);
    this.#heldPicoUsd += waiting.picoUsd;
  }

  #release(count: number): void {
    if (count === 0) return;
    for (const waiting of this.#held.splice(0, count)) {
      this.#heldPicoUsd -= waiting.picoUsd;
      // Given up on: or every later record of the series would wait as long.
      for (const series of waiting.series) series.isShown = true;
      waiting.book();
    }
  }

  #set<S extends Series>(
    definition: MetricDefinition,
    create: (labels: readonly string[], overflow: SeriesSet['overflow'] | undefined) => S,
  ): SeriesSet<S> {
    const set = new SeriesSet<S>(definition, {
      limit: this.#limits.seriesPerMetric,
      create,
      onBirth: (series) => this.#newborn.push(series),
    });
    this.sets.push(set);
    return set;
  }
}
