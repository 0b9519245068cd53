export { type CostEstimate, type CostEstimateOptions, estimateCost } from './cost.js';
export { type CounterOptions, createProviderCounter } from './counter.js';
export type { Tokenizer } from './tokenizer.js';
export { type EstimateRequest, estimateTokens, type TokenEstimate } from './tokens.js';
