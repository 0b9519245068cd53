import { expect, test } from 'vitest';
import { createPricer, type PriceQuery, priceUsage, type Usage } from '../src/index.ts';
import { micro, query } from './expect-priced.ts';

test('a call keeps the price of its day', () => {
  const usage = { inputTokens: 1_000, cacheReadInputTokens: 1_000, outputTokens: 0 };
  const read = (model: string, at: string, provider = 'anthropic') => {
    const cost = priceUsage(usage, query(provider, model, { atMs: Date.parse(at) }));
    return cost.status === 'unpriced' ? cost : cost.amountPicoUsd;
  };
  expect(read('claude-sonnet-5-5', '2026-10-06T23:59:59.999Z')).toBe(micro(1_000 * 0.2));
  expect(read('claude-sonnet-5-5', '2026-10-07T00:00:00Z')).toBe(micro(1_000 * 0.1));
  expect(read('gpt-5.6-luna', '2026-07-29T23:59:59Z', 'openai')).toBe(micro(1_000 * 0.1));
  expect(read('gpt-5.6-luna', '2026-07-30T00:00:00Z', 'openai')).toBe(micro(1_000 * 0.02));
});

test('a mode without a public price is not priced', () => {
  const usage = { inputTokens: 1, outputTokens: 1 };
  const noRate = { status: 'unpriced', reason: 'no_rate_for_mode' };
  expect(priceUsage(usage, query('anthropic', 'claude-opus-4-7', { mode: 'priority' }))).toEqual(noRate);
  expect(priceUsage(usage, query('anthropic', 'claude-sonnet-4-5', { mode: 'fast' }))).toEqual(noRate);
  expect(priceUsage(usage, query('x_ai', 'grok-4.3', { mode: 'batch' }))).toEqual(noRate);
});

test('what is not reported is an estimate with its reason', () => {
  const cases: [Usage, PriceQuery, string][] = [
    [{ inputTokens: 10 }, query('openai', 'gpt-5'), 'output_tokens_missing'],
    [{ outputTokens: 10 }, query('openai', 'gpt-5'), 'input_tokens_missing'],
    [
      { inputTokens: 10, outputTokens: 1, cacheReadInputTokens: 5 },
      query('openai', 'gpt-5-pro'),
      'cache_read_rate_missing',
    ],
    [
      { inputTokens: 10, input: { audio: 5 }, outputTokens: 1 },
      query('openai', 'gpt-4o'),
      'audio_rate_missing',
    ],
    [
      { inputTokens: 10, outputTokens: 1 },
      query('anthropic', 'claude-sonnet-5', { region: 'mars' }),
      'region_rate_unknown',
    ],
    [{ inputTokens: 10, outputTokens: 1 }, query('perplexity', 'sonar'), 'request_fee_varies'],
  ];
  for (const [usage, asked, reason] of cases) {
    expect(priceUsage(usage, asked)).toMatchObject({ status: 'estimated', reason });
  }
});

test('what cannot be priced says why and is never 0', () => {
  const tokens = { inputTokens: 1, outputTokens: 1 };
  const cases: [Usage | undefined, PriceQuery, string][] = [
    [tokens, query('openai', 'gpt-99'), 'unknown_model'],
    [tokens, query('openai', 'g'.repeat(3_000)), 'unknown_model'],
    [tokens, query('openai', JSON.parse('null')), 'unknown_model'],
    [tokens, query('ollama', 'llama3'), 'unknown_provider'],
    [tokens, query('constructor', 'gpt-5'), 'unknown_provider'],
    [tokens, query('openai', 'whisper-1'), 'no_rate_for_unit'],
    [undefined, query('openai', 'gpt-5'), 'no_usage'],
    [{}, query('openai', 'gpt-5'), 'no_usage'],
    [{ inputTokens: -1 }, query('openai', 'gpt-5'), 'invalid_usage'],
    [{ inputTokens: 1.5 }, query('openai', 'gpt-5'), 'invalid_usage'],
    [{ inputTokens: Number.NaN }, query('openai', 'gpt-5'), 'invalid_usage'],
    [{ inputTokens: 2 ** 53 }, query('openai', 'gpt-5'), 'invalid_usage'],
    [
      { inputTokens: 10, cacheReadInputTokens: 6, cacheWriteInputTokens: 5 },
      query('openai', 'gpt-5'),
      'invalid_usage',
    ],
    [{ outputTokens: 1, reasoningOutputTokens: 2 }, query('openai', 'gpt-5'), 'invalid_usage'],
    [{ inputTokens: 9, input: { text: 5, image: 5 } }, query('openai', 'gpt-5'), 'invalid_usage'],
    [
      { inputTokens: 9, cacheWriteInputTokens: 2, cacheWriteByTtl: { '1h': 3 } },
      query('openai', 'gpt-5'),
      'invalid_usage',
    ],
    [{ inputTokens: 9, toolRequests: { web_search: -1 } }, query('openai', 'gpt-5'), 'invalid_usage'],
    [{ inputTokens: 2 ** 52, outputTokens: 1 }, query('openai', 'gpt-5'), 'amount_over_limit'],
    [{ providerCostUsd: 9_001 }, query('openai', 'gpt-5'), 'amount_over_limit'],
  ];
  for (const [usage, asked, reason] of cases) {
    expect(priceUsage(usage, asked), JSON.stringify([usage, asked.model])).toEqual({
      status: 'unpriced',
      reason,
    });
  }
});

test('a stream of made-up models changes no answer', () => {
  const pricer = createPricer({ cacheEntries: 4 });
  const usage = { inputTokens: 1_000, outputTokens: 0 };
  const first = pricer.price(usage, query('openai', 'gpt-5'));
  for (let round = 0; round < 100; round += 1) {
    expect(pricer.price(usage, query('openai', `gpt-5-${round}x`))).toEqual({
      status: 'unpriced',
      reason: 'unknown_model',
    });
    expect(pricer.price(usage, query('openai', 'gpt-5'))).toEqual(first);
  }
});

test('a cyclic nesting is a mistake, not an endless sum', () => {
  const usage: { inputTokens: number; nested: { model: string; usage: Usage }[] } = {
    inputTokens: 1,
    nested: [],
  };
  usage.nested.push({ model: 'gpt-5', usage });
  expect(priceUsage(usage, query('openai', 'gpt-5'))).toEqual({
    status: 'unpriced',
    reason: 'invalid_usage',
  });
});

test('keys of Object.prototype are no modes, regions or tools', () => {
  const usage = { inputTokens: 1_000, outputTokens: 0, toolRequests: { constructor: 1 } };
  expect(priceUsage(usage, query('openai', 'gpt-5', { region: 'constructor' }))).toMatchObject({
    status: 'partial',
    reason: 'tool_rate_missing',
    amountPicoUsd: micro(1_250),
  });
  expect(priceUsage(usage, query('openai', 'gpt-5', JSON.parse('{"mode":"constructor"}')))).toEqual({
    status: 'unpriced',
    reason: 'no_rate_for_mode',
  });
});
