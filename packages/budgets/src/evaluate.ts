import type { Budget } from './budget.js';
import { burnRate } from './burn-rate.js';
import { type Period, periodAt } from './period.js';

/** Share of the limit from which a budget is nearly used up; the alert `LLMBudget80Percent` says the same. */
export const NEARLY_USED_RATIO = 0.8;

/** Where a budget stands at one instant. */
export interface BudgetState {
  readonly period: Period;
  readonly spentPicoUsd: bigint;
  readonly limitPicoUsd: bigint;
  /** Negative when the limit is exceeded. */
  readonly remainingPicoUsd: bigint;
  /** Spend over limit. */
  readonly usedRatio: number;
  /** Share of the period that has passed. */
  readonly elapsedRatio: number;
  /**
   * Pace since the period's start over the allowed pace, which at this pace is also the landing over the limit.
   * `undefined` at the period's first instant.
   */
  readonly burnRate?: number;
  readonly status: 'within' | 'nearly_used' | 'exhausted';
}

/**
 * Evaluates a budget at an instant, given what its matching calls have cost since the start of the period that holds
 * this instant. Throws a RangeError for a negative spend.
 *
 * @example
 * const limitPicoUsd = 1_200_000_000_000_000n; // 1,200 USD
 * const budget = { name: 'support', match: {}, limitPicoUsd, period: 'month', timezone: 'UTC' } as const;
 * evaluateBudget(budget, 300_000_000_000_000n, Date.now()).status; // 'within'
 */
export function evaluateBudget(budget: Budget, spentPicoUsd: bigint, atMs: number): BudgetState {
  if (spentPicoUsd < 0n) throw new RangeError(`evaluateBudget: spend ${spentPicoUsd} is negative`);
  const period = periodAt(budget, atMs);
  const elapsedRatio = (atMs - period.startMs) / (period.endMs - period.startMs);
  const rate = burnRate(budget, period, { spentPicoUsd, windowSeconds: (atMs - period.startMs) / 1000 });
  return {
    period,
    spentPicoUsd,
    limitPicoUsd: budget.limitPicoUsd,
    remainingPicoUsd: budget.limitPicoUsd - spentPicoUsd,
    usedRatio: Number(spentPicoUsd) / Number(budget.limitPicoUsd),
    elapsedRatio,
    ...(rate !== undefined && { burnRate: rate }),
    status: readStatus(budget, spentPicoUsd),
  };
}

/** Compared as integers: a ratio in floating point may round up to the threshold. */
function readStatus(budget: Budget, spentPicoUsd: bigint): BudgetState['status'] {
  if (spentPicoUsd >= budget.limitPicoUsd) return 'exhausted';
  if (spentPicoUsd * 100n >= budget.limitPicoUsd * BigInt(NEARLY_USED_RATIO * 100)) return 'nearly_used';
  return 'within';
}
