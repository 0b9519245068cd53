import type { Query } from '../queries.js';
import type { Summary } from './summary.js';

/** A series that Prometheus computes ahead. Named level:metric:operation, the level being the labels that are left. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Stands above the rule in the file. */
  readonly comment?: string;
}

/** The rule that gives a series its name. */
export const record = (series: Query, expr: Query | string): RecordingRule => ({
  record: series.text,
  expr: typeof expr === 'string' ? expr : expr.text,
});

/** `page`: someone must look now. `ticket`: someone must look this week. */
export type Severity = 'page' | 'ticket';

/** The dashboards, by what their uid ends with. */
export const BOARDS = [
  'overview',
  'unit-economics',
  'budgets',
  'models',
  'tenants',
  'pipeline-health',
] as const;
/** One of {@link BOARDS}. */
export type Board = (typeof BOARDS)[number];
/** `uid` of the dashboard in Grafana, the same in every installation: links lead to it. */
export const boardUid = (board: Board): string => `costspan-${board}`;

/** Where an alert is to be seen: a panel, with variables of its dashboard set to labels of the alert. */
export interface PanelLink {
  readonly board: Board;
  /** Title of the panel. */
  readonly panel: string;
  /** Variable → label. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A condition that someone should know of. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold. */
  readonly for?: string;
  readonly severity: Severity;
  /** One sentence with the numbers in it. */
  readonly summary: Summary;
  readonly link: PanelLink;
}

/** Rules that Prometheus evaluates in order, at one time. */
export interface RuleGroup {
  readonly name: string;
  /** Stands above the group in the file. */
  readonly comment: string;
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

/** `LLMBudget80Percent` → `llm-budget-80-percent`, the name of its page in docs/runbooks. */
export function runbookName(alertName: string): string {
  return alertName
    .replace(/([a-z])([A-Z0-9])/g, '$1-$2')
    .replace(/([A-Z0-9])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
