import type { BilledUnit, PriceMode, ProviderName } from '@costspan/semconv';

/** Time to live of a cache write; each has its own rate. */
export type CacheTtl = '5m' | '30m' | '1h' | '12h';

/** Token counts of one modality split: each is contained in the total it splits. */
export interface ModalityTokens {
  readonly text?: number;
  readonly image?: number;
  readonly audio?: number;
  readonly video?: number;
}

/**
 * What one model call used, normalised: every provider's fields become this, whatever contains what there.
 * All counts are whole, not negative, in tokens unless the name says otherwise. `undefined` is unknown, never 0.
 */
export interface Usage {
  /** All input, cache reads and writes included. */
  readonly inputTokens?: number;
  /** Size of the prompt that decides the context tier, where it is not `inputTokens`: some calls bill a prompt more than once. */
  readonly contextInputTokens?: number;
  /** Contained in `inputTokens`. */
  readonly cacheReadInputTokens?: number;
  /** Contained in `inputTokens`. */
  readonly cacheWriteInputTokens?: number;
  /** Contained in `cacheWriteInputTokens`; what is not split has the provider's default time to live. */
  readonly cacheWriteByTtl?: Readonly<Partial<Record<CacheTtl, number>>>;
  /** All output, reasoning included. */
  readonly outputTokens?: number;
  /** Contained in `outputTokens`. */
  readonly reasoningOutputTokens?: number;
  /** Contained in `inputTokens`. */
  readonly input?: ModalityTokens;
  /** Contained in `cacheReadInputTokens` and in `input`. */
  readonly cacheRead?: ModalityTokens;
  /** Contained in `outputTokens`. */
  readonly output?: ModalityTokens;
  /** Billable requests to provider-hosted tools: `web_search`, `file_search`, `code_interpreter`, … */
  readonly toolRequests?: Readonly<Record<string, number>>;
  /** What is billed by something other than tokens: images, milliseconds, characters, pages, searches. */
  readonly units?: Readonly<Partial<Record<BilledUnit, number>>>;
  /** What picks among the rates of a unit, as the rate card spells it: `hd 1024x1792`, `1080p`. */
  readonly unitVariant?: string;
  /** Cost that the response itself carries, USD: it wins over the table. */
  readonly providerCostUsd?: number;
  /** Billed usage of other models inside the same call (image generation tool, advisor, compaction): not in the totals above. */
  readonly nested?: readonly NestedUsage[];
  /** The totals above by the models that really served them: each is priced at its own rate, the totals are not. */
  readonly byModel?: readonly NestedUsage[];
}

/** Usage inside a call that is billed at another model's rate. */
export interface NestedUsage {
  readonly model: string;
  readonly usage: Usage;
}

/** What selects the rate of one call. */
export interface PriceQuery {
  readonly provider: ProviderName;
  /** The response's model where there is one (an Azure deployment or a router alias has no price), else the request's. */
  readonly model: string;
  /** Start of the call, milliseconds since the epoch: a call of October keeps October's price. */
  readonly atMs: number;
  /** From the response's tier, never from the request's. Default `standard`. */
  readonly mode?: PriceMode;
  /** Data residency or region that changes the rate, e.g. `us`. */
  readonly region?: string;
}
