export {
  type Config,
  DEFAULT_CONFIG,
  FEATURE_SOURCES,
  type FeatureSource,
  type FeaturesConfig,
  type LimitsConfig,
  type PriceDiscount,
  type PriceOverride,
  type PricesConfig,
  type TasksConfig,
  type TenantsConfig,
} from './config.js';
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
