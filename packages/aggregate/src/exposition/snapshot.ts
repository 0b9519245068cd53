import { METRIC, type MetricDefinition, PROCESSOR_METRIC } from '@costspan/semconv';
import type { Aggregate } from '../aggregate.js';
import { sumToUsd } from '../series/money.js';
import {
  type Exemplar,
  HistogramSeries,
  type Series,
  type SeriesAmounts,
  type SeriesSet,
} from '../series/series.js';

/** One value of a metric and what it is told by. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All series of one metric as they stood at one moment: they go on growing while this is rendered. */
export interface SeriesSnapshot {
  readonly definition: MetricDefinition;
  readonly series: readonly Series[];
  /** What each of them held. */
  readonly amounts: readonly SeriesAmounts[];
  /** Of each histogram that had one. */
  readonly exemplars: ReadonlyMap<Series, Exemplar>;
}

/** One metric as it stood at one moment. */
export type Snapshot =
  | { readonly definition: MetricDefinition; readonly samples: readonly Sample[] }
  | SeriesSnapshot;

/** A metric with one value and no labels. */
export const readSingle = (definition: MetricDefinition, value: number): Snapshot => ({
  definition,
  samples: [{ labels: {}, value }],
});

/**
 * Every metric of the aggregate, read in one turn: sums across metrics agree to the pico-dollar. Values are only copied
 * here, which takes a few milliseconds; to make text of them takes ten times as long and can be done bit by bit.
 */
export function readSnapshots(aggregate: Aggregate, nowMs: number): Snapshot[] {
  return [...aggregate.series.map(readSeriesSet), ...readBudgets(aggregate, nowMs), ...readHealth(aggregate)];
}

/** What an aggregate tells of its own health. */
export const readHealth = (aggregate: Aggregate): Snapshot[] => [
  readOverflow(aggregate),
  readSingle(PROCESSOR_METRIC.OPEN_TASKS, aggregate.openTasks),
  readSingle(PROCESSOR_METRIC.HELD_COST, sumToUsd(aggregate.totals().heldPicoUsd)),
];

function readSeriesSet(set: SeriesSet): SeriesSnapshot {
  const series = [...set.values()];
  const amounts = series.map((one) => one.readAmounts());
  const exemplars = new Map<Series, Exemplar>();
  for (const one of series)
    if (one instanceof HistogramSeries && one.exemplar !== undefined) exemplars.set(one, one.exemplar);
  return { definition: set.definition, series, amounts, exemplars };
}

function readBudgets(aggregate: Aggregate, nowMs: number): Snapshot[] {
  const positions = aggregate.budgetPositions(nowMs).map(({ budget, period, spendPicoUsd }) => ({
    labels: { budget: budget.name },
    limit: sumToUsd(budget.limitPicoUsd),
    spend: sumToUsd(spendPicoUsd),
    start: period.startMs / 1000,
    end: period.endMs / 1000,
  }));
  const gauge = (definition: MetricDefinition, value: 'limit' | 'spend' | 'start' | 'end'): Snapshot => ({
    definition,
    samples: positions.map((position) => ({ labels: position.labels, value: position[value] })),
  });
  return [
    gauge(METRIC.BUDGET_LIMIT, 'limit'),
    gauge(METRIC.BUDGET_PERIOD_SPEND, 'spend'),
    gauge(METRIC.BUDGET_PERIOD_START, 'start'),
    gauge(METRIC.BUDGET_PERIOD_END, 'end'),
  ];
}

/** Rules make the same text of the start: below a million no engine writes it with an exponent, as it would seconds. */
const HOUR_MS = 3_600_000;

/** The spend of each budget under the name of who has counted it: one of several, that may be gone tomorrow. */
export function readBudgetShares(aggregate: Aggregate, processor: string, nowMs: number): Snapshot {
  const samples = aggregate.budgetPositions(nowMs).map(({ budget, period, spendPicoUsd }) => ({
    labels: { budget: budget.name, period: String(period.startMs / HOUR_MS), processor },
    value: sumToUsd(spendPicoUsd),
  }));
  return { definition: PROCESSOR_METRIC.BUDGET_SPEND, samples };
}

function readOverflow(aggregate: Aggregate): Snapshot {
  const samples = aggregate.series.map(({ overflow }) => ({
    labels: { metric: overflow.metric },
    value: overflow.count,
  }));
  return { definition: PROCESSOR_METRIC.OVERFLOW, samples };
}
