import { BUDGET_THRESHOLD, SERIES } from '@costspan/monitoring';
import { METRIC } from '@costspan/semconv';
import { buildBoard, CLICKED_CELL, linkTo } from './board.mts';
import { barTile, graphTile, statTile, textTile, UNIT } from './panel.mts';
import { scoped, sum } from './scope.mts';
import { tableTile } from './table.mts';

const USED = {
  base: 'green',
  thresholds: [
    [0.8, 'yellow'],
    [1, 'red'],
  ],
} as const;
const LANDING = {
  base: 'green',
  thresholds: [
    [1, 'yellow'],
    [BUDGET_THRESHOLD.projected, 'red'],
  ],
} as const;
const BURN = {
  thresholds: [
    [BUDGET_THRESHOLD.burnSlow, 'orange'],
    [BUDGET_THRESHOLD.burnFast, 'red'],
  ],
} as const;
const configured = sum(['budget'], SERIES.budgetConfigured.text);
const reported = sum(['budget'], METRIC.BUDGET_LIMIT.name);
const limit = sum(['budget'], scoped(SERIES.budgetLimitUsd));
const NAME = '{{budget}}';

const position = [
  barTile({
    title: 'Spent of the limit',
    description:
      'In the current period. Yellow from 80 % (LLMBudget80Percent), red when it is spent (LLMBudgetExhausted).',
    unit: UNIT.share,
    width: 8,
    height: 6,
    max: 1.2,
    ...USED,
    targets: [{ expr: scoped(SERIES.budgetUsed), legend: NAME }],
  }),
  barTile({
    title: 'Landing at the end of the period',
    description:
      'Spent so far and the pace of the last seven days for the rest, of the limit. Red above 110 % (LLMBudgetProjectedOverrun, once a tenth of the period has passed).',
    unit: UNIT.share,
    width: 8,
    height: 6,
    max: 1.5,
    ...LANDING,
    targets: [{ expr: scoped(SERIES.budgetProjected), legend: NAME }],
  }),
  barTile({
    title: 'Time to empty',
    description:
      'Of the rest of the period, at the pace of the last six hours: below 100 % the money ends before the period does. 200 % and more is shown as 200 %; the table has the time itself.',
    unit: UNIT.share,
    width: 8,
    height: 6,
    decimals: 0,
    max: 2,
    base: 'red',
    thresholds: [[1, 'green']],
    targets: [
      {
        expr: `clamp_max(${scoped(SERIES.budgetExhaustionSeconds('6h'))} / ${scoped(SERIES.budgetPeriodRemainingSeconds)}, 2)`,
        legend: NAME,
      },
    ],
  }),
];

const over = [
  graphTile({
    title: 'Burn rate',
    description:
      'Pace of the last hour over the pace that lands on the limit: 1 is normal. Lines at 6 and 14.4, above which LLMBudgetBurnSlow and LLMBudgetBurnFast page if the money would not last.',
    unit: UNIT.times,
    width: 16,
    hasThresholdLines: true,
    ...BURN,
    targets: [{ expr: scoped(SERIES.budgetBurn('1h')), legend: NAME }],
  }),
  textTile({
    title: 'How to read it',
    description: 'What burn, landing and time to empty mean.',
    width: 8,
    height: 9,
    markdown: [
      'A budget is meant to be spent, so **burn 1** is normal: it lands on the limit.',
      '',
      '- **Burn** says how fast it goes now. It pages only where the money would run out before the period ends.',
      '- **Landing** says where the period ends at the pace of the last seven days.',
      '- **Time to empty** against **ends in** says which comes first.',
      '',
      'A budget with `shape: batch` is compared with the same hour of the past weeks, not with its pace.',
    ].join('\n'),
  }),
];

const spent = [
  graphTile({
    title: 'Spent in the period',
    description:
      'From the ledgers of the processors, not from rates, those that are down included; dashed the limit. It begins anew with each period.',
    unit: UNIT.usd,
    width: 16,
    dashed: ['B'],
    targets: [
      { expr: scoped(SERIES.budgetSpent), legend: NAME },
      { expr: limit, legend: '{{budget}}, limit' },
    ],
  }),
  statTile({
    title: 'Budgets that are not as configured',
    description:
      'Configured and reported by no process, so that none of its alerts can fire (LLMBudgetNotReported), or reported and not in the rules (LLMBudgetNotInRules).',
    unit: UNIT.count,
    width: 8,
    height: 9,
    base: 'green',
    thresholds: [[1, 'red']],
    targets: [
      {
        expr: `count(${configured} unless ${reported}) or vector(0)`,
        legend: 'configured, not reported',
        isInstant: true,
      },
      {
        expr: `count(${reported} unless ${configured} and on () count(${configured})) or vector(0)`,
        legend: 'reported, not in the rules',
        isInstant: true,
      },
    ],
  }),
];

const all = [
  tableTile({
    title: 'Budgets',
    description: 'Where each budget stands now.',
    width: 24,
    sortBy: 'Spent of it',
    rows: [{ label: 'budget', title: 'Budget', link: linkTo('budgets', { budget: CLICKED_CELL }) }],
    columns: [
      { title: 'Limit', expr: limit, unit: UNIT.usd },
      { title: 'Spent', expr: sum(['budget'], scoped(SERIES.budgetSpent)), unit: UNIT.usd },
      { title: 'Left', expr: sum(['budget'], scoped(SERIES.budgetRemainingUsd)), unit: UNIT.usd },
      {
        title: 'Spent of it',
        expr: sum(['budget'], scoped(SERIES.budgetUsed)),
        unit: UNIT.share,
        decimals: 1,
        ...USED,
      },
      {
        title: 'Landing',
        expr: sum(['budget'], scoped(SERIES.budgetProjected)),
        unit: UNIT.share,
        decimals: 1,
        ...LANDING,
      },
      {
        title: 'Burn, 1 h',
        expr: sum(['budget'], scoped(SERIES.budgetBurn('1h'))),
        unit: UNIT.times,
        decimals: 1,
        base: 'text',
        ...BURN,
      },
      {
        title: 'Time to empty',
        expr: sum(['budget'], scoped(SERIES.budgetExhaustionSeconds('6h'))),
        unit: UNIT.seconds,
        decimals: 1,
      },
      {
        title: 'Ends in',
        expr: sum(['budget'], scoped(SERIES.budgetPeriodRemainingSeconds)),
        unit: UNIT.seconds,
        decimals: 1,
      },
    ],
  }),
];

export const budgets = () =>
  buildBoard({
    board: 'budgets',
    title: 'Budgets',
    description: 'How much of each budget is spent, how fast it goes, where it lands and when it is empty.',
    variables: ['budget'],
    lines: [position, over, spent, all],
  });
