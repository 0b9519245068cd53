import type { PriceOverride } from '@costspan/pricing';
import { BILLED_UNITS } from '@costspan/semconv';
import { findClosest } from './closest.js';
import { dictionary, list, object, optional, required, withDefault } from './collections.js';
import { DEFAULT_CONFIG, type PricesConfig } from './config.js';
import { currencyCode, day, number, path, text } from './scalars.js';
import { convert, type Place, placeWithin, refine, report, type Shape } from './shape.js';

const { prices } = DEFAULT_CONFIG;

/** USD per million tokens are whole pico-USD per token down to the sixth decimal. */
const rate = (example: number) => number(example, { minimum: 0, maximum: 1_000_000, decimals: 6 });

/** USD for one thing, down to the pico-USD. */
const each = (example: number) => number(example, { minimum: 0, maximum: 1_000_000, decimals: 12 });

/** What a rate is for: its key in the file and in a `PriceOverride`. */
const RATES = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite',
  cache_write_1h: 'cacheWrite1h',
  input_audio: 'inputAudio',
  input_image: 'inputImage',
  output_audio: 'outputAudio',
  output_image: 'outputImage',
} as const satisfies Record<string, keyof PriceOverride>;
const RATE_KEYS = Object.keys(RATES) as (keyof typeof RATES)[];

/** A unit that nothing reports would never be charged. */
function reportUnknownUnits(units: Readonly<Record<string, number>>, place: Place): void {
  for (const name of Object.keys(units)) {
    const [unit = ''] = name.split(' ', 1);
    if (BILLED_UNITS.some((known) => known === unit)) continue;
    report(place, {
      code: 'COSTSPAN_CONFIG_WRONG_VALUE',
      message: `${JSON.stringify(unit)} is not one of ${BILLED_UNITS.join(', ')}`,
      fix: `write ${findClosest(unit, BILLED_UNITS) ?? 'one of them'}`,
    });
  }
}

const OVERRIDE: Shape<PriceOverride> = convert(
  refine(
    object({
      provider: optional(text('openai'), 'Only for this provider.'),
      model: required(text('gpt-5'), 'The model whose rate is yours.'),
      currency: optional(currencyCode('EUR'), 'Of these prices, as in prices.currency. Default USD.'),
      input: optional(rate(1.25), 'USD per million uncached input tokens.'),
      output: optional(rate(10), 'USD per million output tokens.'),
      cache_read: optional(rate(0.125), 'USD per million input tokens read from the cache.'),
      cache_write: optional(rate(1.5), 'USD per million input tokens written to the cache.'),
      cache_write_1h: optional(rate(2), 'The same for a time to live of one hour.'),
      input_audio: optional(rate(32), 'USD per million audio input tokens.'),
      input_image: optional(rate(5), 'USD per million image input tokens.'),
      output_audio: optional(rate(64), 'USD per million audio output tokens.'),
      output_image: optional(rate(40), 'USD per million image output tokens.'),
      units: optional(
        refine(dictionary(each(0.001), 'input_page'), reportUnknownUnits),
        'USD for one of a billed unit, with its variant where it has several: output_image hd 1024x1792.',
      ),
      tools: optional(
        dictionary(each(0.008), 'web_search'),
        'USD for one request to a tool of the provider.',
      ),
    }),
    (override, place) => {
      if ([...RATE_KEYS, 'units' as const, 'tools' as const].some((key) => override[key] !== undefined))
        return;
      report(place, {
        code: 'COSTSPAN_CONFIG_MISSING_KEY',
        message: `the override of ${override.model} sets no rate`,
        fix: 'add a rate in USD per million tokens, for example input: 1.25',
      });
    },
  ),
  (override) => {
    const rates: Partial<Record<(typeof RATES)[keyof typeof RATES], number>> = {};
    for (const key of RATE_KEYS) {
      const usdPerMtok = override[key];
      if (usdPerMtok !== undefined) rates[RATES[key]] = usdPerMtok;
    }
    const { provider, model, currency, units, tools } = override;
    return {
      ...(provider !== undefined && { provider }),
      model,
      ...(currency !== undefined && { currency }),
      ...rates,
      ...(units !== undefined && { units }),
      ...(tools !== undefined && { tools }),
    };
  },
);

const CURRENCY = object({
  code: required(currencyCode('EUR'), 'ISO 4217 code of the contract’s currency.'),
  usd: required(
    number(1.08, { minimum: 0.000001, maximum: 1_000_000, decimals: 6 }),
    'USD for one of it: the rate of the contract.',
  ),
});

/** An amount of a currency whose rate nobody has stated cannot be made into USD. */
function reportUnknownCurrencies(
  { currency, overrides }: Pick<PricesConfig, 'currency' | 'overrides'>,
  place: Place,
): void {
  for (const [index, { currency: code = 'USD' }] of overrides.entries()) {
    if (code === 'USD' || code === currency?.code) continue;
    report(placeWithin(place, ['overrides', index, 'currency']), {
      code: 'COSTSPAN_CONFIG_WRONG_VALUE',
      ...(currency === undefined
        ? {
            message: `${code} has no rate, as there is no prices.currency`,
            fix: `write for example currency: { code: ${code}, usd: 1.08 } beside overrides`,
          }
        : {
            message: `${code} has no rate, as prices.currency is ${currency.code}`,
            fix: `state this price in ${currency.code} or USD`,
          }),
    });
  }
}

const CREDIT = object({
  provider: required(text('openai'), 'Provider, as in the label provider.'),
  usd: required(
    number(5000, { minimum: 0, maximum: 1_000_000_000, decimals: 6 }),
    'What the provider takes off its invoices, USD.',
  ),
  from: optional(day('2026-01-01'), 'First day on which it counts, UTC.'),
  until: optional(day('2026-12-31'), 'Last day on which it counts, UTC.'),
});

export const PRICES: Shape<PricesConfig> = convert(
  refine(
    object({
      table: optional(
        path('./prices.json'),
        'A price table in place of the built-in cards; relative to this file.',
      ),
      currency: optional(CURRENCY, 'The currency that overrides may be in.'),
      credits: withDefault(
        list(CREDIT),
        [],
        'Credits of a contract, for costspan reconcile; a call costs the same with and without.',
      ),
      discounts: withDefault(
        list(
          object({
            provider: required(text('openai'), 'Provider, as in the label provider.'),
            model: optional(text('gpt-5'), 'Only for this model.'),
            percent: required(
              number(12, { minimum: 0, maximum: 100, decimals: 4 }),
              'Per cent off the list price.',
            ),
          }),
        ),
        prices.discounts,
        'Contracted discounts.',
      ),
      models: withDefault(
        dictionary(text('gpt-5'), 'my-azure-deployment'),
        prices.models,
        'Deployment or alias name to the model that has a price.',
      ),
      overrides: withDefault(list(OVERRIDE), prices.overrides, 'Rates of your own.'),
    }),
    reportUnknownCurrencies,
  ),
  ({ table, currency, credits, ...rest }) => ({
    ...rest,
    ...(table !== undefined && { tablePath: table }),
    ...(currency !== undefined && { currency }),
    ...(credits.length > 0 && { credits }),
  }),
);
