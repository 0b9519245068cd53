export { type Dashboard, dashboardFile, findPanelId, listDashboards, renderDashboard } from './dashboards.js';
export { listRuleGroups, RULE_KINDS, type RuleKind, type RuleOptions } from './groups.js';
export { type Matchers, type Query, select } from './queries.js';
export { type RenderGrafanaOptions, renderGrafanaRules } from './render/grafana.js';
export type { LinkOptions } from './render/links.js';
export { type RenderRuleOptions, renderKubernetesRules, renderRules } from './render/prometheus.js';
export { BUDGET_THRESHOLD } from './rules/budget-alerts.js';
export { SERIES } from './rules/budget-recording.js';
export { FEATURE_THRESHOLD } from './rules/feature-alerts.js';
export { PIPELINE_THRESHOLD } from './rules/pipeline-alerts.js';
export {
  type AlertRule,
  BOARDS,
  type Board,
  boardUid,
  type RecordingRule,
  type RuleGroup,
  runbookName,
  type Severity,
} from './rules/rule.js';
export { SPEND_THRESHOLD } from './rules/spend-alerts.js';
export { SPEND_SERIES } from './rules/spend-recording.js';
export { TASK_SERIES, TASK_WINDOWS, type TaskWindow } from './rules/task-recording.js';
