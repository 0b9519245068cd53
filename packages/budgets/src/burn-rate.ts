import type { Budget } from './budget.js';
import type { Period } from './period.js';

/** The pace that lands exactly on the limit, pico-USD per second of the period. */
export function pacePicoUsdPerSecond(budget: Pick<Budget, 'limitPicoUsd'>, period: Period): number {
  return Number(budget.limitPicoUsd) / ((period.endMs - period.startMs) / 1000);
}

/** Spend over a stretch of time. */
export interface Spend {
  readonly spentPicoUsd: bigint;
  /** Length of the stretch, above 0. */
  readonly windowSeconds: number;
}

/**
 * Actual pace over allowed pace: 1.0 lands exactly on the budget. Unlike an error budget, a money budget is meant to
 * be spent, so 1.0 is normal. `undefined` for an empty window: no time has passed, so no pace is known.
 */
export function burnRate(
  budget: Pick<Budget, 'limitPicoUsd'>,
  period: Period,
  spend: Spend,
): number | undefined {
  if (!(spend.windowSeconds > 0)) return undefined;
  const usedShare = Number(spend.spentPicoUsd) / Number(budget.limitPicoUsd);
  return usedShare / ((spend.windowSeconds * 1000) / (period.endMs - period.startMs));
}
