import type { PriceMode } from '@costspan/semconv';
import type { CacheTtl } from './usage.js';

/** `[numerator, denominator]`, both whole and above 0: `[5, 3]` is what a rounded 1.67 means. */
export type Fraction = readonly [numerator: number, denominator: number];

/** Whole pico-USD per token of each unit; absent is unknown, never free. */
export interface Rates {
  readonly input?: number;
  readonly output?: number;
  /** Reasoning where it has a price of its own; else it is plain output. */
  readonly outputReasoning?: number;
  readonly cacheRead?: number;
  /** A write with the card's default time to live. */
  readonly cacheWrite?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite30m?: number;
  readonly cacheWrite1h?: number;
  readonly cacheWrite12h?: number;
  readonly inputAudio?: number;
  readonly inputImage?: number;
  readonly cacheReadAudio?: number;
  readonly cacheReadImage?: number;
  readonly outputAudio?: number;
  readonly outputImage?: number;
  readonly inputVideo?: number;
  readonly outputVideo?: number;
  /** Fee per request, whole pico-USD. */
  readonly request?: number;
}

/** Price of a billed unit: `picoUsd` for every `per` of it, so that 0.111 USD an hour is exact in milliseconds. */
export interface UnitRate {
  /** Whole. */
  readonly picoUsd: number;
  /** Default 1. */
  readonly per?: number;
  /** A call with less of it is billed as this much. */
  readonly minimum?: number;
}

/** Rates of the whole request from a size of total input (cached included) on; complete, nothing is inherited. */
export interface ContextTier {
  readonly minInputTokens: number;
  readonly rates: Rates;
}

/** Rates from a day on. They are appended, never overwritten, so that a call of October keeps October's price. */
export interface DatedRates {
  /** First day, `YYYY-MM-DD` UTC; absent: since ever. */
  readonly from?: string;
  /** Daily window in minutes after midnight UTC, end excluded: peak and off-peak prices. */
  readonly dailyUtc?: readonly [startMinute: number, endMinute: number];
  /** Days of the week in UTC on which these rates apply, 0 is Sunday; absent: every day. */
  readonly weekdaysUtc?: readonly number[];
  readonly rates: Rates;
  /** Ascending by `minInputTokens`. */
  readonly tiers?: readonly ContextTier[];
  /** `BilledUnit`, or `BilledUnit variant` for one variant of it; the bare name is every variant that is not listed. */
  readonly units?: Readonly<Record<string, UnitRate>>;
  /** Why amounts from these rates are `estimated`. */
  readonly estimated?: string;
}

/** What a mode does to the standard rates. */
export interface ModeRate {
  readonly by: Fraction;
  /** Where cache reads have another factor. */
  readonly cacheRead?: Fraction;
  /** Above the first context tier: `flat` keeps the rates of the first tier, `none` means there is no such price. Default: the tier's rates. */
  readonly longContext?: 'flat' | 'none';
  /** Why amounts in this mode are `estimated`. */
  readonly estimated?: string;
}

/** Modes that have a price; an absent mode has none. */
export type ModeRates = Readonly<Partial<Record<PriceMode, ModeRate>>>;

/** One model, or several ids that have always had one price. */
export interface ModelCard {
  readonly id: string;
  /** Other exact ids. Dated snapshots of id and aliases match without being listed. */
  readonly aliases?: readonly string[];
  /** Ascending by `from`; the last that applies wins. Empty: billed by something that has no price here. */
  readonly rates: readonly DatedRates[];
  /** Over the card's modes. */
  readonly modes?: ModeRates;
  /** Region → factor; `*` is any region that the card does not call neutral. */
  readonly regions?: Readonly<Record<string, Fraction>>;
  /** Tool → pico-USD per request, over the card's. */
  readonly tools?: Readonly<Record<string, number>>;
  /** Most tokens of one call, input and output together, where the source says it. */
  readonly contextWindow?: number;
  /** Where the entry comes from, when not from the card's source. */
  readonly source?: string;
  /** Day on which it was last compared with the source or a dated copy of it, `YYYY-MM-DD`. */
  readonly checked?: string;
}

/** How model ids of one provider are spelled: regular expressions, anchored by their author. */
export interface IdRules {
  /** Applied in order; group 1 is what remains: path prefixes, ARNs, region profiles. */
  readonly routes?: readonly string[];
  /** Removed from the end, in order: dates of snapshots, revisions. */
  readonly suffixes: readonly string[];
}

/** Everything known about the prices of one provider. */
export interface RateCard {
  readonly name: string;
  readonly source: string;
  /** Day on which rows without a date of their own were last compared with their source, `YYYY-MM-DD`. */
  readonly checked?: string;
  readonly ids: IdRules;
  /** Time to live of a cache write whose split is not reported. */
  readonly cacheWriteTtl?: CacheTtl;
  /** Times to live whose rate is not certain, and why: what was written so long is `estimated`. */
  readonly estimatedTtls?: Readonly<Partial<Record<CacheTtl, string>>>;
  /** Cache writes without a rate of their own cost what plain input costs. */
  readonly cacheWriteAsInput?: boolean;
  /** Audio without a rate of its own costs what text costs. */
  readonly audioAsText?: boolean;
  readonly modes?: ModeRates;
  /** Modes that are paid for by time or in advance: never priced per token. `provisioned` always is. */
  readonly commitmentModes?: readonly PriceMode[];
  /** Ids of capacity that is paid for by time: regular expressions, anchored by their author. */
  readonly commitmentIds?: readonly string[];
  /** Regions with the list price. */
  readonly neutralRegions?: readonly string[];
  /** Regions that have a factor for some models; a model without one has the list price there. */
  readonly pricedRegions?: readonly string[];
  /** Tool → pico-USD per request. */
  readonly tools?: Readonly<Record<string, number>>;
  /** Names of cards with whose models its tools are sold, in place of theirs, where a provider has both. */
  readonly sellsToolsWith?: readonly string[];
  /** Tools whose fee may not be asked, and why: what uses one is `estimated`. */
  readonly estimatedTools?: Readonly<Record<string, string>>;
  readonly models: readonly ModelCard[];
}

/** A table of the user's: whole cards, in place of the built-in ones of the same name. */
export interface PriceTable {
  /** `costspan.price.version` of what it prices. */
  readonly version: string;
  readonly cards: readonly RateCard[];
  /** `gen_ai.provider.name` → names of cards to look in, in order; over the built-in ones. */
  readonly providers?: Readonly<Record<string, readonly string[]>>;
}
