import { expect, test } from 'vitest';
import { priceUsage } from '../src/index.ts';
import { expectPriced, micro, query } from './expect-priced.ts';

const deepseek = (
  model: string,
  time: string,
  [miss, hit, output]: [number, number, number],
  more: Parameters<typeof expectPriced>[3] = {},
) =>
  expectPriced(
    { inputTokens: 1_000, cacheReadInputTokens: 900, outputTokens: 50 },
    query('deepseek', model, { atMs: Date.parse(time) }),
    { inputPicoUsd: 100 * miss, cacheReadPicoUsd: 900 * hit, outputPicoUsd: 50 * output },
    { cacheSavingsPicoUsd: 900 * (miss - hit), ...more },
  );

test('DeepSeek: hit and miss, and a peak window that begins with its date', () => {
  const at = (time: string, prices: [number, number, number]) => deepseek('deepseek-v4-flash', time, prices);
  at('2026-08-18T12:00:00Z', [220_000, 7_000, 660_000]);
  at('2026-08-18T01:00:00Z', [440_000, 14_000, 1_320_000]);
  at('2026-08-18T03:59:59Z', [440_000, 14_000, 1_320_000]);
  at('2026-08-18T04:00:00Z', [220_000, 7_000, 660_000]);
  at('2026-08-01T02:00:00Z', [140_000, 2_800, 280_000]);
});

test.each(['deepseek-flash', 'deepseek-v4-flash', 'deepseek-v4-flash-vision-exp'])(
  'DeepSeek: %s costs what V4.1 Flash does from the day on which that serves it',
  (model) => {
    deepseek(model, '2026-09-10T12:00:00Z', [150_000, 3_000, 600_000]);
    deepseek(model, '2026-11-27T06:00:00Z', [300_000, 6_000, 1_200_000], {
      status: 'estimated',
      reason: 'public_holidays_unknown',
    });
  },
);

test('DeepSeek: no hour of a weekend is a peak since 2026-08-23, a weekday is one if it is no holiday', () => {
  const at = (time: string, prices: [number, number, number], more?: Parameters<typeof deepseek>[3]) =>
    deepseek('deepseek-v4-pro', time, prices, more);
  const [low, high]: [number, number, number][] = [
    [660_000, 22_000, 1_980_000],
    [1_320_000, 44_000, 3_960_000],
  ];
  at('2026-08-22T07:00:00Z', high!);
  at('2026-08-23T07:00:00Z', low!);
  at('2026-08-24T07:00:00Z', high!);
  at('2026-11-28T07:00:00Z', low!);
  at('2026-11-29T07:00:00Z', low!);
  at('2026-11-30T07:00:00Z', high!, { status: 'estimated', reason: 'public_holidays_unknown' });
  at('2026-11-30T10:00:00Z', low!);
});

test.each([
  // A grounded prompt, 35 USD a thousand; two searches, 14 USD a thousand; whatever the source of the model.
  ['gemini-2.5-flash', 1, 35_000],
  ['gemini-live-2.5-flash', 1, 35_000],
  ['gemini-3-flash-preview', 2, 28_000],
  ['gemini-4-argon', 2, 28_000],
  ['gemini-flash-latest', 2, 28_000],
])('%s: searches have a price, an estimate because some of each month are free', (model, searches, usd) => {
  const usage = { inputTokens: 0, outputTokens: 0, toolRequests: { web_search: searches } };
  expect(priceUsage(usage, query('gcp.gemini', model))).toMatchObject({
    status: 'estimated',
    amountPicoUsd: micro(usd),
  });
});

test.each([
  // USD per million tokens of input and of output.
  ['z_ai', 'glm-5.3-flash', '2026-09-09', 0.075, 0.25],
  ['z_ai', 'glm-5.3-flash', '2026-09-10', 0.15, 0.5],
  ['gcp.gemini', 'gemini-4-argon', '2026-11-30T23:59:59Z', 2, 10],
  ['gcp.gemini', 'gemini-4-argon', '2026-12-01', 4, 20],
  ['gcp.gemini', 'gemini-flash-latest', '2027-01-01', 1.5, 7.5],
  ['mistral_ai', 'mistral-large-4', '2026-10-19', 0.68, 2.09],
  ['mistral_ai', 'mistral-large-4-0', '2026-10-20', 1.36, 4.18],
  ['mistral_ai', 'mistral-large-4', '2026-10-29', 0.7, 2.1],
])('%s: %s on %s costs what it did on that day', (provider, model, day, input, output) => {
  expectPriced({ inputTokens: 1_000, outputTokens: 100 }, query(provider, model, { atMs: Date.parse(day) }), {
    inputPicoUsd: micro(1_000 * input),
    outputPicoUsd: micro(100 * output),
  });
});

test('Gemini: what is grounded on is an estimate, maps and Claude on Vertex AI have no fee that is known', () => {
  const usage = (tool: string) => ({ inputTokens: 10, outputTokens: 10, toolRequests: { [tool]: 1 } });
  expect(priceUsage(usage('web_search'), query('gcp.gemini', 'gemini-2.5-pro'))).toMatchObject({
    status: 'estimated',
    reason: 'free_allowance',
  });
  const unknown = { status: 'partial', reason: 'tool_rate_missing' };
  expect(priceUsage(usage('maps'), query('gcp.gemini', 'gemini-2.5-pro'))).toMatchObject(unknown);
  expect(priceUsage(usage('web_search'), query('gcp.vertex_ai', 'claude-sonnet-4-5'))).toMatchObject(unknown);
});

test('OpenRouter: the reported cost is the cost, whatever the table says', () => {
  const usage = { inputTokens: 10, outputTokens: 10, providerCostUsd: 0.00042 };
  const cost = { status: 'priced', amountPicoUsd: 420_000_000, source: 'provider', mode: 'standard' };
  // 10 × 2.50 + 10 × 10 USD per million: what the table says is kept for comparison.
  expect(priceUsage(usage, query('openrouter', 'openai/gpt-4o'))).toEqual({
    ...cost,
    localAmountPicoUsd: 125_000_000,
  });
  expect(priceUsage({ providerCostUsd: 0.00042 }, query('nobody', 'nothing'))).toEqual(cost);
  expect(priceUsage({ providerCostUsd: Number.NaN }, query('openrouter', 'x'))).toEqual({
    status: 'unpriced',
    reason: 'invalid_usage',
    detail: 'providerCostUsd is NaN: a cost is a number of at least 0',
  });
});

test('Azure sells its own searches with models of OpenAI; what else it hosts, and what Claude searches, costs what it does there', () => {
  const usage = (tool: string) => ({ inputTokens: 0, outputTokens: 0, toolRequests: { [tool]: 2 } });
  // 14 and 2.50 USD a thousand.
  for (const tool of ['web_search', 'web_search_preview'])
    expect(priceUsage(usage(tool), query('azure.ai.openai', 'gpt-4.1-mini'))).toMatchObject({
      status: 'estimated',
      reason: 'single_source',
      amountPicoUsd: micro(28_000),
    });
  expectPriced(usage('file_search'), query('azure.ai.openai', 'gpt-4.1-mini'), {
    toolsPicoUsd: micro(5_000),
  });
  expectPriced(usage('web_search'), query('azure.ai.inference', 'claude-sonnet-4-5'), {
    toolsPicoUsd: micro(20_000),
  });
  expectPriced(usage('web_search'), query('openai', 'gpt-4.1-mini'), { toolsPicoUsd: micro(20_000) });
});

test('Azure is priced by the response model', () => {
  expectPriced({ inputTokens: 1_000, outputTokens: 100 }, query('azure.ai.openai', 'gpt-5-mini-2025-08-07'), {
    inputPicoUsd: micro(1_000 * 0.25),
    outputPicoUsd: micro(100 * 2),
  });
  expect(priceUsage({ inputTokens: 1 }, query('azure.ai.openai', 'our-chat-deployment'))).toEqual({
    status: 'unpriced',
    reason: 'unknown_model',
  });
});

test('Bedrock: geographic and plain ids of Claude 4.5 cost a tenth more than global; 1-hour writes are not under-priced', () => {
  const usage = {
    inputTokens: 1_000,
    cacheWriteInputTokens: 1_000,
    cacheWriteByTtl: { '1h': 1_000 },
    outputTokens: 100,
  };
  const foundation = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
  for (const [id, factor] of [
    [`global.${foundation}`, 1],
    [foundation, 1.1],
    [`us.${foundation}`, 1.1],
    [`arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.${foundation}`, 1.1],
  ] as const) {
    expectPriced(
      usage,
      query('aws.bedrock', id),
      { cacheWritePicoUsd: micro(1_000 * 6 * factor), outputPicoUsd: micro(100 * 15 * factor) },
      { cacheSavingsPicoUsd: micro(-1_000 * 3 * factor) },
    );
  }
});

test('Gemini: audio has its own rate; long prompts; cached tokens of a batch at full price', () => {
  const audio = { inputTokens: 1_000, input: { text: 400, audio: 600 }, outputTokens: 10 };
  expectPriced(audio, query('gcp.gemini', 'models/gemini-2.5-flash'), {
    inputPicoUsd: micro(400 * 0.3 + 600 * 1),
    outputPicoUsd: micro(25),
  });
  expectPriced({ inputTokens: 200_001, outputTokens: 10 }, query('gcp.vertex_ai', 'gemini-2.5-pro'), {
    inputPicoUsd: micro(200_001 * 2.5),
    outputPicoUsd: micro(150),
  });
  expectPriced(
    { inputTokens: 1_000, cacheReadInputTokens: 500, outputTokens: 0 },
    query('gcp.gemini', 'gemini-2.5-flash', { mode: 'batch' }),
    { inputPicoUsd: micro(500 * 0.15), cacheReadPicoUsd: micro(500 * 0.03) },
    { cacheSavingsPicoUsd: micro(500 * 0.12) },
  );
});
