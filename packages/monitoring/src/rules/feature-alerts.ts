import { METRIC } from '@costspan/semconv';
import { offset, orZero, sumIncrease, sumOf } from '../queries.js';
import type { AlertRule, Board, PanelLink, RuleGroup } from './rule.js';
import { label, labelInParentheses, type Summary, seriesValue, summary, value } from './summary.js';
import { LEVEL_LABELS, TASK_SERIES } from './task-recording.js';

/** From where features are told of; the dashboards draw their thresholds here. */
export const FEATURE_THRESHOLD = {
  spendWithoutSuccessUsd: 5,
  /** A ratio over few tasks or cents swings by itself; the floor in USD is what the rise costs in a day. */
  regression: { factor: 1.5, floorUsd: 1, floorTasks: 10 },
  /** From here on the cost per successful task is more of a guess than a measure. */
  unknown: { share: 0.2, floorUsd: 1 },
  unpricedShare: 0.01,
} as const;

const FEATURE = LEVEL_LABELS.feature;
/** A feature with its environment, where it has one. */
export const featureName: Summary = summary`${label('feature')}${labelInParentheses('environment')}`;
export const featureLink = (board: Board, panel: string): PanelLink => ({
  board,
  panel,
  variables: { environment: 'environment', feature: 'feature' },
});

const costSeries = TASK_SERIES.taskCostUsd('feature', '1d');
const taskSeries = TASK_SERIES.tasks('feature', '1d');
const cost = sumOf(FEATURE, costSeries).text;
const unknownCost = sumOf(FEATURE, costSeries, { outcome: '=unknown' }).text;
const tasks = sumOf(FEATURE, taskSeries).text;
const successes = sumOf(FEATURE, taskSeries, { outcome: '=success' }).text;
const shownTasks = seriesValue(taskSeries, { by: FEATURE, format: 'printf "%.0f"' });
const shownCost = seriesValue(costSeries, { by: FEATURE, format: 'printf "%.2f"' });

function spendWithoutSuccess(): AlertRule {
  const late = sumOf(['feature'], TASK_SERIES.reclassifiedTasks('1d'), { to: '=success' }).text;
  return {
    alert: 'LLMSpendWithoutSuccess',
    // `unless`, for a feature that never had a success has no series to compare with 0. A success that was
    // reported after its task had settled is one too; its metric does not know the environment.
    expr: [
      `${cost} > ${FEATURE_THRESHOLD.spendWithoutSuccessUsd}`,
      `unless ${successes} > 0`,
      `unless on (feature) ${late} > 0`,
    ].join('\n'),
    for: '30m',
    severity: 'ticket',
    summary: summary`Feature ${featureName} spent ${value('printf "%.2f"')} USD on ${shownTasks} tasks in a day, and not one was successful.`,
    link: featureLink('unit-economics', 'Success by feature'),
  };
}

function costRegressed(): AlertRule {
  const ratioSeries = TASK_SERIES.costPerSuccessUsd('feature', '1d');
  const [ratio, before] = [ratioSeries.text, offset(ratioSeries, '1w').text];
  const { factor, floorUsd, floorTasks } = FEATURE_THRESHOLD.regression;
  const shownBefore = seriesValue(ratioSeries, { by: FEATURE, format: 'printf "%.4f"', ago: '1w' });
  return {
    alert: 'LLMCostPerSuccessfulTaskRegressed',
    // Last week needs its tasks too: a handful of them is no normal to compare with.
    expr: [
      `${ratio} > ${factor} * (${before})`,
      `and (${ratio} - (${before})) * ${successes} > ${floorUsd}`,
      `and ${tasks} >= ${floorTasks}`,
      `and ${sumOf(FEATURE, offset(taskSeries, '1w')).text} >= ${floorTasks}`,
    ].join('\n'),
    for: '1h',
    severity: 'ticket',
    summary: summary`A successful task of ${featureName} costs ${value('printf "%.4f"')} USD over the last day, after ${shownBefore} USD a week ago; ${shownCost} USD went into ${shownTasks} tasks.`,
    link: featureLink('unit-economics', 'Cost per successful task'),
  };
}

function outcomeUnknownHigh(): AlertRule {
  const late = sumOf(['feature'], TASK_SERIES.reclassifiedCostUsd('1d'), { from: '=unknown' });
  const lateOrZero = orZero(late, sumOf(['feature'], costSeries)).text;
  const { share, floorUsd } = FEATURE_THRESHOLD.unknown;
  return {
    alert: 'LLMOutcomeUnknownHigh',
    // What a late verdict has cleared up since is taken off. Its metric does not know the environment, so every
    // environment of the feature gets the whole of it: the alert may be late, it is never false.
    expr: [
      `(${unknownCost} - on (feature) group_left () ${lateOrZero}) / (${cost} > 0) > ${share}`,
      `and ${unknownCost} > ${floorUsd}`,
    ].join('\n'),
    for: '1h',
    severity: 'ticket',
    summary: summary`Nothing tells the outcome of ${value('humanizePercentage')} of the ${shownCost} USD that ${featureName} spent on ${shownTasks} tasks in a day: its cost per successful task cannot be relied on.`,
    link: featureLink('unit-economics', 'Cost whose outcome is unknown'),
  };
}

function unpricedSpend(): AlertRule {
  const model = ['service', 'provider', 'model'];
  // What is known not to be billed by the token has no price to miss.
  const where = { reason: '!=not_billed_per_token' } as const;
  const unpriced = (by: readonly string[]) =>
    sumIncrease(by, METRIC.UNPRICED_CALLS, { window: '1h', where }).text;
  const calls = sumIncrease(model, METRIC.CALLS, { window: '1h' }).text;
  return {
    alert: 'LLMUnpricedSpend',
    // `unless` again: a model without a series of calls is reported, not passed over.
    expr: [
      `${unpriced([...model, 'reason'])} > 0`,
      `unless on (${model.join(', ')})`,
      `${unpriced(model)} <= ${FEATURE_THRESHOLD.unpricedShare} * ${calls}`,
    ].join('\n'),
    for: '10m',
    severity: 'ticket',
    summary: summary`${value('printf "%.0f"')} calls of ${label('provider')} ${label('model')} in ${label('service')} had no full price in the last hour (${label('reason')}): every cost figure is too low.`,
    link: {
      board: 'pipeline-health',
      panel: 'Calls without a full price',
      variables: { service: 'service' },
    },
  };
}

/** Alerts on what features cost, and whether that cost and its outcome are known. */
export function featureAlertGroup(): RuleGroup {
  return {
    name: 'llm-feature-alerts',
    comment:
      'Features: money without a success, success that got dearer, outcomes or prices that nobody knows.',
    interval: '1m',
    rules: [spendWithoutSuccess(), costRegressed(), outcomeUnknownHigh(), unpricedSpend()],
  };
}
