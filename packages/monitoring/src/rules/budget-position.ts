import { METRIC, type MetricDefinition, PROCESSOR_METRIC } from '@costspan/semconv';
import { maxGauge, maxLast, type Query, select } from '../queries.js';
import { type RecordingRule, record } from './rule.js';

const BUDGET = ['budget'] as const;
/** Who reports a gauge: it tells a processor's gauges from those of a process that serves its own metrics. */
const REPORTER = [...BUDGET, 'job', 'instance'] as const;

/** While nobody reports a budget, as when its only processor starts again, it stands where it stood for so long. */
const HELD = '15m';
/** What a processor that is no more had spent is carried on from minute to minute, over an outage of Prometheus of so long. */
const CARRIED = '1d';

const series = (labels: readonly string[], name: string): Query => ({
  text: `${labels.join('_')}:${name}`,
  labels,
});

/** Where each budget stands: what all other rules of budgets are made of. */
export const POSITION = {
  limit: series(BUDGET, 'llm_budget_limit_usd:max'),
  start: series(BUDGET, 'llm_budget_period_start_timestamp_seconds:max'),
  end: series(BUDGET, 'llm_budget_period_end_timestamp_seconds:max'),
  /** USD, of all who have counted in the period. */
  spent: series(BUDGET, 'llm_budget_period_spend_usd:sum'),
} as const;

/** What each processor has last told of the period. */
const SPENT_BY = series([...BUDGET, 'period', 'processor'], 'costspan_processor_budget_spend_usd:last');

/** A gauge of which every process reports the same, or what was last told of it, for a while and under a condition. */
const held = (metric: MetricDefinition, condition = ''): string =>
  `${maxGauge(BUDGET, metric).text} or ${maxLast(BUDGET, metric, HELD).text}${condition}`;

/**
 * A sum of gauges falls when one of several processors is down or taken away, and its money is spent all the same. So
 * each one's last value of the period counts, by the name of its data directory: a pod that is replaced is scraped
 * under another address.
 */
const spentBy = (): string => {
  const { text: name, labels } = SPENT_BY;
  const now = maxGauge(labels, PROCESSOR_METRIC.BUDGET_SPEND).text;
  const before = maxLast(labels, { name, labels }, CARRIED).text;
  // The start as a label, in hours: with a new period all that was told of another one is gone.
  return `(${now} or ${before})\nand on (budget, period) count_values by (budget) ("period", ${POSITION.start.text} / 3600)`;
};

/** A process that serves its own metrics has no name that outlives it: its part counts while it is there. */
const spent = (): string => {
  const unnamed = `${select(METRIC.BUDGET_PERIOD_SPEND).text} unless on (${REPORTER.join(', ')}) ${select(PROCESSOR_METRIC.BUDGET_SPEND).text}`;
  return `sum by (budget) (${SPENT_BY.text} or (${unnamed}))`;
};

/** Limit, period and spend of every budget, in the order in which they read one another. */
export const budgetPosition = (): readonly RecordingRule[] => [
  record(POSITION.limit, held(METRIC.BUDGET_LIMIT)),
  // A period that has passed is not held: what was spent in it says nothing of the next one.
  record(POSITION.end, held(METRIC.BUDGET_PERIOD_END, ' > time()')),
  record(POSITION.start, held(METRIC.BUDGET_PERIOD_START, ` and ${POSITION.end.text}`)),
  record(SPENT_BY, spentBy()),
  record(POSITION.spent, spent()),
];
