/** Calendar periods that a budget may have; a week is ISO (Monday). */
export const BUDGET_PERIODS = ['day', 'week', 'month', 'quarter', 'year'] as const;
/** One of {@link BUDGET_PERIODS}. */
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** How a budget is spent: all the time, or in batches that the alerts compare with the same hour of past weeks. */
export const BUDGET_SHAPES = ['steady', 'batch'] as const;
/** One of {@link BUDGET_SHAPES}. */
export type BudgetShape = (typeof BUDGET_SHAPES)[number];

/** Properties of a call that a budget may ask for. */
export const BUDGET_MATCH_KEYS = [
  'feature',
  'service',
  'tenant',
  'userTier',
  'provider',
  'model',
  'task',
] as const;
/** One of {@link BUDGET_MATCH_KEYS}. */
export type BudgetMatchKey = (typeof BUDGET_MATCH_KEYS)[number];

/** What a call must be to count: every key that is set must be equal. Empty matches every call. */
export type BudgetMatch = Readonly<Partial<Record<BudgetMatchKey, string>>>;

/** The properties of one call; what is unknown is absent. A `CallRecord` gives them with `task.name` as `task`. */
export type BudgetLabels = Readonly<Partial<Record<BudgetMatchKey, string | undefined>>>;

/** A limit on what some calls may cost in one calendar period. */
export interface Budget {
  /** Unique; label `budget` of the metrics. */
  readonly name: string;
  readonly match: BudgetMatch;
  /** Pico-USD (1e-12 USD), above 0. A bigint: ten thousand dollars no longer fit a safe integer. */
  readonly limitPicoUsd: bigint;
  readonly period: BudgetPeriod;
  /** IANA name, e.g. `Europe/Berlin`: where the period's midnight is. */
  readonly timezone: string;
  /** Default `steady`. */
  readonly shape?: BudgetShape;
}

/** Whether a call with these labels counts against the budget; values are compared exactly. */
export function matchesBudget(budget: Budget, labels: BudgetLabels): boolean {
  for (const key of BUDGET_MATCH_KEYS) {
    const wanted = budget.match[key];
    if (wanted !== undefined && labels[key] !== wanted) return false;
  }
  return true;
}
