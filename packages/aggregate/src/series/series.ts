import { CLOSED_LABELS, type MetricDefinition, OVERFLOW_LABEL } from '@costspan/semconv';
import { addExactly, MoneySum, sumToUsd } from './money.js';

/** How often samples of one metric were booked under {@link OVERFLOW_LABEL} because its limit was reached. */
export interface Overflow {
  readonly metric: string;
  count: number;
}

/** One label set of one metric and its value so far: of money a bigint of whole pico-USD, of everything else a number. */
export abstract class Series<Amount extends number | bigint = number | bigint> {
  /** Whether a scrape has shown it, at 0; before that nothing is booked: Prometheus would not see it grow. */
  isShown = false;
  /** Its labels by their names, for whoever prints them; made for the first scrape. */
  sharedLabels: Readonly<Record<string, string>> | undefined;
  readonly labels: readonly string[];
  readonly overflow: Overflow | undefined;

  constructor(labels: readonly string[], overflow?: Overflow) {
    this.labels = labels;
    this.overflow = overflow;
  }

  /** So far; of a histogram the sum of its observations. */
  abstract value: number | bigint;
  abstract add(amount: Amount): void;
  /** All that {@link add} has built up, as plain data. */
  abstract readAmounts(): SeriesAmounts;
  /** The same, back from {@link readAmounts} of a series of this metric. */
  abstract restoreAmounts(amounts: SeriesAmounts): void;

  /** {@link add}, of an amount that a limit may have sent here: that is counted. */
  book(amount: Amount): void {
    if (this.overflow !== undefined && amount) this.overflow.count += 1;
    this.add(amount);
  }
}

/** What a series holds; each kind of series knows what stands at which place. */
export type SeriesAmounts = readonly (number | bigint)[];

/** A count: tokens, calls, tasks. */
export class CountSeries extends Series<number> {
  value = 0;
  add(amount: number): void {
    this.value += amount;
  }
  readAmounts(): SeriesAmounts {
    return [this.value];
  }
  restoreAmounts([value]: SeriesAmounts): void {
    this.value = Number(value);
  }
}

/** A sum of money, pico-USD, exact at any size. */
export class MoneySeries extends Series {
  #sum = new MoneySum();
  get value(): bigint {
    return this.#sum.value;
  }
  add(picoUsd: number | bigint): void {
    this.#sum.add(picoUsd);
  }
  readAmounts(): SeriesAmounts {
    return [this.value];
  }
  restoreAmounts([value = 0n]: SeriesAmounts): void {
    this.#sum = new MoneySum(BigInt(value));
  }
}

/**
 * A sum of savings, pico-USD. A cache write costs more than plain input, so one call may save less than nothing; as
 * a counter cannot go down, such a debt is carried and paid by later savings: the value is the highest net so far.
 */
export class SavingsSeries extends Series {
  #highestPicoUsd: number | bigint = 0;
  #netPicoUsd: number | bigint = 0;
  get value(): bigint {
    return BigInt(this.#highestPicoUsd);
  }
  add(picoUsd: number | bigint): void {
    this.#netPicoUsd = addExactly(this.#netPicoUsd, picoUsd);
    if (this.#netPicoUsd > this.#highestPicoUsd) this.#highestPicoUsd = this.#netPicoUsd;
  }
  readAmounts(): SeriesAmounts {
    return [this.value, BigInt(this.#netPicoUsd)];
  }
  restoreAmounts([value = 0n, netPicoUsd = 0n]: SeriesAmounts): void {
    this.#highestPicoUsd = addExactly(0, value);
    this.#netPicoUsd = addExactly(0, netPicoUsd);
  }
}

/** A call that stands for a series: its trace can be opened from the picture of it. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  /** What the series observed of it, in the unit of the metric. */
  readonly observed: number;
  /** What it cost, to tell the dearest by; 0 where that is not known. */
  readonly costPicoUsd: number;
  readonly endMs: number;
}

/** Observations by bucket. */
export abstract class HistogramSeries<
  Amount extends number | bigint = number | bigint,
> extends Series<Amount> {
  /** Per bucket, not cumulative; the last one is above every bound. */
  readonly counts: number[];
  readonly bounds: readonly number[];
  count = 0;
  /** The dearest call since the last scrape. It is no part of the state: a restart shows none. */
  exemplar: Exemplar | undefined;

  constructor(labels: readonly string[], bounds: readonly number[], overflow?: Overflow) {
    super(labels, overflow);
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** Sets the sum of the observations. */
  protected abstract restoreSum(sum: number | bigint): void;

  /** Counts an observation, in the unit of the bounds. */
  protected observe(observed: number): void {
    this.counts[this.bucketOf(observed)]! += 1;
    this.count += 1;
  }

  readAmounts(): SeriesAmounts {
    return [this.value, this.count, ...this.counts];
  }

  restoreAmounts([sum = 0, count, ...counts]: SeriesAmounts): void {
    this.restoreSum(sum);
    this.count = Number(count);
    for (const [index, inBucket] of counts.entries()) this.counts[index] = Number(inBucket);
  }

  /** The first bucket whose bound is not below, by halving. */
  bucketOf(observed: number): number {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (observed <= this.bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Observations of seconds. */
export class SecondsHistogram extends HistogramSeries<number> {
  value = 0;
  add(seconds: number): void {
    this.observe(seconds);
    this.value += seconds;
  }
  protected restoreSum(sum: number | bigint): void {
    this.value = Number(sum);
  }
}

/** Observations of money, in buckets of USD; the sum of them is exact. */
export class MoneyHistogram extends HistogramSeries {
  #sum = new MoneySum();
  get value(): bigint {
    return this.#sum.value;
  }
  add(picoUsd: number | bigint): void {
    this.observe(sumToUsd(picoUsd));
    this.#sum.add(picoUsd);
  }
  protected restoreSum(sum: number | bigint): void {
    this.#sum = new MoneySum(BigInt(sum));
  }
}

/** A series as plain data. */
export interface SeriesState {
  readonly labels: readonly string[];
  readonly isShown: boolean;
  /** It is one that took over at the limit. */
  readonly isOverflow: boolean;
  readonly amounts: SeriesAmounts;
}

export const readSeriesState = (series: Series): SeriesState => ({
  labels: series.labels,
  isShown: series.isShown,
  isOverflow: series.overflow !== undefined,
  amounts: series.readAmounts(),
});

/** What a {@link SeriesSet} needs beside its metric. */
export interface SeriesSetOptions<S extends Series> {
  /** Label sets at most; what comes after is booked under `other`, so that the sum stays whole. */
  readonly limit: number;
  readonly create: (labels: readonly string[], overflow: Overflow | undefined) => S;
  /** Told of every new series. */
  onBirth(series: S): void;
}

/** All series of one metric, bounded. A series is never dropped: born again it would start below what was scraped. */
export class SeriesSet<S extends Series = Series> {
  readonly definition: MetricDefinition;
  readonly overflow: Overflow;
  readonly #byKey = new Map<string, S>();
  readonly #options: SeriesSetOptions<S>;

  constructor(definition: MetricDefinition, options: SeriesSetOptions<S>) {
    this.definition = definition;
    this.overflow = { metric: definition.name, count: 0 };
    this.#options = options;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The series of these label values, in the order of the definition; made at 0 when it is new. */
  at(labels: readonly string[]): S {
    const key = labels.join('\u0000');
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size < this.#options.limit) return this.#create(key, labels, undefined);
    // Labels with a few values of our own keep them: the success ratio and the token types stay right.
    const others = labels.map((value, index) =>
      CLOSED_LABELS.includes(this.definition.labels[index]!) ? value : OVERFLOW_LABEL,
    );
    const otherKey = others.join('\u0000');
    return this.#byKey.get(otherKey) ?? this.#create(otherKey, others, this.overflow);
  }

  values(): IterableIterator<S> {
    return this.#byKey.values();
  }

  /** Brings back a series as it was, whatever the limit is by now. */
  restore({ labels, isShown, isOverflow, amounts }: SeriesState): void {
    const key = labels.join('\u0000');
    const overflow = isOverflow ? this.overflow : undefined;
    const series = this.#byKey.get(key) ?? this.#create(key, labels, overflow);
    series.isShown = isShown;
    series.restoreAmounts(amounts);
  }

  #create(key: string, labels: readonly string[], overflow: Overflow | undefined): S {
    const series = this.#options.create(labels, overflow);
    this.#byKey.set(key, series);
    this.#options.onBirth(series);
    return series;
  }
}
