import type { Budget } from '@costspan/budgets';
import { METRIC } from '@costspan/semconv';
import { divide, maxOver, positive, type Query, sumRate } from '../queries.js';
import { budgetPosition, POSITION } from './budget-position.js';
import { type RecordingRule, type RuleGroup, record } from './rule.js';

const BUDGET = ['budget'] as const;

/** Windows of the spend rates; the alerts pair a long one with a short one that ends them soon. */
const BURN_WINDOWS = ['5m', '30m', '1h', '6h'] as const;
export type BurnWindow = (typeof BURN_WINDOWS)[number];

const budgetSeries = (name: string): Query => ({ text: `budget:${name}`, labels: BUDGET });

/** The recorded series of budgets by name: alerts, dashboards and tests write none of them out. */
export const SERIES = {
  /** USD per second. */
  budgetSpend: (window: BurnWindow | '7d') => budgetSeries(`llm_budget_spend_usd:rate${window}`),
  /** USD per second that land exactly on the limit. */
  budgetPace: budgetSeries('llm_budget_pace_usd_per_second:ratio'),
  /** Spend rate over pace: 1 lands on the limit. */
  budgetBurn: (window: BurnWindow) => budgetSeries(`llm_budget_burn:ratio_rate${window}`),
  /** Spend over limit. */
  budgetUsed: budgetSeries('llm_budget_used:ratio'),
  /** USD, of all processors that have counted in the period, whether they are there or not. */
  budgetSpent: POSITION.spent,
  budgetLimitUsd: POSITION.limit,
  budgetRemainingUsd: budgetSeries('llm_budget_remaining_usd:max'),
  budgetPeriodRemainingSeconds: budgetSeries('llm_budget_period_remaining_seconds:max'),
  /** Share of the period that has passed. */
  budgetElapsed: budgetSeries('llm_budget_period_elapsed:ratio'),
  /** Seconds until the limit is reached at the pace of the window. */
  budgetExhaustionSeconds: (window: '1h' | '6h') =>
    budgetSeries(`llm_budget_exhaustion_seconds:rate${window}`),
  /** Where the period lands at the pace of the last seven days, over the limit. */
  budgetProjected: budgetSeries('llm_budget_projected:ratio'),
  /** What the dearest same hour of the past weeks took, USD. */
  budgetPastWeeks: budgetSeries('llm_budget_spend_usd_past_weeks:max_increase1h'),
  /** 1 for each budget of the config that these rules were made from. */
  budgetConfigured: {
    text: 'budget:llm_budget_configured:info',
    labels: ['budget', 'period', 'shape'],
  },
} as const;

/** Weeks that a spend is compared with. */
const PAST_WEEKS = [1, 2, 3, 4] as const;

/**
 * What the dearest same hour of the past weeks took, by the rate that was recorded over an hour, an hour to either side included: clocks
 * change and jobs start late. The label tells the weeks apart until the highest is taken.
 */
export function pastWeeksMax(series: Query): string {
  const weeks = PAST_WEEKS.map(
    (week) =>
      `label_replace(${maxOver(series, { window: '2h', ago: `${week * 168 - 1}h` }).text}, "week", "${week}", "", "")`,
  );
  return `3600 * max by (${series.labels.join(', ')}) (\n  ${weeks.join('\n  or ')}\n)`;
}

const { limit, start, end, spent } = POSITION;

/** Which budgets there should be, and which of them come in batches: the one thing that no gauge says. */
const configured = ({ name, period, shape = 'steady' }: Budget): RecordingRule => ({
  ...record(SERIES.budgetConfigured, 'vector(1)'),
  labels: { budget: name, period, shape },
});

/** Pace, burn and landing of every budget. Limit and period come as gauges: PromQL has no calendar month. */
export function budgetRecordingGroup(budgets: readonly Budget[] = []): RuleGroup {
  const rates = BURN_WINDOWS.map((window) =>
    record(SERIES.budgetSpend(window), sumRate(BUDGET, METRIC.BUDGET_SPEND, window)),
  );
  const burns = BURN_WINDOWS.map((window) =>
    record(SERIES.budgetBurn(window), divide(SERIES.budgetSpend(window), SERIES.budgetPace)),
  );
  const exhaustion = (['1h', '6h'] as const).map((window) =>
    record(
      SERIES.budgetExhaustionSeconds(window),
      `clamp_min(${SERIES.budgetRemainingUsd.text}, 0) / ${positive(SERIES.budgetSpend(window)).text}`,
    ),
  );
  return {
    name: 'llm-budget-recording',
    comment:
      'Budgets: spend per second, pace that lands on the limit, burn = spend over pace, where the period ends.',
    interval: '1m',
    rules: [
      ...budgetPosition(),
      ...rates,
      // Averaged from the recorded rate: a seven-day rate over the raw counter would read 10,000 samples each minute.
      record(SERIES.budgetSpend('7d'), `avg_over_time(${SERIES.budgetSpend('5m').text}[7d])`),
      record(SERIES.budgetPace, `${limit.text} / (${end.text} - ${start.text})`),
      ...burns,
      record(SERIES.budgetUsed, divide(spent, limit)),
      record(SERIES.budgetRemainingUsd, `${limit.text} - ${spent.text}`),
      record(SERIES.budgetPeriodRemainingSeconds, `${end.text} - time()`),
      record(SERIES.budgetElapsed, `(time() - ${start.text}) / (${end.text} - ${start.text})`),
      ...exhaustion,
      record(
        SERIES.budgetProjected,
        `(${spent.text} + ${SERIES.budgetSpend('7d').text} * ${SERIES.budgetPeriodRemainingSeconds.text}) / ${limit.text}`,
      ),
      record(SERIES.budgetPastWeeks, pastWeeksMax(SERIES.budgetSpend('1h'))),
      ...budgets.map(configured),
    ],
  };
}
