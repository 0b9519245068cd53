import { SPEND_SERIES, SPEND_THRESHOLD, TASK_SERIES } from '@costspan/monitoring';
import { METRIC } from '@costspan/semconv';
import { buildBoard } from './board.mts';
import { barTile, graphTile, pieTile, statTile, UNIT } from './panel.mts';
import { inRange, nameEmpty, orZero, rate, ratio, scoped, sum } from './scope.mts';
import { tableTile } from './table.mts';

const SUCCESS = { outcome: '=success' } as const;
const TIER = ['user_tier'];
const TIER_MODEL = ['user_tier', 'model'];
const TIER_NAME = '{{user_tier}}';
/** Over the hour before each point, all chosen environments together. */
const hourly = {
  cost: sum(TIER, scoped(TASK_SERIES.taskCostUsd('userTier', '1h'))),
  tasks: sum(TIER, scoped(TASK_SERIES.tasks('userTier', '1h'))),
  successes: sum(TIER, scoped(TASK_SERIES.tasks('userTier', '1h'), SUCCESS)),
} as const;
const byTier = (text: string) => nameEmpty('user_tier', text);

const numbers = [
  statTile({
    title: 'Cost with a tenant',
    description: 'Share of the cost whose calls name a tenant: the rest is nobody’s.',
    unit: UNIT.share,
    decimals: 1,
    width: 8,
    targets: [
      {
        expr: ratio(
          orZero(
            sum([], `increase(${METRIC.TENANT_COST.name}{tenant!=""}[$__range])`),
            sum([], `increase(${METRIC.TENANT_COST.name}[$__range])`),
          ),
          sum([], `increase(${METRIC.TENANT_COST.name}[$__range])`),
        ),
        legend: 'with a tenant',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Dearest tenant',
    description:
      'Share of the dearest tenant in the cost of a day. LLMTenantOverShare fires from 25 % on, if it grew.',
    unit: UNIT.share,
    decimals: 1,
    width: 8,
    base: 'green',
    thresholds: [[SPEND_THRESHOLD.tenantShare.share, 'yellow']],
    targets: [
      {
        expr: `topk(1, ${SPEND_SERIES.tenantShare.text}{tenant!~"|other"}) or on () vector(0)`,
        legend: '{{tenant}}',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Cost of the free tier',
    description: 'Share of the cost whose users are on the tier free.',
    unit: UNIT.share,
    decimals: 1,
    width: 8,
    targets: [
      {
        expr: ratio(
          orZero(sum([], inRange(METRIC.COST, { user_tier: '=free' })), sum([], inRange(METRIC.COST))),
          sum([], inRange(METRIC.COST)),
        ),
        legend: 'free',
        isInstant: true,
      },
    ],
  }),
];

const tenantCost = [
  graphTile({
    title: 'Spend by tenant',
    description: 'USD per hour of the listed and the dearest tenants; all others together in other.',
    unit: UNIT.usd,
    width: 16,
    isStacked: true,
    targets: [
      {
        expr: nameEmpty('tenant', `3600 * ${sum(['tenant'], rate(METRIC.TENANT_COST))}`),
        legend: '{{tenant}}',
      },
    ],
  }),
  barTile({
    title: 'Cost by tenant',
    description: 'In the time that is shown.',
    unit: UNIT.usd,
    width: 8,
    targets: [
      {
        expr: nameEmpty('tenant', `topk(10, ${sum(['tenant'], inRange(METRIC.TENANT_COST))})`),
        legend: '{{tenant}}',
      },
    ],
  }),
];

const tierCost = [
  pieTile({
    title: 'Cost by tier',
    description: 'In the time that is shown; none is calls that name no tier.',
    unit: UNIT.usd,
    width: 8,
    targets: [{ expr: byTier(sum(TIER, inRange(METRIC.COST))), legend: TIER_NAME }],
  }),
  graphTile({
    title: 'Cost per successful task by tier',
    description: 'Over the hour before each point.',
    unit: UNIT.usd,
    width: 8,
    targets: [
      {
        expr: byTier(ratio(hourly.cost, hourly.successes)),
        legend: TIER_NAME,
      },
    ],
  }),
  graphTile({
    title: 'Success by tier',
    description: 'Share of the settled tasks that were successful, over the hour before each point.',
    unit: UNIT.share,
    max: 1,
    width: 8,
    targets: [
      { expr: byTier(ratio(orZero(hourly.successes, hourly.tasks), hourly.tasks)), legend: TIER_NAME },
    ],
  }),
];

const tables = [
  tableTile({
    title: 'Tiers',
    description: 'What each tier costs and what it gets, in the time that is shown.',
    width: 12,
    height: 10,
    sortBy: 'Cost',
    rows: [{ label: 'user_tier', title: 'Tier' }],
    columns: [
      { title: 'Cost', expr: byTier(sum(TIER, inRange(METRIC.COST))), unit: UNIT.usd, isBar: true },
      { title: 'Tasks', expr: byTier(sum(TIER, inRange(METRIC.TASKS))), unit: UNIT.count, decimals: 0 },
      {
        title: 'Success',
        expr: byTier(
          ratio(
            orZero(sum(TIER, inRange(METRIC.TASKS, SUCCESS)), sum(TIER, inRange(METRIC.TASKS))),
            sum(TIER, inRange(METRIC.TASKS)),
          ),
        ),
        unit: UNIT.share,
        decimals: 1,
      },
      {
        title: 'Cost per success',
        expr: byTier(ratio(sum(TIER, inRange(METRIC.TASK_COST)), sum(TIER, inRange(METRIC.TASKS, SUCCESS)))),
        unit: UNIT.usd,
      },
    ],
  }),
  tableTile({
    title: 'Models by tier',
    description:
      'Which models each tier uses, and what a million tokens of them really took. LLMFreeTierOnExpensiveModel fires for free users above 3 USD.',
    width: 12,
    height: 10,
    sortBy: 'Cost',
    rows: [
      { label: 'user_tier', title: 'Tier', width: 110 },
      { label: 'model', title: 'Model' },
    ],
    columns: [
      { title: 'Cost', expr: byTier(sum(TIER_MODEL, inRange(METRIC.COST))), unit: UNIT.usd, isBar: true },
      {
        title: 'Per million tokens',
        expr: byTier(
          `1e6 * ${ratio(sum(TIER_MODEL, inRange(METRIC.COST)), sum(TIER_MODEL, inRange(METRIC.TOKENS)))}`,
        ),
        unit: UNIT.usd,
        base: 'text',
        thresholds: [[SPEND_THRESHOLD.freeTier.usdPerMtok, 'orange']],
      },
    ],
  }),
];

export const tenants = () =>
  buildBoard({
    board: 'tenants',
    title: 'Tenants and tiers',
    description: 'Who the money is spent for: customers by name, users by plan.',
    variables: ['service', 'environment', 'feature', 'tier', 'tenant'],
    lines: [numbers, tenantCost, tierCost, tables],
  });
