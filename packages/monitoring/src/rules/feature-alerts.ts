import { METRIC } from '@costspan/semconv';
import { offset, orZero, type Query, sumIncrease, sumOf } from '../queries.js';
import { alert } from './alerts.js';
import type { AlertRule, RuleGroup } from './rule.js';
import { LEVEL_LABELS, TASK_SERIES } from './task-recording.js';

const SPEND_WITHOUT_SUCCESS_FLOOR_USD = 5;
/** A ratio over few tasks or cents swings by itself; the floor in USD is what the rise costs in a day. */
const REGRESSION = { factor: 1.5, floorUsd: 1, floorTasks: 10 } as const;
/** From here on the cost per successful task is more of a guess than a measure. */
const UNKNOWN = { share: 0.2, floorUsd: 1 } as const;
const UNPRICED_SHARE = 0.01;

const FEATURE = LEVEL_LABELS.feature;
const FEATURE_NAME = '{{ $labels.feature }}{{ with $labels.environment }} ({{ . }}){{ end }}';

const costSeries = TASK_SERIES.taskCostUsd('feature', '1d');
const taskSeries = TASK_SERIES.tasks('feature', '1d');
const cost = sumOf(FEATURE, costSeries).text;
const unknownCost = sumOf(FEATURE, costSeries, { outcome: '=unknown' }).text;
const tasks = sumOf(FEATURE, taskSeries).text;
const successes = sumOf(FEATURE, taskSeries, { outcome: '=success' }).text;

/** The selector of the same feature's series in a template's `printf`. */
const sameFeature = ({ text }: Query): string => `${text}{environment=%q,feature=%q}`;

/** A template that shows the first value of a query about the same feature; nothing where there is none. */
const featureValue = (query: string, format: string): string =>
  `{{ with printf "${query}" $labels.environment $labels.feature | query }}{{ . | first | value | ${format} }}{{ end }}`;

const taskCount = featureValue(`sum(${sameFeature(taskSeries)})`, 'printf "%.0f"');

function spendWithoutSuccess(): AlertRule {
  const late = sumOf(['feature'], TASK_SERIES.reclassifiedTasks('1d'), { to: '=success' }).text;
  return alert('LLMSpendWithoutSuccess', {
    // `unless`, for a feature that never had a success has no series to compare with 0. A success that was
    // reported after its task had settled is one too; its metric does not know the environment.
    expr: [
      `${cost} > ${SPEND_WITHOUT_SUCCESS_FLOOR_USD}`,
      `unless ${successes} > 0`,
      `unless on (feature) ${late} > 0`,
    ].join('\n'),
    for: '30m',
    severity: 'ticket',
    summary: `Feature ${FEATURE_NAME} spent {{ $value | printf "%.2f" }} USD on ${taskCount} tasks in a day, and not one was successful.`,
  });
}

function costRegressed(): AlertRule {
  const ratioSeries = TASK_SERIES.costPerSuccessUsd('feature', '1d');
  const [ratio, before] = [ratioSeries.text, offset(ratioSeries, '1w').text];
  const { factor, floorUsd, floorTasks } = REGRESSION;
  return alert('LLMCostPerSuccessfulTaskRegressed', {
    // Last week needs its tasks too: a handful of them is no normal to compare with.
    expr: [
      `${ratio} > ${factor} * (${before})`,
      `and (${ratio} - (${before})) * ${successes} > ${floorUsd}`,
      `and ${tasks} >= ${floorTasks}`,
      `and ${sumOf(FEATURE, offset(taskSeries, '1w')).text} >= ${floorTasks}`,
    ].join('\n'),
    for: '1h',
    severity: 'ticket',
    summary:
      `A successful task of ${FEATURE_NAME} costs {{ $value | printf "%.4f" }} USD over the last day, after ` +
      `${featureValue(`${sameFeature(ratioSeries)} offset 1w`, 'printf "%.4f"')} USD a week ago; ` +
      `${featureValue(`sum(${sameFeature(costSeries)})`, 'printf "%.2f"')} USD went into ${taskCount} tasks.`,
  });
}

function outcomeUnknownHigh(): AlertRule {
  const late = sumOf(['feature'], TASK_SERIES.reclassifiedCostUsd('1d'), { from: '=unknown' });
  const lateOrZero = orZero(late, sumOf(['feature'], costSeries)).text;
  return alert('LLMOutcomeUnknownHigh', {
    // What a late verdict has cleared up since is taken off. Its metric does not know the environment, so every
    // environment of the feature gets the whole of it: the alert may be late, it is never false.
    expr: [
      `(${unknownCost} - on (feature) group_left () ${lateOrZero}) / (${cost} > 0) > ${UNKNOWN.share}`,
      `and ${unknownCost} > ${UNKNOWN.floorUsd}`,
    ].join('\n'),
    for: '1h',
    severity: 'ticket',
    summary:
      `Nothing tells the outcome of {{ $value | humanizePercentage }} of the ` +
      `${featureValue(`sum(${sameFeature(costSeries)})`, 'printf "%.2f"')} USD that ${FEATURE_NAME} spent on ${taskCount} tasks ` +
      'in a day: its cost per successful task cannot be relied on.',
  });
}

function unpricedSpend(): AlertRule {
  const model = ['service', 'provider', 'model'];
  // What is known not to be billed by the token has no price to miss.
  const where = { reason: '!=not_billed_per_token' } as const;
  const unpriced = (by: readonly string[]) =>
    sumIncrease(by, METRIC.UNPRICED_CALLS, { window: '1h', where }).text;
  const calls = sumIncrease(model, METRIC.CALLS, { window: '1h' }).text;
  return alert('LLMUnpricedSpend', {
    // `unless` again: a model without a series of calls is reported, not passed over.
    expr: [
      `${unpriced([...model, 'reason'])} > 0`,
      `unless on (${model.join(', ')})`,
      `${unpriced(model)} <= ${UNPRICED_SHARE} * ${calls}`,
    ].join('\n'),
    for: '10m',
    severity: 'ticket',
    summary:
      '{{ $value | printf "%.0f" }} calls of {{ $labels.provider }} {{ $labels.model }} in {{ $labels.service }} ' +
      'had no full price in the last hour ({{ $labels.reason }}): every cost figure is too low.',
  });
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
