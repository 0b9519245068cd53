import { type Budget, matchesBudget, type Period, periodAt } from '@costspan/budgets';
import { METRIC } from '@costspan/semconv';
import type { CallRecord } from '../records.js';
import type { Births } from '../series/births.js';
import { MoneySeries } from '../series/series.js';
import type { PeriodState } from '../state.js';

/** Periods whose spend is remembered, those nearest to now: clocks that are ahead or behind begin others. */
const REMEMBERED_PERIODS = 16;
const NONE: readonly MoneySeries[] = [];

/** Where a budget stands. */
export interface BudgetPosition {
  readonly budget: Budget;
  readonly period: Period;
  /** Pico-USD of the calls that ended in the period. */
  readonly spendPicoUsd: bigint;
}

/** What each budget has spent: from the calls themselves, never from a series that may overflow. */
export class BudgetSpend {
  readonly #budgets: readonly Budget[];
  readonly #spend;
  readonly #periods = new Map<string, Map<number, MoneySeries>>();

  constructor(births: Births, budgets: readonly Budget[]) {
    this.#budgets = budgets;
    this.#spend = births.money(METRIC.BUDGET_SPEND);
    for (const { name } of budgets) {
      this.#spend.at([name]);
      this.#periods.set(name, new Map());
    }
  }

  /** The sums that the call counts in; it came at `nowMs`. */
  place(call: CallRecord, nowMs: number): readonly MoneySeries[] {
    if (call.costPicoUsd === undefined || this.#budgets.length === 0) return NONE;
    const { feature, service, tenant, userTier, provider, model, task } = call;
    const labels = { feature, service, tenant, userTier, provider, model, task: task?.name };
    return this.#budgets
      .filter((budget) => matchesBudget(budget, labels))
      .flatMap((budget) => [this.#spend.at([budget.name]), this.#periodSpend(budget, call.endMs, nowMs)]);
  }

  positions(nowMs: number): BudgetPosition[] {
    return this.#budgets.map((budget) => {
      const period = periodAt(budget, nowMs);
      const spendPicoUsd = this.#periods.get(budget.name)?.get(period.startMs)?.value ?? 0n;
      return { budget, period, spendPicoUsd };
    });
  }

  /** The sums of the remembered periods: their labels are the budget and the start of the period. */
  readState(): PeriodState[] {
    const series = [...this.#periods.values()].flatMap((periods) => [...periods.values()]);
    return series.map((one) => ({ labels: one.labels, amounts: one.readAmounts() }));
  }

  restore(periods: readonly PeriodState[]): void {
    for (const { labels, amounts } of periods)
      for (const series of this.find(labels)) series.restoreAmounts(amounts);
  }

  /** The sums of these labels: a budget's own, or with a start that of one period; none of a budget that is no more. */
  find([name = '', startMs]: readonly string[]): MoneySeries[] {
    if (!this.#periods.has(name)) return [];
    return [startMs === undefined ? this.#spend.at([name]) : this.#spendOf(name, Number(startMs))];
  }

  /** The sum of one period. No counter, so it needs no scrape at 0. */
  #periodSpend(budget: Budget, atMs: number, nowMs: number): MoneySeries {
    const spend = this.#spendOf(budget.name, periodAt(budget, atMs).startMs);
    const periods = this.#periods.get(budget.name);
    if (periods !== undefined && periods.size > REMEMBERED_PERIODS)
      periods.delete(findFarthest(periods.keys(), periodAt(budget, nowMs).startMs));
    return spend;
  }

  #spendOf(name: string, startMs: number): MoneySeries {
    const periods = this.#periods.get(name) ?? new Map<number, MoneySeries>();
    let spend = periods.get(startMs);
    if (spend === undefined) {
      spend = new MoneySeries([name, `${startMs}`]);
      spend.isShown = true;
      periods.set(startMs, spend);
    }
    return spend;
  }
}

function findFarthest(startsMs: Iterable<number>, nowMs: number): number {
  let farthest = nowMs;
  for (const startMs of startsMs)
    if (Math.abs(startMs - nowMs) > Math.abs(farthest - nowMs)) farthest = startMs;
  return farthest;
}
