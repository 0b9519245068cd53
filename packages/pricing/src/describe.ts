import type { PriceMode } from '@costspan/semconv';
import type { Unpriced, UnpricedReason } from './cost.js';
import type { MatchRank } from './match.js';
import { formatUsdPerMtok, picoUsdToUsdText, scalePicoUsd } from './money.js';
import type { Rates } from './rate-card.js';
import { chooseDated, chooseRates, type RateChoice } from './rate-choice.js';
import type { Resolution } from './resolve.js';
import type { PriceQuery } from './usage.js';

/** Rates of one size of context; mode, region and discount are in them. */
export interface PriceTierDescription {
  /** Total input, cached included, from which the whole request has these rates. */
  readonly minInputTokens: number;
  /** Unit → USD per million tokens, exact decimal text. */
  readonly usdPerMtok: Readonly<Record<string, string>>;
}

/** What `costspan price MODEL` prints. */
export interface PriceDescription {
  readonly status: 'priced' | 'estimated';
  readonly provider: string;
  /** The table's id of the model that was asked for. */
  readonly model: string;
  readonly mode: PriceMode;
  readonly priceVersion: string;
  /** Where the rates come from. */
  readonly sources: readonly string[];
  /** How the model was found. */
  readonly match: MatchRank;
  /** Day of the last comparison with the source or a dated copy of it. */
  readonly checked?: string;
  /** First day of these rates. */
  readonly from?: string;
  /** Ascending; the first is at 0. */
  readonly tiers: readonly PriceTierDescription[];
  /** Tool → USD per request, exact decimal text; `request` is the fee of the call itself. */
  readonly usdPerRequest: Readonly<Record<string, string>>;
  /** Billed unit, with its variant where it has several → USD and what for, `0.111 per 3600000`. Absent where there is none. */
  readonly usdPerUnit?: Readonly<Record<string, string>>;
  /** Why `estimated`. */
  readonly reason?: string;
}

/** Describes what a model resolved to at one time, in one mode and region. */
export function describeResolution(
  resolution: Resolution | UnpricedReason,
  query: PriceQuery,
  priceVersion: string,
): PriceDescription | Unpriced {
  if (typeof resolution === 'string') return { status: 'unpriced', reason: resolution };
  const { card, model } = resolution;
  const checked = model.checked ?? card.checked;
  const dated = chooseDated(resolution, query.atMs);
  const first = chooseRates(resolution, query, 0);
  if (typeof first === 'string') return { status: 'unpriced', reason: first };
  const tiers: PriceTierDescription[] = [];
  for (const minInputTokens of [0, ...(dated?.tiers ?? []).map((tier) => tier.minInputTokens)]) {
    const choice = chooseRates(resolution, query, minInputTokens);
    // A mode may have no price, or no other price, for long contexts.
    if (typeof choice === 'string' || (minInputTokens > 0 && choice.rates === first.rates)) continue;
    tiers.push({ minInputTokens, usdPerMtok: describeRates(choice, resolution) });
  }
  return {
    status: first.estimated === undefined ? 'priced' : 'estimated',
    provider: query.provider,
    model: model.id,
    mode: query.mode ?? 'standard',
    priceVersion,
    sources: model.source === undefined ? [card.source] : [card.source, model.source],
    match: resolution.rank,
    ...(checked === undefined ? {} : { checked }),
    ...(dated?.from === undefined ? {} : { from: dated.from }),
    tiers,
    usdPerRequest: describeFees(resolution, first.rates),
    ...(first.units === undefined ? {} : { usdPerUnit: describeUnits(first, resolution) }),
    ...(first.estimated === undefined ? {} : { reason: first.estimated }),
  };
}

function describeRates(choice: RateChoice, { discount }: Resolution): Record<string, string> {
  const described: Record<string, string> = {};
  for (const [unit, rate] of Object.entries(choice.rates) as [keyof Rates, number][]) {
    if (unit === 'request') continue;
    const isCacheRead = unit.startsWith('cacheRead');
    described[unit] = formatUsdPerMtok(
      rate,
      (isCacheRead ? choice.cacheReadNumerator : choice.numerator) * discount[0],
      (isCacheRead ? choice.cacheReadDenominator : choice.denominator) * discount[1],
    );
  }
  return described;
}

function describeUnits(
  { units, numerator, denominator }: RateChoice,
  { discount }: Resolution,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(units ?? {}).map(([unit, { picoUsd, per, minimum }]) => {
      const usd = picoUsdToUsdText(
        BigInt(scalePicoUsd(picoUsd, numerator * discount[0], denominator * discount[1])),
      );
      const least = minimum === undefined ? '' : `, at least ${minimum}`;
      return [unit, `${usd}${per === undefined ? '' : ` per ${per}`}${least}`];
    }),
  );
}

function describeFees({ card, model, seller, discount }: Resolution, rates: Rates): Record<string, string> {
  const fees = {
    ...card.tools,
    ...seller?.tools,
    ...model.tools,
    ...(rates.request === undefined ? {} : { request: rates.request }),
  };
  return Object.fromEntries(
    Object.entries(fees).map(([tool, picoUsd]) => [
      tool,
      picoUsdToUsdText(BigInt(scalePicoUsd(picoUsd, discount[0], discount[1]))),
    ]),
  );
}
