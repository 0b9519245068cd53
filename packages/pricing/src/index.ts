export type { PriceContract, PriceCredit, PriceCurrency, PriceDiscount, PriceOverride } from './contract.js';
export type { Cost, CostParts, Unpriced, UnpricedReason } from './cost.js';
export type { PriceDescription, PriceTierDescription } from './describe.js';
export type { MatchRank } from './match.js';
export {
  formatUsd,
  MAX_CALL_PICO_USD,
  PICO_USD_PER_USD,
  picoUsdToUsd,
  picoUsdToUsdText,
  usdToPicoUsd,
} from './money.js';
export { createPricer, describePrice, type Pricer, type PricerOptions, priceUsage } from './price.js';
export type { ModelCard, PriceTable, RateCard } from './rate-card.js';
export type { CacheTtl, ModalityTokens, NestedUsage, PriceQuery, Usage } from './usage.js';
export { PRICE_TABLE_VERSION } from './version.gen.js';
