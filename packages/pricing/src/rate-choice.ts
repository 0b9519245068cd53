import type { UnpricedReason } from './cost.js';
import { readOwn } from './own-entry.js';
import type { ContextTier, DatedRates, Fraction, Rates } from './rate-card.js';
import type { Resolution } from './resolve.js';
import type { PriceQuery } from './usage.js';

/** The rates of one call and what multiplies them. */
export interface RateChoice {
  readonly rates: Rates;
  readonly units: DatedRates['units'];
  /** Mode × region; the discount comes last. */
  readonly numerator: number;
  readonly denominator: number;
  /** The same for cache reads, which some modes do not reduce. */
  readonly cacheReadNumerator: number;
  readonly cacheReadDenominator: number;
  readonly estimated: string | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const ONE: Fraction = [1, 1];

/** Chooses by time and context tier, then mode, then region, then discount; the reason when there is no such rate. */
export function chooseRates(
  resolution: Resolution,
  query: PriceQuery,
  inputTokens: number,
): RateChoice | UnpricedReason {
  const { card, model } = resolution;
  const dated = chooseDated(resolution, query.atMs);
  if (dated === undefined) return 'no_rate_for_unit';
  const modeName = query.mode ?? 'standard';
  if (modeName === 'provisioned' || card.commitmentModes?.includes(modeName)) return 'commitment';
  const mode =
    modeName === 'standard' ? undefined : (readOwn(model.modes, modeName) ?? readOwn(card.modes, modeName));
  if (mode === undefined && modeName !== 'standard') return 'no_rate_for_mode';

  const tier = chooseTier(dated, inputTokens);
  if (tier !== undefined && mode?.longContext === 'none') return 'no_rate_for_mode';
  const rates = tier === undefined || mode?.longContext === 'flat' ? dated.rates : tier.rates;

  const region = chooseRegion(resolution, query.region);
  const by = mode?.by ?? ONE;
  const cacheReadBy = mode?.cacheRead ?? by;
  const [regionNumerator, regionDenominator] = region ?? ONE;
  return {
    rates,
    units: dated.units,
    numerator: by[0] * regionNumerator,
    denominator: by[1] * regionDenominator,
    cacheReadNumerator: cacheReadBy[0] * regionNumerator,
    cacheReadDenominator: cacheReadBy[1] * regionDenominator,
    estimated:
      dated.estimated ?? mode?.estimated ?? (region === undefined ? 'region_rate_unknown' : undefined),
  };
}

function chooseTier({ tiers = [] }: DatedRates, inputTokens: number): ContextTier | undefined {
  let chosen: ContextTier | undefined;
  for (const tier of tiers) if (inputTokens >= tier.minInputTokens) chosen = tier;
  return chosen;
}

/** The last entry that has begun, and whose weekday and daily window it is, if it has any. */
export function chooseDated({ model, fromMs }: Resolution, atMs: number): DatedRates | undefined {
  const { rates } = model;
  for (let index = rates.length - 1; index >= 0; index -= 1) {
    const dated = rates[index];
    if (dated === undefined || atMs < (fromMs[index] ?? 0)) continue;
    if (isOnDay(dated.weekdaysUtc, atMs) && isInWindow(dated.dailyUtc, atMs)) return dated;
  }
  return undefined;
}

const isOnDay = (weekdays: DatedRates['weekdaysUtc'], atMs: number): boolean =>
  weekdays === undefined || weekdays.includes(new Date(atMs).getUTCDay());

function isInWindow(window: DatedRates['dailyUtc'], atMs: number): boolean {
  if (window === undefined) return true;
  const [start, end] = window;
  const minute = Math.floor(atMs / MINUTE_MS) % DAY_MINUTES;
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end;
}

/** The region's factor; undefined when nothing says what the region costs. */
function chooseRegion({ card, model }: Resolution, region: string | undefined): Fraction | undefined {
  if (region === undefined || region === '') return ONE;
  if (card.neutralRegions?.includes(region)) return ONE;
  const factor = readOwn(model.regions, region) ?? readOwn(model.regions, '*');
  if (factor !== undefined) return factor;
  return card.pricedRegions?.includes(region) ? ONE : undefined;
}
