export {
  BUDGET_MATCH_KEYS,
  BUDGET_PERIODS,
  BUDGET_SHAPES,
  type Budget,
  type BudgetLabels,
  type BudgetMatch,
  type BudgetMatchKey,
  type BudgetPeriod,
  type BudgetShape,
  matchesBudget,
} from './budget.js';
export { burnRate, pacePicoUsdPerSecond, type Spend } from './burn-rate.js';
export { type BudgetState, evaluateBudget, NEARLY_USED_RATIO } from './evaluate.js';
export { isTimeZone, type Period, periodAt } from './period.js';
