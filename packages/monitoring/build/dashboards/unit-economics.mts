import { FEATURE_THRESHOLD, select, TASK_SERIES } from '@costspan/monitoring';
import { METRIC } from '@costspan/semconv';
import { buildBoard, CLICKED_CELL, linkTo } from './board.mts';
import { graphTile, statTile, UNIT } from './panel.mts';
import { CALL_VARIABLES, inRange, orZero, quantile, rateOver, ratio, scoped, sum } from './scope.mts';
import { tableTile } from './table.mts';

const SUCCESS = { outcome: '=success' } as const;
const UNKNOWN = { outcome: '=unknown' } as const;
const tasks = (by: readonly string[]) => sum(by, inRange(METRIC.TASKS));
const successes = (by: readonly string[]) => orZero(sum(by, inRange(METRIC.TASKS, SUCCESS)), tasks(by));
const taskCost = (by: readonly string[]) => sum(by, inRange(METRIC.TASK_COST));
const unknownCost = (by: readonly string[]) =>
  orZero(sum(by, inRange(METRIC.TASK_COST, UNKNOWN)), taskCost(by));
const unknownThreshold = { thresholds: [[FEATURE_THRESHOLD.unknown.share, 'red']] } as const;
const costLikeWaste = `increase(${select(METRIC.COST, { feature: '=~$feature' }).text}[$__range])`;
const attempts = `(${sum([], inRange(METRIC.CALLS))} + ${orZero(sum([], inRange(METRIC.RETRIES)), sum([], inRange(METRIC.CALLS)))})`;
const FEATURE = ['feature'];
const NAME = '{{feature}}';
/** Over the hour before each point, all chosen environments together. */
const hourly = {
  cost: sum(FEATURE, scoped(TASK_SERIES.taskCostUsd('feature', '1h'))),
  unknownCost: sum(FEATURE, scoped(TASK_SERIES.taskCostUsd('feature', '1h'), UNKNOWN)),
  tasks: sum(FEATURE, scoped(TASK_SERIES.tasks('feature', '1h'))),
  successes: sum(FEATURE, scoped(TASK_SERIES.tasks('feature', '1h'), SUCCESS)),
  attempts: sum(FEATURE, scoped(TASK_SERIES.attempts('feature', '1h'))),
} as const;

const numbers = [
  statTile({
    title: 'Cost per success',
    description: 'The cost of all settled tasks, failed ones included, over the successful ones.',
    unit: UNIT.usd,
    width: 5,
    targets: [{ expr: ratio(taskCost([]), successes([])), legend: 'per success', isInstant: true }],
  }),
  statTile({
    title: 'Success',
    description: 'Share of the settled tasks that were successful.',
    unit: UNIT.share,
    decimals: 1,
    width: 5,
    targets: [{ expr: ratio(successes([]), tasks([])), legend: 'success', isInstant: true }],
  }),
  statTile({
    title: 'Wasted',
    description: 'Share of the cost of all calls that bought nothing. The metric knows the feature alone.',
    unit: UNIT.share,
    decimals: 1,
    width: 5,
    targets: [
      {
        expr: ratio(
          orZero(sum([], inRange(METRIC.WASTED_COST)), sum([], costLikeWaste)),
          sum([], costLikeWaste),
        ),
        legend: 'wasted',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Attempts per success',
    description: 'Calls and their retries, those outside any task included, for one successful task.',
    unit: UNIT.times,
    decimals: 2,
    width: 5,
    targets: [{ expr: ratio(attempts, successes([])), legend: 'attempts', isInstant: true }],
  }),
  statTile({
    title: 'Outcome unknown',
    description:
      'Share of the settled cost whose outcome nothing tells. Above 20 % the cost per success is more of a guess than a measure.',
    unit: UNIT.share,
    decimals: 1,
    width: 4,
    base: 'green',
    ...unknownThreshold,
    targets: [{ expr: ratio(unknownCost([]), taskCost([])), legend: 'unknown', isInstant: true }],
  }),
];

const cost = [
  graphTile({
    title: 'Cost per successful task',
    description:
      'Over the hour before each point. LLMCostPerSuccessfulTaskRegressed compares a day with the same day of the week before.',
    unit: UNIT.usd,
    width: 12,
    isLogarithmic: true,
    targets: [{ expr: ratio(hourly.cost, hourly.successes), legend: NAME }],
  }),
  graphTile({
    title: 'Success by feature',
    description: 'Share of the settled tasks that were successful, over the hour before each point.',
    unit: UNIT.share,
    width: 12,
    max: 1,
    targets: [{ expr: ratio(orZero(hourly.successes, hourly.tasks), hourly.tasks), legend: NAME }],
  }),
];

const waste = [
  graphTile({
    title: 'Waste by reason',
    description:
      'USD that bought nothing in the hour before; each call under one reason. The metric knows the feature alone.',
    unit: UNIT.usd,
    width: 8,
    isStacked: true,
    targets: [
      { expr: `3600 * ${sum(['reason'], rateOver('1h')(METRIC.WASTED_COST))}`, legend: '{{reason}}' },
    ],
  }),
  graphTile({
    title: 'Cost whose outcome is unknown',
    description:
      'Share of the settled cost over the hour before. LLMOutcomeUnknownHigh fires above the line over a day.',
    unit: UNIT.share,
    width: 8,
    max: 1,
    hasThresholdLines: true,
    base: 'text',
    ...unknownThreshold,
    targets: [{ expr: ratio(orZero(hourly.unknownCost, hourly.cost), hourly.cost), legend: NAME }],
  }),
  graphTile({
    title: 'Attempts for one success',
    description: 'Calls and their retries for one successful task, over the hour before each point.',
    unit: UNIT.times,
    width: 8,
    targets: [{ expr: ratio(hourly.attempts, hourly.successes), legend: NAME }],
  }),
];

const perTask = (share: number) =>
  quantile(share, FEATURE, { metric: METRIC.COST_PER_TASK, read: rateOver('1h') });
const perCall = (share: number) =>
  quantile(share, FEATURE, { metric: METRIC.COST_PER_CALL, read: rateOver('1h') });
const requests = [
  graphTile({
    title: 'Typical and worst request',
    description:
      'What half of the tasks of the hour before cost at most, and dashed what 99 of 100 did, as far as the buckets tell.',
    unit: UNIT.usd,
    width: 8,
    dashed: ['B'],
    isLogarithmic: true,
    targets: [
      { expr: perTask(0.5), legend: '{{feature}}' },
      { expr: perTask(0.99), legend: '{{feature}}, worst' },
    ],
  }),
  graphTile({
    title: 'Typical and worst call',
    description:
      'The same for each call of a model. Points are the dearest calls since the last scrape and open their trace.',
    unit: UNIT.usd,
    width: 8,
    dashed: ['B'],
    isLogarithmic: true,
    targets: [
      { expr: perCall(0.5), legend: '{{feature}}', hasExemplars: true },
      { expr: perCall(0.99), legend: '{{feature}}, worst' },
    ],
  }),
  graphTile({
    title: 'Not settled yet',
    description:
      'Cost of tasks whose outcome is still open. It moves into the other panels when they settle.',
    unit: UNIT.usd,
    width: 8,
    isStacked: true,
    targets: [{ expr: sum(['feature'], scoped(METRIC.TASK_UNSETTLED_COST)), legend: '{{feature}}' }],
  }),
];

const BY_TASK = ['feature', 'task'];
const kinds = [
  tableTile({
    title: 'Tasks',
    description: 'Each kind of task in the time that is shown. Typical and worst as far as the buckets tell.',
    width: 24,
    sortBy: 'Cost',
    rows: [
      { label: 'feature', title: 'Feature', link: linkTo('models', { feature: CLICKED_CELL }) },
      { label: 'task', title: 'Task' },
    ],
    columns: [
      { title: 'Cost', expr: taskCost(BY_TASK), unit: UNIT.usd, isBar: true },
      { title: 'Tasks', expr: tasks(BY_TASK), unit: UNIT.count, decimals: 0 },
      { title: 'Success', expr: ratio(successes(BY_TASK), tasks(BY_TASK)), unit: UNIT.share, decimals: 1 },
      { title: 'Cost per success', expr: ratio(taskCost(BY_TASK), successes(BY_TASK)), unit: UNIT.usd },
      {
        title: 'Outcome unknown',
        expr: ratio(unknownCost(BY_TASK), taskCost(BY_TASK)),
        unit: UNIT.share,
        decimals: 1,
        base: 'text',
        ...unknownThreshold,
      },
      {
        title: 'Typical',
        expr: quantile(0.5, BY_TASK, { metric: METRIC.COST_PER_TASK, read: inRange }),
        unit: UNIT.usd,
      },
      {
        title: 'Worst',
        expr: quantile(0.99, BY_TASK, { metric: METRIC.COST_PER_TASK, read: inRange }),
        unit: UNIT.usd,
      },
    ],
  }),
];

export const unitEconomics = () =>
  buildBoard({
    board: 'unit-economics',
    title: 'Unit economics',
    description:
      'What one success costs, how many tasks succeed, what is wasted on the way, what a request costs.',
    variables: CALL_VARIABLES,
    lines: [numbers, cost, waste, requests, kinds],
  });
