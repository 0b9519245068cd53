import type { PriceMode } from '@costspan/semconv';
import type { Cost, CostParts, Unpriced, UnpricedReason } from './cost.js';
import { MAX_CALL_PICO_USD, scalePicoUsd } from './money.js';
import type { RawParts } from './parts.js';
import type { RateChoice } from './rate-choice.js';
import type { Resolution } from './resolve.js';
import type { NestedUsage, Usage } from './usage.js';

/** What all costs of one pricer and one call share. */
export interface CostFrame {
  readonly mode: PriceMode;
  readonly priceVersion: string;
}

/** The field names of a cost that is being made. */
export type MutableCost = { -readonly [K in keyof Cost]: Cost[K] };
type MutableParts = { -readonly [K in keyof CostParts]: CostParts[K] };

export function toUnpriced(reason: UnpricedReason, detail?: string): Unpriced {
  return detail === undefined ? { status: 'unpriced', reason } : { status: 'unpriced', reason, detail };
}

const OVER_LIMIT_DETAIL = `the amount is over ${MAX_CALL_PICO_USD} pico-USD, the limit of one call`;

/** Multiplies the parts and puts them together. */
export function toCost(
  raw: RawParts,
  choice: RateChoice,
  { discount }: Resolution,
  frame: CostFrame,
): MutableCost | Unpriced {
  const rawSum = raw.input + raw.cacheRead + raw.cacheWrite + raw.output + raw.tools;
  // Above the limit a double may already have lost a pico-USD, so nothing is multiplied there.
  if (!(rawSum <= MAX_CALL_PICO_USD)) return toUnpriced('amount_over_limit', OVER_LIMIT_DETAIL);
  // Nothing of it has a price: 0 would be a lie.
  if (raw.partial !== undefined && rawSum === 0) return toUnpriced('no_rate_for_unit');
  const numerator = choice.numerator * discount[0];
  const denominator = choice.denominator * discount[1];
  const parts: CostParts = {
    inputPicoUsd: scalePicoUsd(raw.input, numerator, denominator),
    cacheReadPicoUsd: scalePicoUsd(
      raw.cacheRead,
      choice.cacheReadNumerator * discount[0],
      choice.cacheReadDenominator * discount[1],
    ),
    cacheWritePicoUsd: scalePicoUsd(raw.cacheWrite, numerator, denominator),
    outputPicoUsd: scalePicoUsd(raw.output, numerator, denominator),
    toolsPicoUsd: scalePicoUsd(raw.tools, discount[0], discount[1]),
  };
  const hasCache = raw.cacheRead > 0 || raw.cacheWrite > 0 || raw.cachedAsInput > 0;
  const savings = hasCache
    ? scalePicoUsd(raw.cachedAsInput, numerator, denominator) -
      parts.cacheReadPicoUsd -
      parts.cacheWritePicoUsd
    : undefined;
  const cost = assembleCost(parts, frame, {
    partial: raw.partial,
    estimated: raw.estimated ?? choice.estimated,
    savings,
  });
  if (discount[0] !== discount[1] && cost.status !== 'unpriced')
    cost.listAmountPicoUsd = sumAtListPrice(raw, choice);
  return cost;
}

/** The same parts without the discount, each rounded as it would be without one. */
function sumAtListPrice(raw: RawParts, choice: RateChoice): number {
  const { numerator, denominator } = choice;
  return (
    scalePicoUsd(raw.input, numerator, denominator) +
    scalePicoUsd(raw.cacheRead, choice.cacheReadNumerator, choice.cacheReadDenominator) +
    scalePicoUsd(raw.cacheWrite, numerator, denominator) +
    scalePicoUsd(raw.output, numerator, denominator) +
    raw.tools
  );
}

function assembleCost(
  parts: CostParts,
  { mode, priceVersion }: CostFrame,
  found: { partial: string | undefined; estimated: string | undefined; savings: number | undefined },
): MutableCost | Unpriced {
  const amountPicoUsd =
    parts.inputPicoUsd +
    parts.cacheReadPicoUsd +
    parts.cacheWritePicoUsd +
    parts.outputPicoUsd +
    parts.toolsPicoUsd;
  if (!(amountPicoUsd <= MAX_CALL_PICO_USD)) return toUnpriced('amount_over_limit', OVER_LIMIT_DETAIL);
  const reason = found.partial ?? found.estimated;
  // Assigned rather than spread: this runs on every call, and a spread costs as much as the whole arithmetic.
  const cost: MutableCost = {
    status: found.partial !== undefined ? 'partial' : found.estimated !== undefined ? 'estimated' : 'priced',
    amountPicoUsd,
    parts,
    source: 'local',
    mode,
    priceVersion,
  };
  if (found.savings !== undefined) cost.cacheSavingsPicoUsd = found.savings;
  if (reason !== undefined) cost.reason = reason;
  return cost;
}

/**
 * Adds the costs of nested usage, part by part; one that has no price makes the whole partial.
 * A call may be nested usage alone (a system that only routes to models): then `own` is undefined.
 */
export function addNested(
  own: Cost | undefined,
  usage: Usage,
  frame: CostFrame,
  price: (nested: NestedUsage) => Cost | Unpriced,
): MutableCost | Unpriced {
  const parts = { ...(own?.parts ?? emptyParts()) };
  let partial = own?.status === 'partial' ? own.reason : undefined;
  let estimated = own?.status === 'estimated' ? own.reason : undefined;
  let savings = own?.cacheSavingsPicoUsd;
  let listPicoUsd = own === undefined ? 0 : (own.listAmountPicoUsd ?? own.amountPicoUsd);
  let priced = own === undefined ? 0 : 1;
  for (const nested of usage.nested ?? []) {
    const cost = price(nested);
    if (cost.status === 'unpriced') {
      if (cost.reason === 'invalid_usage' || cost.reason === 'amount_over_limit') return cost;
      partial ??= `nested_${cost.reason}`;
      continue;
    }
    priced += 1;
    if (cost.status === 'partial') partial ??= cost.reason ?? 'nested_partial';
    if (cost.status === 'estimated') estimated ??= cost.reason ?? 'nested_estimated';
    if (cost.cacheSavingsPicoUsd !== undefined) savings = (savings ?? 0) + cost.cacheSavingsPicoUsd;
    listPicoUsd += cost.listAmountPicoUsd ?? cost.amountPicoUsd;
    addParts(parts, cost);
  }
  // Nothing had a price: 0 would be a lie.
  if (priced === 0) return toUnpriced('unknown_model');
  const cost = assembleCost(parts, frame, { partial, estimated, savings });
  if (cost.status !== 'unpriced' && listPicoUsd !== cost.amountPicoUsd) cost.listAmountPicoUsd = listPicoUsd;
  return cost;
}

function emptyParts(): MutableParts {
  return { inputPicoUsd: 0, cacheReadPicoUsd: 0, cacheWritePicoUsd: 0, outputPicoUsd: 0, toolsPicoUsd: 0 };
}

/** A nested cost that the provider reported as one sum counts as a tool's. */
function addParts(sum: MutableParts, { parts, amountPicoUsd }: Cost): void {
  if (parts === undefined) {
    sum.toolsPicoUsd += amountPicoUsd;
    return;
  }
  sum.inputPicoUsd += parts.inputPicoUsd;
  sum.cacheReadPicoUsd += parts.cacheReadPicoUsd;
  sum.cacheWritePicoUsd += parts.cacheWritePicoUsd;
  sum.outputPicoUsd += parts.outputPicoUsd;
  sum.toolsPicoUsd += parts.toolsPicoUsd;
}
