import type { Waiting } from './births.js';
import type { Series, SeriesSet } from './series.js';

/** One amount for one series. */
export interface Booking {
  readonly set: SeriesSet;
  readonly series: Series;
  readonly amount: number | bigint;
}

export const booking = <Amount extends number | bigint>(
  set: SeriesSet<Series<Amount>>,
  labels: readonly string[],
  amount: Amount,
): Booking => ({ set, series: set.at(labels), amount });

/** Amounts that may have to wait, for series whose sum no other metric must equal. */
export const createWaiting = (bookings: readonly Booking[], nowMs: number): Waiting => ({
  series: bookings.map(({ series }) => series),
  picoUsd: 0n,
  nowMs,
  book() {
    for (const { series, amount } of bookings) series.book(amount);
  },
  readState: () => ({
    bookings: bookings.map(({ set, series, amount }) => ({
      metric: set.definition.name,
      labels: series.labels,
      amount,
    })),
  }),
});
