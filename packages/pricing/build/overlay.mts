// The shape of what a person knows and the base does not: one entry per fact, each with its source and the day
// on which it was last compared with it or a dated copy of it. The facts themselves are in overlays.mts.
import type { Fraction, ModelCard, ModeRates, RateCard, Rates } from '../dist/rate-card.js';

/** USD per million tokens, as a price page prints it. */
export type UsdPerMtok = Readonly<Partial<Record<keyof Rates, number>>>;

/** USD for `per` of a billed unit, default 1; at least `minimum` of it are billed. */
export interface UsdPerUnit {
  readonly usd: number;
  readonly per?: number;
  readonly minimum?: number;
}

/** A model that the base lacks or has wrong; replaces the base's row of the same id. */
export interface OverlayModel {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly rates: readonly {
    readonly from?: string;
    readonly dailyUtc?: readonly [startMinute: number, endMinute: number];
    readonly weekdaysUtc?: readonly number[];
    readonly usd: UsdPerMtok;
    /** `BilledUnit` or `BilledUnit variant` → price. */
    readonly units?: Readonly<Record<string, UsdPerUnit>>;
    readonly tiers?: readonly { readonly minInputTokens: number; readonly usd: UsdPerMtok }[];
    readonly estimated?: string;
  }[];
  readonly source: string;
  readonly checked: string;
}

/** A change to rows of the base. */
export interface Patch {
  /** Exact ids, or a pattern over ids. A patch that matches nothing fails the build. */
  readonly models: readonly string[] | RegExp;
  readonly modes?: ModeRates;
  readonly regions?: Readonly<Record<string, Fraction>>;
  readonly addAliases?: readonly string[];
  readonly dropAliases?: readonly string[];
  /** Rates of billed units, over the row's own, in every dated entry. */
  readonly units?: Readonly<Record<string, UsdPerUnit>>;
  /** Missing rates as a multiple of the row's input rate, in every tier. */
  readonly ofInput?: Readonly<Partial<Record<keyof Rates, Fraction>>>;
  /** From this input size on, the whole request at these multiples of the standard rates. */
  readonly longContext?: {
    readonly minInputTokens: number;
    readonly input: Fraction;
    readonly output: Fraction;
  };
  /** Why amounts are only `estimated`, from a day on or always. */
  readonly estimated?: { readonly from?: string; readonly reason: string };
  readonly source: string;
  readonly checked: string;
}

/** What a card takes from the second source. */
export interface SecondRules {
  /** Every model that the card does not know. */
  readonly fill?: boolean;
  /** But not these ids. */
  readonly skip?: RegExp;
  /** Ids whose price there is the newer one, where the base still has what they used to mean. */
  readonly replace?: readonly (string | RegExp)[];
}

/** All that one card adds to the base. */
export interface Overlay {
  /** Provider id in the base package; absent where the base has no such provider. */
  readonly base?: string;
  readonly second?: SecondRules;
  /** Rows of the base that are not wanted. */
  readonly drop?: readonly string[];
  /** Tool → pico-USD per request, of models by their ids, whichever source they come from. */
  readonly toolsOf?: readonly (readonly [models: RegExp, tools: RateCard['tools']])[];
  readonly settings?: Omit<Partial<RateCard>, 'name' | 'source' | 'models'>;
  readonly models?: readonly OverlayModel[];
  readonly patches?: readonly Patch[];
  /** Rewrites ids of the base. */
  readonly renameId?: (id: string) => string;
}

/** A row while it is being built. */
export type Row = { -readonly [K in keyof ModelCard]: ModelCard[K] };
