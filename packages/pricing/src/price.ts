import { addNested, type CostFrame, type MutableCost, toCost, toUnpriced } from './assemble.js';
import { createCardSource } from './card-source.js';
import { type PriceContract, readContract } from './contract.js';
import type { Cost, Unpriced } from './cost.js';
import { describeResolution, type PriceDescription } from './describe.js';
import { MAX_CALL_PICO_USD, usdToPicoUsd } from './money.js';
import { addToolParts, addUnitParts, computeTokenParts } from './parts.js';
import type { PriceTable } from './rate-card.js';
import { chooseRates } from './rate-choice.js';
import { type Resolution, ResolutionCache } from './resolve.js';
import type { PriceQuery, Usage } from './usage.js';
import { findUsageProblem } from './usage-check.js';

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
  /** Cards in place of the built-in ones of the same name; see `parsePriceTable`. */
  readonly table?: PriceTable;
  /** Most (provider, model) pairs to remember. */
  readonly cacheEntries?: number;
}

/** Hits and misses of a process; real ones use a dozen. */
const DEFAULT_CACHE_ENTRIES = 512;
/** Usage inside usage inside usage is a loop, not a bill. */
const MAX_NESTING = 4;
const NESTING_PROBLEM = `nested is deeper than ${MAX_NESTING}: usage inside usage is a loop there`;

/**
 * Makes a pricer that remembers what models resolve to. It reads its price table on the first call and does no other I/O.
 * @throws RangeError when the contract has an impossible discount or rate; Error when the table contradicts itself.
 */
export function createPricer({
  contract,
  table,
  cacheEntries = DEFAULT_CACHE_ENTRIES,
}: PricerOptions = {}): Pricer {
  const source = createCardSource(table);
  const cache = new ResolutionCache({ contract: readContract(contract), source, entries: cacheEntries });
  return {
    price: (usage, query) => priceCall(cache, usage, query, 0),
    describe: (query) => describeResolution(cache.find(query.provider, query.model), query, source.version),
  };
}

let listPricer: Pricer | undefined;
const contractPricers = new WeakMap<PriceContract, Pricer>();

/**
 * What a call cost, in whole pico-USD, or why that cannot be said; never throws for a strange usage or model.
 *
 * Order: provider-reported cost wins; else the rates of (provider, model, time, context tier) × mode × region × discount,
 * rounded half up once per part. Parts add up to the amount exactly. Fees of tools and requests are not multiplied by
 * mode or region. Nested usage is priced with its own model and added to the parts. Where the contract changes a price,
 * the list amount is kept beside it; where the provider reported the cost, the table's figure is.
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
  const frame = { mode: query.mode ?? 'standard', priceVersion: cache.version };
  if (usage.providerCostUsd === undefined) return priceLocally(cache, usage, query, { frame, depth });
  const cost = toProviderCost(usage.providerCostUsd, frame);
  if (cost.status === 'unpriced') return cost;
  const local = priceLocally(cache, usage, query, { frame, depth });
  if (local.status !== 'unpriced') cost.localAmountPicoUsd = local.amountPicoUsd;
  return cost;
}

function priceLocally(
  cache: ResolutionCache,
  usage: Usage,
  query: PriceQuery,
  { frame, depth }: { readonly frame: CostFrame; readonly depth: number },
): Cost | Unpriced {
  const problem = depth > MAX_NESTING ? NESTING_PROBLEM : findUsageProblem(usage);
  if (problem !== undefined) return toUnpriced('invalid_usage', problem);
  if (usage.byModel !== undefined && usage.byModel.length > 0) {
    const nested = [...usage.byModel, ...(usage.nested ?? [])];
    return priceLocally(cache, { nested }, query, { frame, depth });
  }
  const hasNested = usage.nested !== undefined && usage.nested.length > 0;
  const hasOwn =
    usage.inputTokens !== undefined ||
    usage.outputTokens !== undefined ||
    usage.toolRequests !== undefined ||
    usage.units !== undefined;
  if (!hasOwn && !hasNested) return toUnpriced('no_usage');
  const own = hasOwn ? priceOwn(cache, usage, query, frame) : undefined;
  if (!hasNested || own?.status === 'unpriced') return own ?? toUnpriced('no_usage');
  return addNested(own, usage, frame, (nested) =>
    priceCall(cache, nested.usage, { ...query, model: nested.model }, depth + 1),
  );
}

/** The usage itself, without what is nested in it. */
function priceOwn(
  cache: ResolutionCache,
  usage: Usage,
  query: PriceQuery,
  frame: CostFrame,
): Cost | Unpriced {
  const resolution = cache.find(query.provider, query.model);
  if (typeof resolution === 'string') return toUnpriced(resolution);
  const cost = priceResolved(resolution, usage, query, frame);
  if (resolution.list === undefined || cost.status === 'unpriced') return cost;
  const list = priceResolved(resolution.list, usage, query, frame);
  if (list.status !== 'unpriced') cost.listAmountPicoUsd = list.amountPicoUsd;
  return cost;
}

function priceResolved(
  resolution: Resolution,
  usage: Usage,
  query: PriceQuery,
  frame: CostFrame,
): MutableCost | Unpriced {
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
    ofModel: resolution.model.tools,
    card: resolution.card,
    seller: resolution.seller,
  });
  return toCost(raw, choice, resolution, frame);
}

function toProviderCost(usd: number, { mode }: CostFrame): MutableCost | Unpriced {
  const amountPicoUsd = Number.isFinite(usd) && usd >= 0 ? usdToPicoUsd(usd) : Number.NaN;
  if (Number.isNaN(amountPicoUsd))
    return toUnpriced('invalid_usage', `providerCostUsd is ${usd}: a cost is a number of at least 0`);
  if (amountPicoUsd > MAX_CALL_PICO_USD)
    return toUnpriced('amount_over_limit', `providerCostUsd is ${usd}, the limit of one call is 9000`);
  return { status: 'priced', amountPicoUsd, source: 'provider', mode };
}
