import { type Budget, NEARLY_USED_RATIO } from '@costspan/budgets';
import { METRIC } from '@costspan/semconv';
import { type Query, select } from '../queries.js';
import { type BurnWindow, SERIES } from './recording.js';
import type { AlertRule, RuleGroup, Severity } from './rule.js';

/** A page must be about money worth waking for. */
const BURN_FLOOR_USD = 1;

interface AlertParts {
  readonly expr: string;
  readonly for?: string;
  readonly severity: Severity;
  readonly summary: string;
}

/** An alert with its runbook. */
export function alert(name: string, { expr, severity, summary, ...rest }: AlertParts): AlertRule {
  return {
    alert: name,
    expr,
    ...rest,
    labels: { severity },
    annotations: { summary, runbook: `docs/runbooks/${runbookName(name)}.md` },
  };
}

/** `LLMBudget80Percent` → `llm-budget-80-percent`. */
export function runbookName(alertName: string): string {
  return alertName
    .replace(/([a-z])([A-Z0-9])/g, '$1-$2')
    .replace(/([A-Z0-9])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** A template that shows another series of the same budget. */
const budgetValue = (series: Query, format: string): string =>
  `{{ with printf "${series.text}{budget=%q}" $labels.budget | query }}{{ . | first | value | ${format} }}{{ end }}`;

/** How fast a budget may burn before it pages, over a long window and the short one that ends the alert soon. */
interface BurnLevel {
  readonly factor: number;
  readonly long: '1h' | '6h';
  readonly short: BurnWindow;
  readonly longSeconds: number;
  readonly for: string;
}

/**
 * A burn pages only when the money would run out before the period does: a money budget burns at 1.0 in normal
 * times, and a nightly batch reaches 11 over an hour, so the factors of error budgets alone would page for nothing.
 */
function burnAlert(name: string, level: BurnLevel): AlertRule {
  const burn = (window: BurnWindow) => `${SERIES.budgetBurn(window).text} > ${level.factor}`;
  const spend = SERIES.budgetSpend(level.long).text;
  const exhaustion = SERIES.budgetExhaustionSeconds(level.long);
  return alert(name, {
    expr: [
      `(${burn(level.long)} and ${burn(level.short)})`,
      `and ${exhaustion.text} < ${SERIES.budgetPeriodRemainingSeconds.text}`,
      `and ${spend} * ${level.longSeconds} > ${BURN_FLOOR_USD}`,
    ].join('\n'),
    for: level.for,
    severity: 'page',
    summary:
      `Budget {{ $labels.budget }} burns at {{ $value | printf "%.1f" }} times its pace over ${level.long}; ` +
      `at this pace it is empty in ${budgetValue(exhaustion, 'humanizeDuration')}.`,
  });
}

const budgetAlerts: readonly AlertRule[] = [
  burnAlert('LLMBudgetBurnFast', { factor: 14.4, long: '1h', short: '5m', longSeconds: 3600, for: '2m' }),
  burnAlert('LLMBudgetBurnSlow', { factor: 6, long: '6h', short: '30m', longSeconds: 21_600, for: '15m' }),
  alert('LLMBudgetProjectedOverrun', {
    // A tenth of the period first: three days of a month, as a projection from less is a guess.
    expr: `${SERIES.budgetProjected.text} > 1.1\nand ${SERIES.budgetElapsed.text} > 0.1`,
    for: '6h',
    severity: 'ticket',
    summary:
      'Budget {{ $labels.budget }} is on its way to {{ $value | humanizePercentage }} of its limit by the end of the period; ' +
      `{{ with printf "${SERIES.budgetUsed.text}{budget=%q}" $labels.budget | query }}{{ . | first | value | humanizePercentage }}{{ end }} is spent.`,
  }),
  alert('LLMBudget80Percent', {
    expr: `${SERIES.budgetUsed.text} >= ${NEARLY_USED_RATIO} < 1`,
    severity: 'ticket',
    summary:
      'Budget {{ $labels.budget }} has used {{ $value | humanizePercentage }} of its limit; ' +
      `the period goes on for ${budgetValue(SERIES.budgetPeriodRemainingSeconds, 'humanizeDuration')}.`,
  }),
  alert('LLMBudgetExhausted', {
    expr: `${SERIES.budgetUsed.text} >= 1`,
    severity: 'page',
    summary:
      'Budget {{ $labels.budget }} is spent: {{ $value | humanizePercentage }} of its limit; ' +
      `the period goes on for ${budgetValue(SERIES.budgetPeriodRemainingSeconds, 'humanizeDuration')}.`,
  }),
];

/** Says nothing and no 0 either: without its gauges none of the other alerts of a budget can fire. */
const notReportedAlert = ({ name }: Budget): AlertRule =>
  alert('LLMBudgetNotReported', {
    expr: `absent(${select(METRIC.BUDGET_LIMIT, { budget: `=${name}` }).text})`,
    for: '15m',
    severity: 'ticket',
    summary: 'No process reports budget {{ $labels.budget }}: its other alerts cannot fire.',
  });

/** Alerts of all budgets, and for each budget of the config one that it is reported at all. */
export function budgetAlertGroup(budgets: readonly Budget[]): RuleGroup {
  return {
    name: 'llm-budget-alerts',
    comment: 'Budgets: burning too fast, landing too high, nearly spent, spent.',
    interval: '1m',
    rules: [...budgetAlerts, ...budgets.map(notReportedAlert)],
  };
}
