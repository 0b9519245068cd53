import { expect, test } from 'vitest';
import { type PriceQuery, priceUsage, type Usage } from '../src/index.ts';
import { expectPriced, micro, query } from './expect-priced.ts';

test('claude-sonnet-4-5: reads, 5-minute and 1-hour writes', () => {
  const usage = {
    inputTokens: 5_100,
    cacheReadInputTokens: 2_000,
    cacheWriteInputTokens: 3_000,
    cacheWriteByTtl: { '5m': 1_000, '1h': 2_000 },
    outputTokens: 500,
  };
  const parts = {
    inputPicoUsd: 300_000_000,
    cacheReadPicoUsd: 600_000_000,
    cacheWritePicoUsd: 15_750_000_000,
    outputPicoUsd: 7_500_000_000,
  };
  expectPriced(usage, query('anthropic', 'claude-sonnet-4-5-20250929'), parts, {
    amountPicoUsd: 24_150_000_000,
    cacheSavingsPicoUsd: -1_350_000_000,
  });
  // Without the split, a write has Anthropic's default time to live.
  const { cacheWriteByTtl: _split, ...unsplit } = usage;
  expectPriced(
    unsplit,
    query('anthropic', 'claude-sonnet-4-5'),
    { ...parts, cacheWritePicoUsd: micro(3_000 * 3.75) },
    { cacheSavingsPicoUsd: micro(5_000 * 3 - 2_000 * 0.3 - 3_000 * 3.75) },
  );
});

test('long context: Sonnet 4 and 4.5 above 200,000 tokens, Haiku 5.5 above 100,000, cached tokens included', () => {
  for (const model of ['claude-sonnet-4-20250514', 'claude-sonnet-4-5']) {
    const asked = query('anthropic', model);
    expectPriced({ inputTokens: 200_000, outputTokens: 10 }, asked, {
      inputPicoUsd: micro(200_000 * 3),
      outputPicoUsd: micro(150),
    });
    expectPriced(
      { inputTokens: 200_001, cacheReadInputTokens: 200_000, outputTokens: 10 },
      asked,
      { inputPicoUsd: micro(6), cacheReadPicoUsd: micro(200_000 * 0.6), outputPicoUsd: micro(225) },
      { cacheSavingsPicoUsd: micro(200_000 * 5.4) },
    );
  }
  expectPriced({ inputTokens: 100_000, outputTokens: 10 }, query('anthropic', 'claude-haiku-5-5'), {
    inputPicoUsd: micro(10_000),
    outputPicoUsd: micro(5),
  });
  expectPriced({ inputTokens: 100_001, outputTokens: 10 }, query('anthropic', 'claude-haiku-5-5'), {
    inputPicoUsd: micro(50_000.5),
    outputPicoUsd: micro(25),
  });
});

test('Opus: fast mode, US inference, both, and never the long-context rate on top', () => {
  const usage = { inputTokens: 1_000, outputTokens: 100 };
  const cases: [string, Partial<PriceQuery>, number, number][] = [
    ['claude-opus-4-7', { mode: 'fast' }, 30, 150],
    ['claude-opus-4-8', { mode: 'fast' }, 10, 50],
    ['claude-opus-5', { mode: 'fast' }, 10, 50],
    ['claude-opus-5-5', { mode: 'fast' }, 8, 40],
    ['claude-fable-5-2', { mode: 'fast' }, 16, 80],
    ['claude-fable-5-2', { region: 'us' }, 8.8, 44],
    ['claude-opus-4-7', { region: 'us' }, 5.5, 27.5],
    ['claude-opus-4-7', { mode: 'fast', region: 'us' }, 33, 165],
    ['claude-opus-4-7', { region: 'global' }, 5, 25],
    ['claude-opus-4-5', { region: 'us' }, 5, 25],
    ['claude-opus-4-7', { mode: 'batch' }, 2.5, 12.5],
  ];
  for (const [model, more, input, output] of cases) {
    expectPriced(usage, query('anthropic', model, more), {
      inputPicoUsd: micro(1_000 * input),
      outputPicoUsd: micro(100 * output),
    });
  }
  const february = query('anthropic', 'claude-opus-4-6', { mode: 'fast', atMs: Date.parse('2026-02-01') });
  expectPriced({ inputTokens: 300_000, outputTokens: 10 }, february, {
    inputPicoUsd: micro(300_000 * 30),
    outputPicoUsd: micro(10 * 150),
  });
});

test('nested usage is priced with its own model and added part by part', () => {
  const usage: Usage = {
    inputTokens: 1_000,
    outputTokens: 100,
    nested: [
      { model: 'claude-opus-4-8', usage: { inputTokens: 500, cacheReadInputTokens: 200, outputTokens: 20 } },
    ],
  };
  expectPriced(
    usage,
    query('anthropic', 'claude-sonnet-4-6'),
    {
      inputPicoUsd: micro(1_000 * 3 + 300 * 5),
      cacheReadPicoUsd: micro(200 * 0.5),
      outputPicoUsd: micro(100 * 15 + 20 * 25),
    },
    { cacheSavingsPicoUsd: micro(200 * 4.5) },
  );
  const unknown = {
    ...usage,
    nested: [{ model: 'claude-of-tomorrow', usage: { inputTokens: 1, outputTokens: 1 } }],
  };
  expect(priceUsage(unknown, query('anthropic', 'claude-sonnet-4-6'))).toMatchObject({
    status: 'partial',
    reason: 'nested_unknown_model',
    amountPicoUsd: micro(4_500),
  });
});

test('a call may be nested usage alone: a router has no price of its own', () => {
  const nested = [
    { model: 'openai/gpt-oss-120b', usage: { inputTokens: 1_000, outputTokens: 10 } },
    { model: 'llama-3.3-70b-versatile', usage: { inputTokens: 500, outputTokens: 20 } },
  ];
  expectPriced({ nested }, query('groq', 'groq/compound'), {
    inputPicoUsd: micro(1_000 * 0.15 + 500 * 0.59),
    outputPicoUsd: micro(10 * 0.6 + 20 * 0.79),
  });
  const unknown = { nested: [{ model: 'groq/compound', usage: { inputTokens: 1, outputTokens: 1 } }] };
  expect(priceUsage(unknown, query('groq', 'groq/compound'))).toEqual({
    status: 'unpriced',
    reason: 'unknown_model',
  });
});
