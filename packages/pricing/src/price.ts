import type { PriceMode } from '@costspan/semconv';
import { type PriceContract, readContract } from './contract.js';
import type { Cost, CostParts, Unpriced, UnpricedReason } from './cost.js';
import { describeResolution, type PriceDescription } from './describe.js';
import { MAX_CALL_PICO_USD, scalePicoUsd, usdToPicoUsd } from './money.js';
import { addToolParts, addUnitParts, computeTokenParts, type RawParts } from './parts.js';
import { chooseRates, type RateChoice } from './rate-choice.js';
import { type Resolution, ResolutionCache } from './resolve.js';
import type { NestedUsage, PriceQuery, Usage } from './usage.js';
import { isValidUsage } from './usage-check.js';
import { PRICE_TABLE_VERSION } from './version.gen.js';

/** Prices calls under one contract; keep one and share it. */
export interface Pricer {
  /** See {@link priceUsage}. */
  price(usage: Usage | undefined, query: PriceQuery): Cost | Unpriced;
  /** See {@link describePrice}. */
  describe(query: PriceQuery): PriceDescription | Unpriced;
}

/** Options of {@link createPricer}. */
export interface PricerOptions {
  readonly contract?: PriceContract;
  /** Most (provider, model) pairs to remember. */
  readonly cacheEntries?: number;
}

/** Hits and misses of a process; real ones use a dozen. */
const DEFAULT_CACHE_ENTRIES = 512;
/** Usage inside usage inside usage is a loop, not a bill. */
const MAX_NESTING = 4;

/**
 * Makes a pricer that remembers what models resolve to. It reads its price table on the first call and does no other I/O.
 * @throws RangeError when the contract has an impossible discount or rate.
 */
export function createPricer({ contract, cacheEntries = DEFAULT_CACHE_ENTRIES }: PricerOptions = {}): Pricer {
  const cache = new ResolutionCache(readContract(contract), cacheEntries);
  return {
    price: (usage, query) => priceCall(cache, usage, query, 0),
    describe: (query) => describeResolution(cache.find(query.provider, query.model), query),
  };
}

let listPricer: Pricer | undefined;
const contractPricers = new WeakMap<PriceContract, Pricer>();

/**
 * What a call cost, in whole pico-USD, or why that cannot be said; never throws for a strange usage or model.
 *
 * Order: provider-reported cost wins; else the rates of (provider, model, time, context tier) × mode × region × discount,
 * rounded half up once per part. Parts add up to the amount exactly. Fees of tools and requests are not multiplied by
 * mode or region. Nested usage is priced with its own model and added to the parts.
 * @throws RangeError when the contract has an impossible discount or rate.
 * @example
 * priceUsage({ inputTokens: 1000, outputTokens: 200 }, { provider: 'openai', model: 'gpt-5-mini', atMs: Date.now() });
 */
export function priceUsage(
  usage: Usage | undefined,
  query: PriceQuery,
  contract?: PriceContract,
): Cost | Unpriced {
  return findPricer(contract).price(usage, query);
}

/**
 * The rates that a call of this provider, model, time, mode and region has, with their source; or why there are none.
 * @throws RangeError when the contract has an impossible discount or rate.
 */
export function describePrice(query: PriceQuery, contract?: PriceContract): PriceDescription | Unpriced {
  return findPricer(contract).describe(query);
}

function findPricer(contract: PriceContract | undefined): Pricer {
  if (contract === undefined) {
    listPricer ??= createPricer();
    return listPricer;
  }
  let pricer = contractPricers.get(contract);
  if (pricer === undefined) {
    pricer = createPricer({ contract });
    contractPricers.set(contract, pricer);
  }
  return pricer;
}

function priceCall(
  cache: ResolutionCache,
  usage: Usage | undefined,
  query: PriceQuery,
  depth: number,
): Cost | Unpriced {
  if (usage === undefined) return toUnpriced('no_usage');
  const mode = query.mode ?? 'standard';
  if (usage.providerCostUsd !== undefined) return toProviderCost(usage.providerCostUsd, mode);
  if (!isValidUsage(usage) || depth > MAX_NESTING) return toUnpriced('invalid_usage');

  if (usage.byModel !== undefined && usage.byModel.length > 0) {
    return priceCall(cache, { nested: [...usage.byModel, ...(usage.nested ?? [])] }, query, depth);
  }
  const hasNested = usage.nested !== undefined && usage.nested.length > 0;
  const hasOwn =
    usage.inputTokens !== undefined ||
    usage.outputTokens !== undefined ||
    usage.toolRequests !== undefined ||
    usage.units !== undefined;
  if (!hasOwn && !hasNested) return toUnpriced('no_usage');
  const own = hasOwn ? priceOwn(cache, usage, query, mode) : undefined;
  if (!hasNested || own?.status === 'unpriced') return own ?? toUnpriced('no_usage');
  return addNested(own, usage, mode, (nested) =>
    priceCall(cache, nested.usage, { ...query, model: nested.model }, depth + 1),
  );
}

/** The usage itself, without what is nested in it. */
function priceOwn(cache: ResolutionCache, usage: Usage, query: PriceQuery, mode: PriceMode): Cost | Unpriced {
  const resolution = cache.find(query.provider, query.model);
  if (typeof resolution === 'string') return toUnpriced(resolution);
  const contextTokens =
    usage.contextInputTokens ??
    usage.inputTokens ??
    (usage.cacheReadInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0);
  const choice = chooseRates(resolution, query, contextTokens);
  if (typeof choice === 'string') return toUnpriced(choice);
  const hasTokenRate = choice.rates.input !== undefined || choice.rates.output !== undefined;
  // No tokens where pages are billed is not a price of 0.
  if (!hasTokenRate && (choice.units === undefined || usage.units === undefined))
    return toUnpriced('no_rate_for_unit');
  const raw = computeTokenParts(usage, choice.rates, resolution.card);
  if (usage.units !== undefined) addUnitParts(raw, usage, choice.units);
  addToolParts(raw, usage.toolRequests, {
    request: choice.rates.request,
    tools: [resolution.model.tools, resolution.card.tools],
  });
  return toCost(raw, choice, resolution, mode);
}

function toUnpriced(reason: UnpricedReason): Unpriced {
  return { status: 'unpriced', reason };
}

function toProviderCost(usd: number, mode: PriceMode): Cost | Unpriced {
  if (!Number.isFinite(usd) || usd < 0) return toUnpriced('invalid_usage');
  const amountPicoUsd = usdToPicoUsd(usd);
  if (amountPicoUsd > MAX_CALL_PICO_USD) return toUnpriced('amount_over_limit');
  return { status: 'priced', amountPicoUsd, source: 'provider', mode };
}

function toCost(
  raw: RawParts,
  choice: RateChoice,
  { discount }: Resolution,
  mode: PriceMode,
): Cost | Unpriced {
  // Above the limit a double may already have lost a pico-USD, so nothing is multiplied there.
  if (!(raw.input + raw.cacheRead + raw.cacheWrite + raw.output + raw.tools <= MAX_CALL_PICO_USD)) {
    return toUnpriced('amount_over_limit');
  }
  // Nothing of it has a price: 0 would be a lie.
  if (
    raw.partial !== undefined &&
    raw.input + raw.cacheRead + raw.cacheWrite + raw.output + raw.tools === 0
  ) {
    return toUnpriced('no_rate_for_unit');
  }
  const { numerator, denominator } = choice;
  const parts: CostParts = {
    inputPicoUsd: scalePicoUsd(raw.input, numerator, denominator),
    cacheReadPicoUsd: scalePicoUsd(raw.cacheRead, choice.cacheReadNumerator, choice.cacheReadDenominator),
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
  return assembleCost(parts, mode, {
    partial: raw.partial,
    estimated: raw.estimated ?? choice.estimated,
    savings,
  });
}

function assembleCost(
  parts: CostParts,
  mode: PriceMode,
  found: { partial: string | undefined; estimated: string | undefined; savings: number | undefined },
): Cost | Unpriced {
  const amountPicoUsd =
    parts.inputPicoUsd +
    parts.cacheReadPicoUsd +
    parts.cacheWritePicoUsd +
    parts.outputPicoUsd +
    parts.toolsPicoUsd;
  if (!(amountPicoUsd <= MAX_CALL_PICO_USD)) return toUnpriced('amount_over_limit');
  const reason = found.partial ?? found.estimated;
  // Assigned rather than spread: this runs on every call, and a spread costs as much as the whole arithmetic.
  const cost: MutableCost = {
    status: found.partial !== undefined ? 'partial' : found.estimated !== undefined ? 'estimated' : 'priced',
    amountPicoUsd,
    parts,
    source: 'local',
    mode,
    priceVersion: PRICE_TABLE_VERSION,
  };
  if (found.savings !== undefined) cost.cacheSavingsPicoUsd = found.savings;
  if (reason !== undefined) cost.reason = reason;
  return cost;
}

type MutableCost = { -readonly [K in keyof Cost]: Cost[K] };

/**
 * Adds the costs of nested usage, part by part; one that has no price makes the whole partial.
 * A call may be nested usage alone (a system that only routes to models): then `own` is undefined.
 */
function addNested(
  own: Cost | undefined,
  usage: Usage,
  mode: PriceMode,
  price: (nested: NestedUsage) => Cost | Unpriced,
): Cost | Unpriced {
  const parts = { ...(own?.parts ?? emptyParts()) };
  let partial = own?.status === 'partial' ? own.reason : undefined;
  let estimated = own?.status === 'estimated' ? own.reason : undefined;
  let savings = own?.cacheSavingsPicoUsd;
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
    addParts(parts, cost);
  }
  // Nothing had a price: 0 would be a lie.
  if (priced === 0) return toUnpriced('unknown_model');
  return assembleCost(parts, mode, { partial, estimated, savings });
}

type MutableParts = { -readonly [K in keyof CostParts]: CostParts[K] };

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
