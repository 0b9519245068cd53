import type { Metrics } from './metrics.js';

/** What one feature cost and what it bought. Money in pico-USD. */
export interface FeatureReport {
  readonly feature: string;
  readonly calls: number;
  readonly tokens: number;
  readonly costPicoUsd: bigint;
  readonly tasks: number;
  readonly successes: number;
  /** Cost of all its settled tasks, the failed ones included, per success; `undefined` without a success. */
  readonly costPerSuccessPicoUsd: bigint | undefined;
  readonly wastedPicoUsd: bigint;
  readonly savedPicoUsd: bigint;
}

/** One report per feature, the dearest first. */
export function readFeatures(metrics: Metrics): FeatureReport[] {
  const names = new Set(metrics.select('llm_calls_total').map(({ labels }) => labels.feature ?? ''));
  return [...names]
    .map((feature) => readFeature(metrics, feature))
    .sort((left, right) => Number(right.costPicoUsd - left.costPicoUsd));
}

function readFeature(metrics: Metrics, feature: string): FeatureReport {
  const of = { feature };
  const successes = metrics.sum('llm_tasks_total', { feature, outcome: 'success' });
  const taskCost = metrics.sumPicoUsd('llm_task_cost_usd_total', of);
  return {
    feature,
    calls: metrics.sum('llm_calls_total', of),
    tokens: metrics.sum('llm_tokens_total', of),
    costPicoUsd: metrics.sumPicoUsd('llm_cost_usd_total', of),
    tasks: metrics.sum('llm_tasks_total', of),
    successes,
    costPerSuccessPicoUsd: successes === 0 ? undefined : taskCost / BigInt(successes),
    wastedPicoUsd: metrics.sumPicoUsd('llm_wasted_cost_usd_total', of),
    savedPicoUsd: metrics.sumPicoUsd('llm_cache_savings_usd_total', of),
  };
}
