export { listRuleGroups, type RuleOptions, renderRules } from './render.js';
export { runbookName } from './rules/alerts.js';
export {
  BURN_WINDOWS,
  type BurnWindow,
  FEATURE_WINDOWS,
  type FeatureWindow,
  SERIES,
} from './rules/recording.js';
export type { AlertRule, RecordingRule, RuleGroup, Severity } from './rules/rule.js';
