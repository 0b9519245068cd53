export type { Cost, CostParts, Unpriced, UnpricedReason } from './cost.js';
export type { CacheTtl, ModalityTokens, NestedUsage, PriceQuery, Usage } from './usage.js';
