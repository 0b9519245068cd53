import { PROVIDER } from '@costspan/semconv';
import { type Fields, readFields, readNumber } from '../fields.js';

/** xAI bills in ticks. */
const TICKS_PER_USD = 1e10;

/** One host's way to state what it charged; each answers `undefined` for a usage object that is not its own. */
const COST_READERS: readonly ((usage: Fields, provider?: string) => number | undefined)[] = [
  readXaiCost,
  readOpenRouterCost,
  readPerplexityCost,
];

/**
 * What the host says it charged, USD, told by the shape of its fields. A bare `cost` of an unknown host is not
 * taken: its currency is unknown, and a cost without a currency must not be recorded.
 */
export function readCostUsd(usage: Fields, provider?: string): number | undefined {
  for (const read of COST_READERS) {
    const costUsd = read(usage, provider);
    if (costUsd !== undefined && costUsd >= 0) return costUsd;
  }
  return undefined;
}

function readXaiCost(usage: Fields): number | undefined {
  const ticks = readNumber(usage.cost_in_usd_ticks);
  return ticks === undefined ? undefined : ticks / TICKS_PER_USD;
}

/** OpenRouter, in USD. With the customer's own key (`is_byok`) `cost` is only the fee; the model is billed upstream. */
function readOpenRouterCost(usage: Fields, provider?: string): number | undefined {
  const cost = readNumber(usage.cost);
  // Its first answers that state a cost have nothing else of their own.
  const isOwn = provider === PROVIDER.OPENROUTER || 'is_byok' in usage || 'cost_details' in usage;
  if (cost === undefined || !isOwn) return undefined;
  if (usage.is_byok !== true) return cost;
  const upstream = readNumber(readFields(usage.cost_details).upstream_inference_cost);
  return upstream === undefined ? undefined : cost + upstream;
}

function readPerplexityCost(usage: Fields): number | undefined {
  return readNumber(readFields(usage.cost).total_cost);
}
