export { listRuleGroups, type RuleOptions, renderRules } from './render.js';
export { runbookName } from './rules/alerts.js';
export { BURN_WINDOWS, type BurnWindow, SERIES } from './rules/recording.js';
export type { AlertRule, RecordingRule, RuleGroup, Severity } from './rules/rule.js';
export {
  type AttemptLevel,
  CORRECTED_LABELS,
  type CorrectedLevel,
  LEVEL_LABELS,
  type Level,
  TASK_SERIES,
  TASK_WINDOWS,
  type TaskWindow,
} from './rules/task-recording.js';
