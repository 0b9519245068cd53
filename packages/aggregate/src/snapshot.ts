import { METRIC, type MetricDefinition, PROCESSOR_METRIC } from '@costspan/semconv';
import type { Aggregate } from './aggregate.js';
import { sumToUsd } from './money.js';
import { type Exemplar, HistogramSeries, type Series, type SeriesSet } from './series.js';

/** One line of the exposition. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Where it is not the metric's own: `x_bucket`, `x_sum`, `x_count`. */
  readonly metricName?: string;
  /** A call among those counted here, as prom-client prints it where the format has a place for it. */
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    /** Seconds since the epoch. */
    readonly timestamp: number;
  };
}

/** One metric as it stood at one moment. */
export interface Snapshot {
  readonly definition: MetricDefinition;
  readonly samples: readonly Sample[];
}

/** A metric with one value and no labels. */
export const readSingle = (definition: MetricDefinition, value: number): Snapshot => ({
  definition,
  samples: [{ labels: {}, value }],
});

/** Every metric of the aggregate, read in one turn: sums across metrics agree to the pico-dollar. */
export function readSnapshots(aggregate: Aggregate, nowMs: number): Snapshot[] {
  return [
    ...aggregate.series.map(readSeriesSet),
    ...readBudgets(aggregate, nowMs),
    readOverflow(aggregate),
    readSingle(PROCESSOR_METRIC.OPEN_TASKS, aggregate.openTasks),
    readSingle(PROCESSOR_METRIC.HELD_COST, sumToUsd(aggregate.totals().heldPicoUsd)),
  ];
}

function readSeriesSet(set: SeriesSet): Snapshot {
  const samples: Sample[] = [];
  for (const series of set.values()) readSeries(set.definition, series, samples);
  return { definition: set.definition, samples };
}

function readSeries(definition: MetricDefinition, series: Series, samples: Sample[]): void {
  const labels: Record<string, string> = {};
  for (const [index, name] of definition.labels.entries()) labels[name] = series.labels[index] ?? '';
  if (!(series instanceof HistogramSeries)) {
    samples.push({ labels, value: toNumber(series.value) });
    return;
  }
  const { name } = definition;
  const inBucket = series.exemplar === undefined ? -1 : series.bucketOf(series.exemplar.observed);
  let cumulative = 0;
  for (const [index, count] of series.counts.entries()) {
    cumulative += count;
    const le = String(series.bounds[index] ?? '+Inf');
    const sample = { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative };
    samples.push(index === inBucket ? { ...sample, exemplar: readExemplar(series.exemplar!) } : sample);
  }
  samples.push({ metricName: `${name}_sum`, labels, value: toNumber(series.value) });
  samples.push({ metricName: `${name}_count`, labels, value: series.count });
}

const readExemplar = ({ traceId, spanId, observed, endMs }: Exemplar) => ({
  labelSet: { trace_id: traceId, span_id: spanId },
  value: observed,
  timestamp: endMs / 1000,
});

/** A bigint is always money. */
const toNumber = (value: number | bigint): number => (typeof value === 'bigint' ? sumToUsd(value) : value);

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

function readOverflow(aggregate: Aggregate): Snapshot {
  const samples = aggregate.series.map(({ overflow }) => ({
    labels: { metric: overflow.metric },
    value: overflow.count,
  }));
  return { definition: PROCESSOR_METRIC.OVERFLOW, samples };
}
