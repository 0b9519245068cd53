import type { PriceMode } from '@costspan/semconv';
import type { Cost, Unpriced } from '../cost.js';
import { createPricer, type Pricer } from '../price.js';
import { type EstimateRequest, estimateTokens, type TokenEstimate } from './tokens.js';

/** What is known or assumed of the call. */
export interface CostEstimateOptions {
  /** Start of the call, milliseconds since the epoch. */
  readonly atMs: number;
  /** Default: list prices. */
  readonly pricer?: Pricer;
  readonly mode?: PriceMode;
  readonly region?: string;
  /** From {@link estimateTokens} or the provider's counting endpoint; default the former. */
  readonly tokens?: TokenEstimate;
  /** Tokens of a usual answer. Default: a quarter of the limit, or 500 without one, and never more than the limit. */
  readonly typicalOutputTokens?: number;
  /** The most that an answer can have, where the request sets no limit: the model's own. */
  readonly maxOutputTokens?: number;
  /** Of the input, what is expected to be read from the cache. The worst case has no cache. */
  readonly cachedInputTokens?: number;
}

/** What a call will cost. */
export interface CostEstimate {
  readonly tokens: TokenEstimate;
  readonly typicalOutputTokens: number;
  readonly typical: Cost | Unpriced;
  /** Upper bound of the input, nothing cached, and the longest answer; absent where nothing limits the answer. */
  readonly worst?: Cost | Unpriced;
}

const DEFAULT_OUTPUT_TOKENS = 500;
const USUAL_SHARE_OF_LIMIT = 0.25;

/**
 * The usual and the worst cost of a call before it is made; both are `estimated`, for nobody knows the answer yet.
 * @example
 * estimateCost({ provider: 'openai', model: 'gpt-5', body }, { atMs: Date.now() }).worst;
 */
export function estimateCost(request: EstimateRequest, options: CostEstimateOptions): CostEstimate {
  const tokens = options.tokens ?? estimateTokens(request);
  const pricer = options.pricer ?? createPricer();
  const limit = tokens.maxOutputTokens ?? options.maxOutputTokens;
  const usual =
    options.typicalOutputTokens ??
    Math.ceil(limit === undefined ? DEFAULT_OUTPUT_TOKENS : limit * USUAL_SHARE_OF_LIMIT);
  const typicalOutputTokens = Math.min(usual, limit ?? usual);
  const cached = Math.min(options.cachedInputTokens ?? 0, tokens.inputTokens);
  const price = (inputTokens: number, outputTokens: number, cacheReadInputTokens = 0): Cost | Unpriced => {
    const { provider, model } = request;
    const { atMs, mode, region } = options;
    const cost = pricer.price(
      { inputTokens, outputTokens, ...(cacheReadInputTokens > 0 && { cacheReadInputTokens }) },
      { provider, model, atMs, ...(mode !== undefined && { mode }), ...(region !== undefined && { region }) },
    );
    return cost.status === 'priced' ? { ...cost, status: 'estimated', reason: 'before_the_call' } : cost;
  };
  return {
    tokens,
    typicalOutputTokens,
    typical: price(tokens.inputTokens, typicalOutputTokens, cached),
    ...(limit === undefined ? {} : { worst: price(tokens.highTokens, limit) }),
  };
}
