import { NEARLY_USED_RATIO } from '@costspan/budgets';
import { METRIC } from '@costspan/semconv';
import { maxGauge, select } from '../queries.js';
import { type BurnWindow, SERIES } from './budget-recording.js';
import type { AlertRule, PanelLink, RuleGroup } from './rule.js';
import { label, type Summary, seriesValue, summary, value } from './summary.js';

/** From where budgets are told of; the dashboards draw their thresholds here. */
export const BUDGET_THRESHOLD = {
  burnFast: 14.4,
  burnSlow: 6,
  /** A page must be about money worth waking for. */
  burnFloorUsd: 1,
  projected: 1.1,
  /** A tenth of the period first: three days of a month, as a projection from less is a guess. */
  projectedElapsed: 0.1,
  /** Times the dearest same hour of the past weeks. */
  batch: 2,
  batchFloorUsd: 5,
} as const;

const BY = ['budget'] as const;
const link = (panel: string): PanelLink => ({ board: 'budgets', panel, variables: { budget: 'budget' } });
const BURN_LINK = link('Burn rate');
const budget = label('budget');
const remaining = seriesValue(SERIES.budgetPeriodRemainingSeconds, { by: BY, format: 'humanizeDuration' });
const { text: batchShaped } = select(
  { ...SERIES.budgetConfigured, name: SERIES.budgetConfigured.text },
  { shape: '=batch' },
);

/** How fast a budget may burn before it pages, over a long window and the short one that ends the alert soon. */
interface BurnLevel {
  readonly factor: number;
  readonly long: '1h' | '6h';
  readonly short: BurnWindow;
  readonly longSeconds: number;
  readonly for: string;
}

/** A condition only where the money would run out before the period does. */
const isEmptyBeforeEnd = (window: '1h' | '6h'): string =>
  `and ${SERIES.budgetExhaustionSeconds(window).text} < ${SERIES.budgetPeriodRemainingSeconds.text}`;

/**
 * A burn pages only when the money would run out before the period does: a money budget burns at 1.0 in normal
 * times, and a nightly batch reaches 11 over an hour, so the factors of error budgets alone would page for nothing.
 */
function burnAlert(name: string, level: BurnLevel): AlertRule {
  const burn = (window: BurnWindow) => `${SERIES.budgetBurn(window).text} > ${level.factor}`;
  const spend = SERIES.budgetSpend(level.long).text;
  const exhaustion = seriesValue(SERIES.budgetExhaustionSeconds(level.long), {
    by: BY,
    format: 'humanizeDuration',
  });
  return {
    alert: name,
    expr: [
      `(${burn(level.long)} and ${burn(level.short)})`,
      isEmptyBeforeEnd(level.long),
      `and ${spend} * ${level.longSeconds} > ${BUDGET_THRESHOLD.burnFloorUsd}`,
      `unless on (budget) ${batchShaped}`,
    ].join('\n'),
    for: level.for,
    severity: 'page',
    summary: summary`Budget ${budget} burns at ${value('printf "%.1f"')} times its pace over ${text(level.long)}; at this pace it is empty in ${exhaustion}.`,
    link: BURN_LINK,
  };
}

const text = (words: string): Summary => [words];

/** For budgets that are spent in batches: their pace says nothing, the same hour of the past weeks does. */
function batchAlert(): AlertRule {
  const [spend, past] = [`3600 * ${SERIES.budgetSpend('1h').text}`, SERIES.budgetPastWeeks.text];
  const before = seriesValue(SERIES.budgetPastWeeks, { by: BY, format: 'printf "%.2f"' });
  return {
    alert: 'LLMBudgetBatchAbovePattern',
    expr: [
      `${spend} > ${BUDGET_THRESHOLD.batch} * ${past}`,
      `and ${spend} - ${past} > ${BUDGET_THRESHOLD.batchFloorUsd}`,
      isEmptyBeforeEnd('1h'),
      `and on (budget) ${batchShaped}`,
    ].join('\n'),
    for: '5m',
    severity: 'page',
    summary: summary`Budget ${budget}, which is spent in batches, took ${value('printf "%.2f"')} USD in the last hour, after ${before} USD in the dearest same hour of the past four weeks; at this pace it is empty before its period ends.`,
    link: BURN_LINK,
  };
}

function projectedAlert(): AlertRule {
  const used = seriesValue(SERIES.budgetUsed, { by: BY, format: 'humanizePercentage' });
  return {
    alert: 'LLMBudgetProjectedOverrun',
    expr: `${SERIES.budgetProjected.text} > ${BUDGET_THRESHOLD.projected}\nand ${SERIES.budgetElapsed.text} > ${BUDGET_THRESHOLD.projectedElapsed}`,
    for: '6h',
    severity: 'ticket',
    summary: summary`Budget ${budget} is on its way to ${value('humanizePercentage')} of its limit by the end of the period; ${used} is spent.`,
    link: link('Landing at the end of the period'),
  };
}

const positionAlerts: readonly AlertRule[] = [
  {
    alert: 'LLMBudget80Percent',
    expr: `${SERIES.budgetUsed.text} >= ${NEARLY_USED_RATIO} < 1`,
    severity: 'ticket',
    summary: summary`Budget ${budget} has used ${value('humanizePercentage')} of its limit; the period goes on for ${remaining}.`,
    link: link('Spent of the limit'),
  },
  {
    alert: 'LLMBudgetExhausted',
    expr: `${SERIES.budgetUsed.text} >= 1`,
    severity: 'page',
    summary: summary`Budget ${budget} is spent: ${value('humanizePercentage')} of its limit; the period goes on for ${remaining}.`,
    link: link('Spent of the limit'),
  },
];

/** Says nothing and no 0 either: without its gauges none of the other alerts of a budget can fire. */
const notReportedAlert: AlertRule = {
  alert: 'LLMBudgetNotReported',
  expr: `max by (budget) (${SERIES.budgetConfigured.text})\nunless ${maxGauge(BY, METRIC.BUDGET_LIMIT).text}`,
  for: '15m',
  severity: 'ticket',
  summary: summary`No process reports budget ${budget}: its other alerts cannot fire.`,
  link: link('Budgets that are not as configured'),
};

/** The other way round: it has its alerts, but what these rules know of its shape is not from this config. */
const notConfiguredAlert: AlertRule = {
  alert: 'LLMBudgetNotInRules',
  // Rules that were made for no budget hold for any.
  expr: `${maxGauge(BY, METRIC.BUDGET_LIMIT).text}\nunless max by (budget) (${SERIES.budgetConfigured.text})\nand on () count(${SERIES.budgetConfigured.text})`,
  for: '15m',
  severity: 'ticket',
  summary: summary`Budget ${budget} of ${value('printf "%.2f"')} USD is reported, but the rules were made from a config without it.`,
  link: link('Budgets that are not as configured'),
};

/** Alerts of all budgets that are reported, and that those of the config are. */
export function budgetAlertGroup(): RuleGroup {
  return {
    name: 'llm-budget-alerts',
    comment: 'Budgets: burning too fast, landing too high, nearly spent, spent.',
    interval: '1m',
    rules: [
      burnAlert('LLMBudgetBurnFast', {
        factor: BUDGET_THRESHOLD.burnFast,
        long: '1h',
        short: '5m',
        longSeconds: 3600,
        for: '2m',
      }),
      burnAlert('LLMBudgetBurnSlow', {
        factor: BUDGET_THRESHOLD.burnSlow,
        long: '6h',
        short: '30m',
        longSeconds: 21_600,
        for: '15m',
      }),
      batchAlert(),
      projectedAlert(),
      ...positionAlerts,
      notReportedAlert,
      notConfiguredAlert,
    ],
  };
}
