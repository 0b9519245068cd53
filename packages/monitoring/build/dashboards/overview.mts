import { SERIES, SPEND_SERIES, select } from '@costspan/monitoring';
import { METRIC } from '@costspan/semconv';
import { buildBoard, CLICKED_CELL, clickedLabel, linkTo } from './board.mts';
import { barTile, graphTile, pieTile, statTile, UNIT } from './panel.mts';
import { CALL_VARIABLES, inRange, orZero, rate, ratio, scoped, sum } from './scope.mts';
import { tableTile } from './table.mts';

const FEATURE = ['feature'];
const SUCCESS = { outcome: '=success' } as const;
/** Of the cost, what the waste can be told apart by: nothing but the feature. */
const costLikeWaste = `increase(${select(METRIC.COST, { feature: '=~$feature' }).text}[$__range])`;
const toFeature = linkTo('unit-economics', { feature: clickedLabel('feature') });

const numbers = [
  statTile({
    title: 'Spend',
    description: 'What all calls cost in the time that is shown.',
    unit: UNIT.usd,
    width: 4,
    targets: [{ expr: sum([], inRange(METRIC.COST)), legend: 'spend', isInstant: true }],
  }),
  statTile({
    title: 'Spend per day',
    description: 'What a day costs at the pace of the last hour.',
    unit: UNIT.usd,
    width: 4,
    targets: [{ expr: `86400 * ${sum([], `rate(${scoped(METRIC.COST)}[1h])`)}`, legend: 'per day' }],
  }),
  statTile({
    title: 'Cost per success',
    description: 'The cost of all settled tasks, failed ones included, over the successful ones.',
    unit: UNIT.usd,
    width: 4,
    link: linkTo('unit-economics', {}),
    targets: [
      {
        expr: ratio(sum([], inRange(METRIC.TASK_COST)), sum([], inRange(METRIC.TASKS, SUCCESS))),
        legend: 'per success',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Success',
    description: 'Share of the settled tasks that were successful.',
    unit: UNIT.share,
    width: 4,
    decimals: 1,
    link: linkTo('unit-economics', {}),
    targets: [
      {
        expr: ratio(
          orZero(sum([], inRange(METRIC.TASKS, SUCCESS)), sum([], inRange(METRIC.TASKS))),
          sum([], inRange(METRIC.TASKS)),
        ),
        legend: 'success',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Wasted',
    description:
      'Share of the cost that bought nothing: failed and abandoned tasks, failed calls. By feature only.',
    unit: UNIT.share,
    width: 4,
    decimals: 1,
    link: linkTo('unit-economics', {}),
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
    title: 'Alerts firing',
    description:
      'Alerts of costspan that fire in Prometheus now. Those that Grafana manages are not among them.',
    unit: UNIT.count,
    width: 4,
    base: 'green',
    thresholds: [[1, 'red']],
    targets: [
      {
        expr: 'count(ALERTS{alertname=~"LLM.+", alertstate="firing"}) or vector(0)',
        legend: 'firing',
        isInstant: true,
      },
    ],
  }),
];

const spend = [
  graphTile({
    title: 'Spend by feature',
    description: 'USD per hour, one feature on top of the other. Marks are deployments and new prices.',
    unit: UNIT.usd,
    width: 16,
    isStacked: true,
    link: toFeature,
    targets: [{ expr: `3600 * ${sum(FEATURE, rate(METRIC.COST))}`, legend: '{{feature}}' }],
  }),
  pieTile({
    title: 'Share of the cost by feature',
    description: 'Of the cost in the time that is shown. The alert LLMFeatureOverShare looks at a day of it.',
    unit: UNIT.usd,
    width: 8,
    link: toFeature,
    targets: [{ expr: sum(FEATURE, inRange(METRIC.COST)), legend: '{{feature}}' }],
  }),
];

const past = [
  graphTile({
    title: 'Spend against past weeks',
    description:
      'USD in an hour, and dashed what the dearest same hours of the past four weeks took. LLMSpendAnomaly fires at twice the dashed line of one feature: filter by it.',
    unit: UNIT.usd,
    width: 12,
    dashed: ['B'],
    isDashedGrey: true,
    targets: [
      { expr: `3600 * ${sum([], scoped(SPEND_SERIES.featureSpend))}`, legend: 'now' },
      { expr: sum([], scoped(SPEND_SERIES.featurePastWeeks)), legend: 'dearest of the past weeks' },
    ],
  }),
  barTile({
    title: 'Budgets',
    description:
      'Spent of the limit in the current period. Yellow from 80 %, red when it is spent, as the alerts.',
    unit: UNIT.share,
    width: 12,
    max: 1.2,
    base: 'green',
    thresholds: [
      [0.8, 'yellow'],
      [1, 'red'],
    ],
    link: linkTo('budgets', { budget: clickedLabel('budget') }),
    targets: [{ expr: SERIES.budgetUsed.text, legend: '{{budget}}' }],
  }),
];

const features = [
  tableTile({
    title: 'Features',
    description: 'What each feature cost in the time that is shown, and what it brought.',
    width: 24,
    height: 8,
    sortBy: 'Cost',
    rows: [
      {
        label: 'feature',
        title: 'Feature',
        link: linkTo('unit-economics', { feature: CLICKED_CELL }),
      },
    ],
    columns: [
      { title: 'Cost', expr: sum(FEATURE, inRange(METRIC.COST)), unit: UNIT.usd, isBar: true },
      { title: 'Calls', expr: sum(FEATURE, inRange(METRIC.CALLS)), unit: UNIT.count, decimals: 0 },
      { title: 'Tasks', expr: sum(FEATURE, inRange(METRIC.TASKS)), unit: UNIT.count, decimals: 0 },
      {
        title: 'Success',
        expr: ratio(
          orZero(sum(FEATURE, inRange(METRIC.TASKS, SUCCESS)), sum(FEATURE, inRange(METRIC.TASKS))),
          sum(FEATURE, inRange(METRIC.TASKS)),
        ),
        unit: UNIT.share,
        decimals: 1,
      },
      {
        title: 'Cost per success',
        expr: ratio(sum(FEATURE, inRange(METRIC.TASK_COST)), sum(FEATURE, inRange(METRIC.TASKS, SUCCESS))),
        unit: UNIT.usd,
      },
      {
        title: 'Wasted',
        expr: ratio(
          orZero(sum(FEATURE, inRange(METRIC.WASTED_COST)), sum(FEATURE, costLikeWaste)),
          sum(FEATURE, costLikeWaste),
        ),
        unit: UNIT.share,
        decimals: 1,
      },
    ],
  }),
];

const parts = [
  barTile({
    title: 'Cost by model',
    description: 'What each model cost in the time that is shown.',
    unit: UNIT.usd,
    width: 12,
    height: 7,
    link: linkTo('models', {}),
    targets: [{ expr: `topk(10, ${sum(['model'], inRange(METRIC.COST))})`, legend: '{{model}}' }],
  }),
  barTile({
    title: 'Cost by service',
    description: 'What the calls of each service cost in the time that is shown, by environment.',
    unit: UNIT.usd,
    width: 12,
    height: 7,
    targets: [
      {
        expr: `topk(10, ${sum(['service', 'environment'], inRange(METRIC.COST))})`,
        legend: '{{service}} {{environment}}',
      },
    ],
  }),
];

export const overview = () =>
  buildBoard({
    board: 'overview',
    title: 'Overview',
    description: 'What did we spend, on what, and is it worth it.',
    variables: CALL_VARIABLES,
    lines: [numbers, spend, past, features, parts],
  });
