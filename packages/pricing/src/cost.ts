import type { CostSource, PriceMode } from '@costspan/semconv';

/** Parts of a cost, pico-USD, whole numbers; they add up to the amount. */
export interface CostParts {
  readonly inputPicoUsd: number;
  readonly cacheReadPicoUsd: number;
  readonly cacheWritePicoUsd: number;
  readonly outputPicoUsd: number;
  readonly toolsPicoUsd: number;
}

/** A known cost. `partial`: some unit has no price and is not in the amount. `estimated`: usage was not complete or a finer rate is missing. */
export interface Cost {
  readonly status: 'priced' | 'estimated' | 'partial';
  /** Whole pico-USD (1e-12 USD), at most {@link MAX_CALL_PICO_USD}. */
  readonly amountPicoUsd: number;
  /** Absent where the provider reported one sum only. */
  readonly parts?: CostParts;
  readonly source: CostSource;
  readonly mode: PriceMode;
  /** Version of the table that was used; absent when the provider reported the cost. */
  readonly priceVersion?: string;
  /** What the cached input would have cost uncached, less what it and the cache writes cost; may be negative. */
  readonly cacheSavingsPicoUsd?: number;
  /** Why not `priced`. */
  readonly reason?: string;
  /** The same at list price; absent where the contract changes nothing, so that the amount is the list's. */
  readonly listAmountPicoUsd?: number;
  /** Where the provider reported the cost: what the table says, for comparison; absent where it says nothing. */
  readonly localAmountPicoUsd?: number;
}

/** No cost can be stated. Never 0. */
export interface Unpriced {
  readonly status: 'unpriced';
  readonly reason: UnpricedReason;
  /** What was refused: the value and the rule that it breaks. For people; never a label. */
  readonly detail?: string;
}

/** Low-cardinality, a label value. */
export type UnpricedReason =
  | 'unknown_model'
  | 'unknown_provider'
  | 'no_usage'
  | 'no_rate_for_mode'
  | 'no_rate_for_unit'
  | 'invalid_usage'
  | 'amount_over_limit'
  /** Provisioned throughput, prepaid units: paid for by time, not by the call. */
  | 'commitment'
  | 'not_billed_per_token'
  /** Results and their usage lie where the application does not read them through its SDK. */
  | 'results_elsewhere';
