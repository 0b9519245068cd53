import { usdPerMtokToPicoUsd } from './money.js';
import type { Fraction, ModelCard, Rates } from './rate-card.js';

/** What the user's contract changes about list prices. Section `prices` of the configuration. */
export interface PriceContract {
  /** Off the list price of everything, tools included; the most specific one applies, they do not add up. */
  readonly discounts?: readonly PriceDiscount[];
  /** Deployment, ARN or gateway alias → model of the table; used for ids that the table does not know. */
  readonly models?: Readonly<Record<string, string>>;
  /** Contracted rates: they replace the list rate at every date and size of context, and no discount applies to the model. */
  readonly overrides?: readonly PriceOverride[];
}

/** `percent` off, 0 to 100, at most four decimals. */
export interface PriceDiscount {
  readonly provider: string;
  readonly percent: number;
  /** Only this model; default all of the provider. */
  readonly model?: string;
}

/** USD per million tokens; what is absent keeps the list rate. Modes and regions multiply it as they do a list rate. */
export interface PriceOverride {
  /** Default: every provider. */
  readonly provider?: string;
  /** As the response names it, or the table's id. */
  readonly model: string;
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  /** With the provider's default time to live. */
  readonly cacheWrite?: number;
  readonly cacheWrite1h?: number;
  readonly inputAudio?: number;
  readonly inputImage?: number;
  readonly outputAudio?: number;
  readonly outputImage?: number;
}

/** A checked contract, ready for lookups. */
export interface Contract {
  readonly models: ReadonlyMap<string, string>;
  readonly discounts: readonly PriceDiscount[];
  readonly overrides: readonly {
    readonly provider?: string;
    readonly model: string;
    readonly rates: Rates;
  }[];
}

const NO_DISCOUNT: Fraction = [1, 1];
/** Four decimals of a percent. */
const PERCENT_STEPS = 1_000_000;

/**
 * Checks a contract.
 * @throws RangeError that names the entry and the fix: a wrong price must fail at start, not on the bill.
 */
export function readContract(contract: PriceContract | undefined): Contract {
  for (const { provider, percent } of contract?.discounts ?? []) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new RangeError(`prices.discounts: percent of "${provider}" must be 0 to 100, got ${percent}`);
    }
  }
  return {
    models: new Map(Object.entries(contract?.models ?? {})),
    discounts: contract?.discounts ?? [],
    overrides: (contract?.overrides ?? []).map(({ provider, model, ...usd }) => ({
      ...(provider === undefined ? {} : { provider }),
      model,
      rates: readOverrideRates(model, usd),
    })),
  };
}

function readOverrideRates(model: string, usd: Omit<PriceOverride, 'provider' | 'model'>): Rates {
  const rates: Record<string, number> = {};
  for (const [unit, price] of Object.entries(usd)) {
    if (price === undefined) continue;
    try {
      rates[unit] = usdPerMtokToPicoUsd(price);
    } catch (cause) {
      throw new RangeError(`prices.overrides: ${unit} of "${model}": ${String(cause)}`, { cause });
    }
  }
  return rates;
}

/** The factor that the contract puts on a model's list price. */
export function findDiscount(
  contract: Contract,
  provider: string,
  names: { readonly asked: string; readonly id: string },
): Fraction {
  const ofProvider = contract.discounts.filter((discount) => discount.provider === provider);
  const found =
    ofProvider.find(({ model }) => model === names.asked) ??
    ofProvider.find(({ model }) => model === names.id) ??
    ofProvider.find(({ model }) => model === undefined);
  if (found === undefined) return NO_DISCOUNT;
  const kept = PERCENT_STEPS - Math.round((found.percent * PERCENT_STEPS) / 100);
  // In lowest terms, so that the products stay small enough for plain numbers.
  const divisor = findGreatestDivisor(kept, PERCENT_STEPS);
  return [kept / divisor, PERCENT_STEPS / divisor];
}

function findGreatestDivisor(a: number, b: number): number {
  return b === 0 ? a : findGreatestDivisor(b, a % b);
}

/** The model with the contract's own rates in place of the list's; undefined when the contract has none for it. */
export function findOverride(
  contract: Contract,
  provider: string,
  names: { readonly asked: string; readonly model: ModelCard | undefined },
): ModelCard | undefined {
  const { asked, model } = names;
  const found = contract.overrides.find(
    (override) =>
      (override.provider === undefined || override.provider === provider) &&
      (override.model === asked || override.model === model?.id),
  );
  if (found === undefined) return undefined;
  if (model === undefined || model.rates.length === 0) return { id: asked, rates: [{ rates: found.rates }] };
  const rates = model.rates.map((dated) => ({
    ...dated,
    rates: { ...dated.rates, ...found.rates },
    ...(dated.tiers === undefined
      ? {}
      : { tiers: dated.tiers.map((tier) => ({ ...tier, rates: { ...tier.rates, ...found.rates } })) }),
  }));
  return { ...model, rates };
}
