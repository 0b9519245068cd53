/** A made-up card in which no two rates are alike: whatever is priced by another rate than its own shows. */
import { expect, test } from 'vitest';
import { type CostParts, createPricer, type PriceQuery, type Usage } from '../src/index.ts';
import type { RateCard, Rates } from '../src/rate-card.ts';

const RATES: Rates = {
  input: 2,
  inputAudio: 3,
  inputImage: 5,
  inputVideo: 7,
  cacheRead: 11,
  cacheReadAudio: 13,
  cacheReadImage: 17,
  cacheWrite: 19,
  cacheWrite5m: 19,
  cacheWrite1h: 23,
  output: 29,
  outputAudio: 31,
  outputImage: 37,
  outputVideo: 41,
  outputReasoning: 43,
  request: 1_000_000,
};
const NIGHT = { from: '2026-03-01', dailyUtc: [22 * 60, 90] as const, rates: { input: 5, output: 7 } };
const SUNDAYS = { weekdaysUtc: [0], rates: { input: 11, output: 13 } };
const CARD: RateCard = {
  name: 'house',
  source: 'made up',
  ids: { suffixes: [] },
  cacheWriteTtl: '5m',
  tools: { search: 2_000_000 },
  modes: { batch: { by: [1, 2], cacheRead: [1, 1] } },
  models: [
    { id: 'all', rates: [{ rates: RATES }], regions: { eu: [3, 2] } },
    { id: 'input-only', rates: [{ rates: { input: 2 } }] },
    { id: 'no-write', rates: [{ rates: { input: 2, output: 3 } }] },
    { id: 'night', rates: [{ rates: { input: 2, output: 3 } }, NIGHT] },
    { id: 'sundays', rates: [{ rates: { input: 2, output: 3 } }, SUNDAYS] },
    {
      id: 'long',
      rates: [
        {
          rates: { cacheRead: 1, cacheWrite: 1, output: 1 },
          tiers: [{ minInputTokens: 100, rates: { cacheRead: 2, cacheWrite: 3, output: 5 } }],
        },
      ],
    },
  ],
};
const pricer = createPricer({ table: { version: 'v', cards: [CARD], providers: { house: ['house'] } } });
const price = (usage: Usage, model = 'all', more: Partial<PriceQuery> = {}) =>
  pricer.price(usage, { provider: 'house', model, atMs: Date.parse('2026-03-01T12:00:00Z'), ...more });
const parts = (more: Partial<CostParts>): CostParts => ({
  inputPicoUsd: 0,
  cacheReadPicoUsd: 0,
  cacheWritePicoUsd: 0,
  outputPicoUsd: 0,
  toolsPicoUsd: 1_000_000,
  ...more,
});

/** Two of a kind, a hundred of the next: a count times the rate of another kind gives another sum. */
const EVERYTHING: Usage = {
  inputTokens: 1_200_000,
  input: { audio: 20_300, image: 400_500, video: 60 },
  cacheReadInputTokens: 200_400,
  cacheRead: { audio: 300, image: 500 },
  cacheWriteInputTokens: 7_008,
  cacheWriteByTtl: { '5m': 3_000, '1h': 4_000 },
  outputTokens: 900_000,
  output: { audio: 10_000, image: 200_000, video: 3 },
  reasoningOutputTokens: 40_000,
  toolRequests: { search: 3 },
};

test('each kind of token is priced by its own rate', () => {
  expect(price(EVERYTHING)).toMatchObject({
    status: 'priced',
    parts: {
      inputPicoUsd: (992_592 - 420_060) * 2 + 20_000 * 3 + 400_000 * 5 + 60 * 7,
      cacheReadPicoUsd: 199_600 * 11 + 300 * 13 + 500 * 17,
      cacheWritePicoUsd: 3_008 * 19 + 4_000 * 23,
      outputPicoUsd: 649_997 * 29 + 40_000 * 43 + 10_000 * 31 + 200_000 * 37 + 3 * 41,
      toolsPicoUsd: 1_000_000 + 3 * 2_000_000,
    },
  });
});

test('what was saved is what the cached tokens would have cost as input of their kind, less what they cost', () => {
  const uncached = 199_600 * 2 + 300 * 3 + 500 * 5 + 7_008 * 2;
  const cached = 199_600 * 11 + 300 * 13 + 500 * 17 + (3_008 * 19 + 4_000 * 23);
  expect(price(EVERYTHING)).toMatchObject({ cacheSavingsPicoUsd: uncached - cached });
});

test('the factor of a region is on cache reads too, also where the mode has one of its own for them', () => {
  const usage = { inputTokens: 300, cacheReadInputTokens: 100, outputTokens: 10 };
  const eu = parts({ inputPicoUsd: 600, cacheReadPicoUsd: 1_650, outputPicoUsd: 435 });
  expect(price(usage, 'all', { region: 'eu' })).toMatchObject({ parts: eu });
  const batch = parts({ inputPicoUsd: 300, cacheReadPicoUsd: 1_650, outputPicoUsd: 218 });
  expect(price(usage, 'all', { region: 'eu', mode: 'batch' })).toMatchObject({ parts: batch });
});

test('fees of tools inside nested usage, and a nested cost that is one sum, are in the amount', () => {
  const nested = [
    { model: 'all', usage: { inputTokens: 1, outputTokens: 1, toolRequests: { search: 1 } } },
    { model: 'all', usage: { providerCostUsd: 1e-6 } },
  ];
  expect(price({ inputTokens: 10, outputTokens: 10, nested })).toMatchObject({
    status: 'priced',
    amountPicoUsd: 20 + 290 + 1_000_000 + (2 + 29 + 3_000_000) + 1_000_000,
    parts: parts({ inputPicoUsd: 22, outputPicoUsd: 319, toolsPicoUsd: 5_000_000 }),
  });
});

test('rates of a day of the week hold from midnight to midnight in UTC', () => {
  const at = (time: string) =>
    price({ inputTokens: 1, outputTokens: 1 }, 'sundays', { atMs: Date.parse(time) });
  expect(at('2026-03-07T23:59:59.999Z')).toMatchObject({ amountPicoUsd: 5 });
  expect(at('2026-03-08T00:00:00Z')).toMatchObject({ amountPicoUsd: 24 });
  expect(at('2026-03-08T23:59:59.999Z')).toMatchObject({ amountPicoUsd: 24 });
  expect(at('2026-03-09T00:00:00Z')).toMatchObject({ amountPicoUsd: 5 });
});

test('a window of the day that goes past midnight is open on both sides of it, from its day on', () => {
  const at = (time: string) =>
    price({ inputTokens: 1, outputTokens: 1 }, 'night', { atMs: Date.parse(time) });
  const [day, night] = [{ amountPicoUsd: 5 }, { amountPicoUsd: 12 }];
  expect(at('2026-03-01T21:59:59.999Z')).toMatchObject(day);
  expect(at('2026-03-01T22:00:00Z')).toMatchObject(night);
  expect(at('2026-03-02T00:00:00Z')).toMatchObject(night);
  expect(at('2026-03-02T01:29:59.999Z')).toMatchObject(night);
  expect(at('2026-03-02T01:30:00Z')).toMatchObject(day);
  // Not yet in February.
  expect(at('2026-02-28T23:00:00Z')).toMatchObject(day);
});

test('where only cached input is told, reads and writes together decide the context tier', () => {
  const usage = { cacheReadInputTokens: 60, cacheWriteInputTokens: 40, outputTokens: 1 };
  expect(price(usage, 'long')).toMatchObject({ amountPicoUsd: 60 * 2 + 40 * 3 + 5 });
  expect(price({ ...usage, cacheWriteInputTokens: 39 }, 'long')).toMatchObject({ amountPicoUsd: 100 });
});

test('what has no rate of its own is left out as partial, or an estimate, with the first reason', () => {
  expect(price({ inputTokens: 5, outputTokens: 1 }, 'input-only')).toMatchObject({
    status: 'partial',
    reason: 'output_rate_missing',
    amountPicoUsd: 10,
  });
  const written = { inputTokens: 5, cacheWriteInputTokens: 2, outputTokens: 0 };
  expect(price(written, 'no-write')).toMatchObject({
    status: 'estimated',
    reason: 'cache_write_rate_missing',
    amountPicoUsd: 10,
  });
  expect(price({ outputTokens: 1, cacheReadInputTokens: 2 }, 'no-write')).toMatchObject({
    status: 'estimated',
    reason: 'input_tokens_missing',
    amountPicoUsd: 7,
  });
});
