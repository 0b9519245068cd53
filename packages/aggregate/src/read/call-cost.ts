import { MAX_CALL_PICO_USD, picoUsdToUsd, usdToPicoUsd } from '@costspan/pricing';
import { ATTR, type CallStatus, CURRENCY, OPERATION, PRICE_MODES } from '@costspan/semconv';
import type { CallRecord } from '../records.js';
import { boundLabel, readText } from './attribute.js';
import type { ReadOptions } from './read-options.js';
import type { SpanView } from './span.js';
import { readUsage } from './usage.js';

const MAX_REASON_CHARS = 200;
const MAX_CALL_USD = picoUsdToUsd(MAX_CALL_PICO_USD);

type CostFields = Pick<
  CallRecord,
  | 'costPicoUsd'
  | 'costSource'
  | 'listCostPicoUsd'
  | 'localCostPicoUsd'
  | 'unpricedReason'
  | 'estimatedReason'
  | 'cacheSavingsPicoUsd'
  | 'mode'
>;

interface CostQuery {
  readonly span: SpanView;
  readonly provider: string;
  readonly model: string;
  readonly status: CallStatus;
  /** Calls that this one stands for. */
  readonly count: number;
}

/**
 * What the span says, unmodified; a price of our own only where it says nothing. Unknown is a reason, never 0. The cost
 * of a call that stands for several is theirs, an estimate.
 */
export function readCost(query: CostQuery, options: ReadOptions): CostFields {
  const fields = readOwnCost(query, options);
  return query.count === 1 ? fields : scaleCost(fields, query.count);
}

function scaleCost(fields: CostFields, count: number): CostFields {
  const { costPicoUsd, listCostPicoUsd, localCostPicoUsd, cacheSavingsPicoUsd, ...rest } = fields;
  if (costPicoUsd === undefined) return fields;
  const amounts = { costPicoUsd, listCostPicoUsd, localCostPicoUsd, cacheSavingsPicoUsd };
  const scaled: Mutable<CostFields> = {
    ...rest,
    estimatedReason: 'sampled',
  };
  for (const name of Object.keys(amounts) as (keyof typeof amounts)[]) {
    const amount = amounts[name];
    if (amount === undefined) continue;
    const all = Math.round(amount * count);
    if (Math.abs(all) > MAX_CALL_PICO_USD) return { mode: fields.mode, unpricedReason: 'amount_over_limit' };
    scaled[name] = all;
  }
  return scaled;
}

function readOwnCost(query: CostQuery, options: ReadOptions): CostFields {
  const { attributes } = query.span;
  const mode = PRICE_MODES.find((known) => known === attributes[ATTR.PRICE_MODE]) ?? 'standard';
  const status = attributes[ATTR.COST_STATUS];
  const reason = boundLabel(readText(attributes[ATTR.COST_REASON]) ?? 'unstated', MAX_REASON_CHARS);
  if (status === 'unpriced') return { mode, unpricedReason: reason };
  const amountUsd = attributes[ATTR.USAGE_COST_AMOUNT];
  if (amountUsd === undefined) return priceLocally(query, mode, options);
  const currency = attributes[ATTR.USAGE_COST_CURRENCY] ?? CURRENCY;
  if (currency !== CURRENCY) return { mode, unpricedReason: 'foreign_currency' };
  if (typeof amountUsd !== 'number' || !(amountUsd >= 0)) return { mode, unpricedReason: 'invalid_cost' };
  if (amountUsd > MAX_CALL_USD) return { mode, unpricedReason: 'amount_over_limit' };
  const savingsUsd = attributes[ATTR.CACHE_SAVINGS];
  const hasSavings = typeof savingsUsd === 'number' && Math.abs(savingsUsd) <= MAX_CALL_USD;
  const fields: Mutable<CostFields> = {
    mode,
    costPicoUsd: usdToPicoUsd(amountUsd),
    costSource: attributes[ATTR.USAGE_COST_SOURCE] === 'provider' ? 'provider' : 'local',
  };
  if (hasSavings) fields.cacheSavingsPicoUsd = usdToPicoUsd(savingsUsd);
  // The amounts that stand beside the cost: at list price, and by the table.
  const list = readAmount(attributes[ATTR.COST_LIST]);
  const local = readAmount(attributes[ATTR.COST_LOCAL]);
  if (list !== undefined) fields.listCostPicoUsd = list;
  if (local !== undefined) fields.localCostPicoUsd = local;
  if (status === 'partial') fields.unpricedReason = reason;
  if (status === 'estimated') fields.estimatedReason = reason;
  return fields;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const readAmount = (usd: unknown): number | undefined =>
  typeof usd === 'number' && usd >= 0 && usd <= MAX_CALL_USD ? usdToPicoUsd(usd) : undefined;

function priceLocally(query: CostQuery, mode: CostFields['mode'], options: ReadOptions): CostFields {
  const { span, provider, model, status } = query;
  const usage = readUsage(span.attributes);
  if (usage === undefined) {
    // A request that failed before it used anything cost nothing that anybody could tell; all others owe a reason.
    return status === 'error' ? { mode } : { mode, unpricedReason: 'no_usage' };
  }
  // Some price lists have an output rate for embeddings too: there is none that could be missing.
  const isEmbedding = span.attributes[ATTR.OPERATION_NAME] === OPERATION.EMBEDDINGS;
  const billed = isEmbedding ? { ...usage, outputTokens: 0 } : usage;
  const cost = options.price(billed, { provider, model, atMs: span.startMs, mode });
  if (cost.status === 'unpriced') return { mode, unpricedReason: cost.reason };
  const { amountPicoUsd, source, cacheSavingsPicoUsd, listAmountPicoUsd, reason } = cost;
  return {
    mode: cost.mode,
    costPicoUsd: amountPicoUsd,
    costSource: source,
    ...(listAmountPicoUsd === undefined ? {} : { listCostPicoUsd: listAmountPicoUsd }),
    ...(cacheSavingsPicoUsd === undefined ? {} : { cacheSavingsPicoUsd }),
    ...(cost.status === 'partial' ? { unpricedReason: reason ?? 'unstated' } : {}),
    ...(cost.status === 'estimated' ? { estimatedReason: reason ?? 'unstated' } : {}),
  };
}
