export {
  type AccessConfig,
  type ClickHouseConfig,
  type Config,
  DEFAULT_CONFIG,
  FEATURE_SOURCES,
  type FeatureSource,
  type FeaturesConfig,
  type LimitsConfig,
  type PricesConfig,
  RIGHTS,
  type Right,
  type TasksConfig,
  type TenantsConfig,
  type TlsConfig,
  type TokenConfig,
} from './config.js';
export { describeUnknownVariable, findUnknownVariables, type UnknownVariable } from './environment.js';
export { CONFIG_ERROR_CODES, type ConfigError, type ConfigErrorCode, renderConfigErrors } from './errors.js';
export { DEFAULT_CONFIG_PATH, type LoadOptions, type LoadResult, loadConfig, parseConfig } from './load.js';
export {
  DEFAULT_OUTCOME_RULES,
  type DecidedOutcome,
  evaluateOutcome,
  OUTCOME_FACTS,
  type OutcomeCondition,
  type OutcomeFact,
  type OutcomeFacts,
  type OutcomeRule,
} from './outcome-rule.js';
export {
  type OutcomeEvidence,
  OutcomeRules,
  type OutcomeSubject,
  type RuleDecision,
} from './outcome-rules.js';
export type { ConfigResult } from './parse.js';
