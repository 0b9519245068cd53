import { expect, test } from 'vitest';
import { type PriceQuery, priceUsage } from '../src/index.ts';
import { expectPriced, micro, query } from './expect-priced.ts';

test('gpt-4o-mini with cached input: $0.0012', () => {
  const usage = { inputTokens: 10_000, cacheReadInputTokens: 8_000, outputTokens: 500 };
  expectPriced(
    usage,
    query('openai', 'gpt-4o-mini-2024-07-18'),
    { inputPicoUsd: 300_000_000, cacheReadPicoUsd: 600_000_000, outputPicoUsd: 300_000_000 },
    { cacheSavingsPicoUsd: 600_000_000, amountPicoUsd: 1_200_000_000 },
  );
});

test('gpt-5: reasoning is output and is not added to it', () => {
  expectPriced(
    { inputTokens: 1_200, outputTokens: 3_000, reasoningOutputTokens: 2_500 },
    query('openai', 'gpt-5-2025-08-07'),
    { inputPicoUsd: micro(1_200 * 1.25), outputPicoUsd: micro(3_000 * 10) },
  );
});

test('embeddings have no output', () => {
  expectPriced({ inputTokens: 4_000 }, query('openai', 'text-embedding-3-small'), {
    inputPicoUsd: micro(4_000 * 0.02),
  });
});

test('gpt-5.4: the whole request is dearer from 272,000 input tokens on', () => {
  const asked = query('openai', 'gpt-5.4');
  expectPriced({ inputTokens: 271_999, outputTokens: 100 }, asked, {
    inputPicoUsd: 679_997_500_000,
    outputPicoUsd: 1_500_000_000,
  });
  expectPriced({ inputTokens: 272_000, outputTokens: 100 }, asked, {
    inputPicoUsd: 1_360_000_000_000,
    outputPicoUsd: 2_250_000_000,
  });
});

test('modes of gpt-5.4, alone and with data residency', () => {
  const usage = { inputTokens: 1_000, outputTokens: 100 };
  const cases: [Partial<PriceQuery>, number][] = [
    [{ mode: 'batch' }, 0.5],
    [{ mode: 'flex' }, 0.5],
    [{ mode: 'priority' }, 2],
    [{ region: 'eu' }, 1.1],
    [{ mode: 'batch', region: 'eu' }, 0.55],
    [{ mode: 'priority', region: 'jp' }, 2.2],
  ];
  for (const [more, factor] of cases) {
    expectPriced(usage, query('openai', 'gpt-5.4', more), {
      inputPicoUsd: micro(1_000 * 2.5 * factor),
      outputPicoUsd: micro(100 * 15 * factor),
    });
  }
  const long = query('openai', 'gpt-5.4', { mode: 'priority' });
  expect(priceUsage({ inputTokens: 272_000, outputTokens: 1 }, long)).toEqual({
    status: 'unpriced',
    reason: 'no_rate_for_mode',
  });
});

test('fast of GPT-5.6 and later has a long-context price: twice the rates of the tier', () => {
  expectPriced({ inputTokens: 300_000, outputTokens: 10 }, query('openai', 'gpt-6.1-sol', { mode: 'fast' }), {
    inputPicoUsd: micro(300_000 * 8),
    outputPicoUsd: micro(10 * 30),
  });
  expectPriced(
    { inputTokens: 1_000, outputTokens: 10 },
    query('openai', 'gpt-6-luna', { mode: 'priority' }),
    {
      inputPicoUsd: micro(1_000 * 0.2),
      outputPicoUsd: micro(10),
    },
  );
});

test.each([
  ['gpt-4o-audio-preview', 2.5, 10, 40, 80],
  ['gpt-4o-audio-preview-2025-06-03', 2.5, 10, 40, 80],
  ['gpt-4o-mini-audio-preview', 0.15, 0.6, 10, 20],
])('%s: audio costs what audio does', (model, input, output, heard, spoken) => {
  const usage = { inputTokens: 1_000, input: { audio: 400 }, outputTokens: 100, output: { audio: 60 } };
  expectPriced(usage, query('openai', model), {
    inputPicoUsd: micro(600 * input + 400 * heard),
    outputPicoUsd: micro(40 * output + 60 * spoken),
  });
});

test.each([
  ['ft:gpt-4o-2024-08-06:acme::a1b2', 3.75, 15],
  ['ft:gpt-4o-mini-2024-07-18:acme::a1b2', 0.3, 1.2],
])('%s: a fine-tuned model reads the cache at half its input', (model, input, output) => {
  const usage = { inputTokens: 1_000, cacheReadInputTokens: 400, outputTokens: 10 };
  const parts = {
    inputPicoUsd: micro(600 * input),
    cacheReadPicoUsd: micro(200 * input),
    outputPicoUsd: micro(10 * output),
  };
  expectPriced(usage, query('openai', model), parts, { cacheSavingsPicoUsd: micro(200 * input) });
});

test('priority factors are fractions of list prices, not rounded ones', () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 1_000_000 };
  const priority = { mode: 'priority' } as const;
  for (const [model, input, output] of [
    ['gpt-4o-mini', 0.25, 1],
    ['o4-mini', 2, 8],
    ['gpt-4.1', 3.5, 14],
    ['gpt-4o', 4.25, 17],
    ['gpt-5-mini', 0.45, 3.6],
    ['gpt-4.1-nano', 0.2, 0.8],
  ] as const) {
    expectPriced(usage, query('openai', model, priority), {
      inputPicoUsd: input * 1e12,
      outputPicoUsd: output * 1e12,
    });
  }
  expectPriced({ inputTokens: 200_000, outputTokens: 10 }, query('openai', 'gpt-5.5', priority), {
    inputPicoUsd: micro(200_000 * 12.5),
    outputPicoUsd: micro(10 * 75),
  });
});

test('gpt-5.6-terra: a write costs 1.25 of input; before 5.6 it costs what input costs', () => {
  const usage = { inputTokens: 1_000, cacheWriteInputTokens: 600, outputTokens: 0 };
  const asked = { inputPicoUsd: micro(400 * 2), cacheWritePicoUsd: micro(600 * 2.5) };
  const savings = { cacheSavingsPicoUsd: -micro(600 * 0.5) };
  expectPriced(
    { ...usage, cacheWriteByTtl: { '30m': 600 } },
    query('openai', 'gpt-5.6-terra'),
    asked,
    savings,
  );
  expectPriced(usage, query('openai', 'gpt-5.6-terra'), asked, savings);
  expectPriced(
    usage,
    query('openai', 'gpt-5'),
    { inputPicoUsd: micro(400 * 1.25), cacheWritePicoUsd: micro(600 * 1.25) },
    { cacheSavingsPicoUsd: 0 },
  );
  const twelveHours = priceUsage(
    { ...usage, cacheWriteByTtl: { '12h': 600 } },
    query('openai', 'gpt-5.6-terra'),
  );
  // Two and a half times the input of 2 USD, says one source alone.
  expect(twelveHours).toMatchObject({
    status: 'estimated',
    reason: 'single_source',
    parts: { cacheWritePicoUsd: micro(600 * 5) },
  });
});

test('a promotion that may have ended is an estimate', () => {
  const usage = { inputTokens: 1_000, outputTokens: 0 };
  expectPriced(usage, query('openai', 'gpt-5.6-sol'), { inputPicoUsd: micro(4_000) });
  const later = query('openai', 'gpt-5.6-sol', { atMs: Date.parse('2026-11-22T00:00:00Z') });
  expect(priceUsage(usage, later)).toMatchObject({
    status: 'estimated',
    reason: 'promotional_rate_unconfirmed',
    amountPicoUsd: micro(4_000),
  });
});

test('realtime audio: cached audio leaves the audio that is paid in full', () => {
  const usage = {
    inputTokens: 1_000,
    input: { text: 200, audio: 800 },
    cacheReadInputTokens: 500,
    cacheRead: { text: 100, audio: 400 },
    outputTokens: 300,
    output: { text: 100, audio: 200 },
  };
  expectPriced(
    usage,
    query('openai', 'gpt-realtime'),
    {
      inputPicoUsd: micro(100 * 4 + 400 * 32),
      cacheReadPicoUsd: micro(500 * 0.4),
      outputPicoUsd: micro(100 * 16 + 200 * 64),
    },
    { cacheSavingsPicoUsd: micro(100 * 4 + 400 * 32 - 500 * 0.4) },
  );
  const { cacheRead: _split, ...unsplit } = usage;
  expect(priceUsage(unsplit, query('openai', 'gpt-realtime'))).toMatchObject({
    status: 'estimated',
    reason: 'cached_modalities_missing',
  });
});

test('tool fees are per request, in no mode and no region; one without a price makes the cost partial', () => {
  const usage = { inputTokens: 1_000, outputTokens: 0, toolRequests: { web_search: 3, file_search: 2 } };
  expectPriced(usage, query('openai', 'gpt-5.4', { mode: 'batch', region: 'us' }), {
    inputPicoUsd: micro(1_000 * 2.5 * 0.55),
    toolsPicoUsd: 3 * 10_000_000_000 + 2 * 2_500_000_000,
  });
  const cost = priceUsage(
    { ...usage, toolRequests: { x_search: 1, web_search: 1 } },
    query('openai', 'gpt-5.4'),
  );
  expect(cost).toMatchObject({
    status: 'partial',
    reason: 'tool_rate_missing',
    amountPicoUsd: micro(2_500) + 10_000_000_000,
  });
});
