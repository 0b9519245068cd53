// Reads @pydantic/genai-prices (MIT) and turns its data into our rate cards, before the overlay.

import type { BilledUnit } from '@costspan/semconv';
import {
  type ConditionalPrice,
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type ModelPrice,
} from '@pydantic/genai-prices';
import { PICO_USD_PER_USD, usdPerMtokToPicoUsd } from '../dist/money.js';
import type { ContextTier, DatedRates, ModelCard, Rates, UnitRate } from '../dist/rate-card.js';

/** Their unit → ours, in the order in which we write them. Units that are not here have no token or request price. */
const UNITS: Readonly<Record<string, keyof Rates>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  output_reasoning_mtok: 'outputReasoning',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_5m_mtok: 'cacheWrite5m',
  cache_write_1h_mtok: 'cacheWrite1h',
  input_audio_mtok: 'inputAudio',
  input_image_mtok: 'inputImage',
  cache_audio_read_mtok: 'cacheReadAudio',
  cache_image_read_mtok: 'cacheReadImage',
  output_audio_mtok: 'outputAudio',
  output_image_mtok: 'outputImage',
  input_video_mtok: 'inputVideo',
  output_video_mtok: 'outputVideo',
};
const TOOLS: Readonly<Record<string, string>> = {
  web_searches_kcount: 'web_search',
  storage_searches_kcount: 'file_search',
  code_executions_kcount: 'code_execution',
  social_searches_kcount: 'x_search',
};
/** Their unit that is not tokens → ours, and how many of ours one of theirs is. `input_audio_hours` repeats `audio_hours`. */
const BILLED: Readonly<Record<string, { readonly unit: BilledUnit; readonly per: number }>> = {
  audio_hours: { unit: 'input_audio_ms', per: 3_600_000 },
  input_document_kpages: { unit: 'input_page', per: 1_000 },
  input_annotated_document_kpages: { unit: 'input_annotated_page', per: 1_000 },
  input_text_messages_kcount: { unit: 'input_message', per: 1_000 },
};
/** USD per thousand → pico-USD each: 1e12 / 1e3. */
const PICO_USD_PER_KCOUNT = 1e9;

/** A model of the base with the tools it has a price for. */
export interface BaseModel extends ModelCard {
  readonly tools?: Readonly<Record<string, number>>;
}

/**
 * All models of one provider of the base package.
 * @throws Error when the package has no such provider.
 */
export function readBase(providerId: string): BaseModel[] {
  const provider = findProvider({ providerId });
  if (provider?.id !== providerId) throw new Error(`genai-prices has no provider "${providerId}"`);
  return provider.models.flatMap((model) => readModel(model) ?? []);
}

function readModel(model: ModelInfo): BaseModel | undefined {
  const conditional: ConditionalPrice[] = Array.isArray(model.prices)
    ? model.prices
    : [{ prices: model.prices }];
  // No price at all is "unknown" or "free to try" there; both are unknown here.
  if (conditional.every((entry) => Object.keys(entry.prices).length === 0)) return undefined;
  const rates = conditional
    .map(readDatedRates)
    .filter((dated) => Object.keys(dated.rates).length > 0 || dated.units !== undefined);
  const aliases = [...new Set(readAliases(model.match))].filter((alias) => alias !== model.id);
  const tools = readTools(conditional.at(-1)?.prices ?? {});
  return {
    id: model.id,
    ...(aliases.length > 0 ? { aliases } : {}),
    rates: inheritDates(rates),
    ...(model.context_window === undefined ? {} : { contextWindow: model.context_window }),
    ...(Object.keys(tools).length > 0 ? { tools } : {}),
  };
}

function readDatedRates(entry: ConditionalPrice): DatedRates {
  const starts = new Set<number>();
  for (const price of Object.values(entry.prices)) {
    if (typeof price === 'object') for (const tier of price.tiers) starts.add(tier.start);
  }
  const tiers: ContextTier[] = [...starts]
    .sort((a, b) => a - b)
    // Theirs says "more than start", ours "at least".
    .map((start) => ({ minInputTokens: start + 1, rates: readRates(entry.prices, start) }));
  const units = readUnits(entry.prices);
  const constraint = entry.constraint;
  return {
    ...(constraint?.type === 'start_date' ? { from: constraint.start_date } : {}),
    ...(constraint?.type === 'time_of_date'
      ? { dailyUtc: [readMinute(constraint.start_time), readMinute(constraint.end_time)] as const }
      : {}),
    rates: readRates(entry.prices, undefined),
    ...(tiers.length > 0 ? { tiers } : {}),
    ...(Object.keys(units).length > 0 ? { units } : {}),
  };
}

function readRates(prices: ModelPrice, tierStart: number | undefined): Rates {
  const rates: Partial<Record<keyof Rates, number>> = {};
  for (const [unit, name] of Object.entries(UNITS)) {
    const price = prices[unit];
    if (price === undefined) continue;
    const usd =
      typeof price === 'number'
        ? price
        : (price.tiers.find((tier) => tier.start === tierStart)?.price ?? price.base);
    // Whole for every list price; OpenRouter's converted ones (0.0833…) become the nearest pico-USD.
    rates[name] = usdPerMtokToPicoUsd(usd);
  }
  if (typeof prices.requests_kcount === 'number')
    rates.request = prices.requests_kcount * PICO_USD_PER_KCOUNT;
  return rates;
}

function readUnits(prices: ModelPrice): Record<string, UnitRate> {
  const units: Record<string, UnitRate> = {};
  for (const [name, { unit, per }] of Object.entries(BILLED)) {
    const usd = prices[name];
    if (typeof usd === 'number') units[unit] = { picoUsd: Math.round(usd * PICO_USD_PER_USD), per };
  }
  return units;
}

function readTools(prices: ModelPrice): Record<string, number> {
  const tools: Record<string, number> = {};
  for (const [unit, tool] of Object.entries(TOOLS)) {
    const price = prices[unit];
    if (typeof price === 'number') tools[tool] = Math.round(price * PICO_USD_PER_KCOUNT);
  }
  return tools;
}

/** One entry there cannot carry a date and a daily window, so a window after a dated entry means "from then on". */
function inheritDates(rates: readonly DatedRates[]): DatedRates[] {
  let from: string | undefined;
  return rates.map((dated) => {
    from = dated.from ?? from;
    return from === undefined ? dated : { from, ...dated };
  });
}

function readMinute(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/**
 * The exact ids in a match rule. Prefixes and substrings become the id they start from (dated snapshots of an id
 * match anyway); cut-off ones (`claude-sonnet-4-2025`) and lookaheads are dropped, the overlay names what they meant.
 */
function readAliases(match: MatchLogic): string[] {
  if ('or' in match) return match.or.flatMap(readAliases);
  if ('and' in match) return match.and.flatMap(readAliases);
  if ('equals' in match) return [match.equals];
  if ('regex' in match) {
    const dated = /^\^([^?*+()[\]]+)-\\d\{(?:8|4\}-\\d\{2\}-\\d\{2)\}\$$/.exec(match.regex);
    return dated?.[1] === undefined ? [] : [dated[1].replaceAll('\\.', '.')];
  }
  const part =
    'starts_with' in match ? match.starts_with : 'contains' in match ? match.contains : match.ends_with;
  const id = part.replace(/[-@.]+$/, '');
  return /-20\d\d$/.test(id) ? [] : [id];
}
