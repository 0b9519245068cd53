import { usdPerMtokToPicoUsd, usdToPicoUsd } from './money.js';
import type { DatedRates, Fraction, ModelCard, Rates, UnitRate } from './rate-card.js';

/** What the user's contract changes about list prices. Section `prices` of the configuration. */
export interface PriceContract {
  /** Off the list price of everything, tools included; the most specific one applies, they do not add up. */
  readonly discounts?: readonly PriceDiscount[];
  /** Deployment, ARN or gateway alias → model of the table; used for ids that the table does not know. */
  readonly models?: Readonly<Record<string, string>>;
  /** Contracted rates: they replace the list rate at every date and size of context, and no discount applies to the model. */
  readonly overrides?: readonly PriceOverride[];
  /** The currency of the contract: overrides may be in it. */
  readonly currency?: PriceCurrency;
  /** What was paid in advance or granted. A call costs what it costs; the invoice is smaller by them. */
  readonly credits?: readonly PriceCredit[];
}

/** A currency at a stated rate: amounts are USD everywhere, so what is in it is converted once, at the start. */
export interface PriceCurrency {
  /** ISO 4217, `EUR`. */
  readonly code: string;
  /** USD for one of it. */
  readonly usd: number;
}

/** A credit that a provider takes off its invoices. */
export interface PriceCredit {
  readonly provider: string;
  readonly usd: number;
  /** First and last day on which it counts, `YYYY-MM-DD` UTC. */
  readonly from?: string;
  readonly until?: string;
}

/** `percent` off, 0 to 100, at most four decimals. */
export interface PriceDiscount {
  readonly provider: string;
  readonly percent: number;
  /** Only this model; default all of the provider. */
  readonly model?: string;
}

/** USD per million tokens unless it says otherwise; what is absent keeps the list rate. Modes and regions multiply it as they do a list rate. */
export interface PriceOverride {
  /** Default: every provider. */
  readonly provider?: string;
  /** As the response names it, or the table's id. */
  readonly model: string;
  /** The contract's currency, where these prices are in it; default USD. */
  readonly currency?: string;
  /** For one of a billed unit: `input_page`, `output_image hd 1024x1792`. */
  readonly units?: Readonly<Record<string, number>>;
  /** For one request to a tool. */
  readonly tools?: Readonly<Record<string, number>>;
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

/** Contracted rates of one model, ready to replace the list's. */
interface Override {
  readonly provider?: string;
  readonly model: string;
  readonly rates: Rates;
  readonly units: Readonly<Record<string, UnitRate>>;
  readonly tools: Readonly<Record<string, number>>;
}

/** A checked contract, ready for lookups. */
export interface Contract {
  readonly models: ReadonlyMap<string, string>;
  readonly discounts: readonly PriceDiscount[];
  readonly overrides: readonly Override[];
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
    overrides: (contract?.overrides ?? []).map((override) => readOverride(override, contract?.currency)),
  };
}

function readOverride(override: PriceOverride, currency: PriceCurrency | undefined): Override {
  const { provider, model, currency: code = 'USD', units = {}, tools = {}, ...perMtok } = override;
  if (code !== 'USD' && code !== currency?.code)
    throw new RangeError(
      `prices.overrides: "${model}" is in ${code}, prices.currency says ${currency?.code ?? 'nothing'}; state the rate of ${code} there`,
    );
  const rate = code === 'USD' ? 1 : (currency?.usd ?? 1);
  const read = (name: string, price: number, toPicoUsd: (usd: number) => number): number => {
    try {
      return toPicoUsd(price * rate);
    } catch (cause) {
      throw new RangeError(`prices.overrides: ${name} of "${model}": ${String(cause)}`, { cause });
    }
  };
  const each = <T>(prices: object, make: (name: string, price: number) => T): Record<string, T> =>
    Object.fromEntries(
      (Object.entries(prices) as [string, number | undefined][]).flatMap(([name, price]) =>
        price === undefined ? [] : [[name, make(name, price)]],
      ),
    );
  return {
    ...(provider === undefined ? {} : { provider }),
    model,
    rates: each(perMtok, (name, price) => read(name, price, usdPerMtokToPicoUsd)),
    units: each(units, (name, price) => ({ picoUsd: read(name, price, usdToPicoUsd) })),
    tools: each(tools, (name, price) => read(name, price, usdToPicoUsd)),
  };
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
  const tools = { ...model?.tools, ...found.tools };
  const rates =
    model === undefined || model.rates.length === 0
      ? [overrideRates({ rates: {} }, found)]
      : model.rates.map((dated) => overrideRates(dated, found));
  return { ...(model ?? { id: asked }), rates, tools };
}

function overrideRates(dated: DatedRates, { rates, units }: Override): DatedRates {
  const { tiers } = dated;
  return {
    ...dated,
    rates: { ...dated.rates, ...rates },
    ...(tiers === undefined
      ? {}
      : { tiers: tiers.map((tier) => ({ ...tier, rates: { ...tier.rates, ...rates } })) }),
    ...(Object.keys(units).length === 0 ? {} : { units: { ...dated.units, ...units } }),
  };
}
