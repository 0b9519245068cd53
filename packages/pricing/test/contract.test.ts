import { expect, test } from 'vitest';
import { createPricer, describePrice, type PriceContract, priceUsage, type Usage } from '../src/index.ts';
import { PRICE_TABLE_VERSION } from '../src/version.gen.ts';

const AT_MS = Date.parse('2026-10-15T12:00:00Z');
const USAGE = {
  inputTokens: 1_000,
  cacheReadInputTokens: 400,
  outputTokens: 100,
  toolRequests: { web_search: 1 },
};

function readParts(contract: PriceContract, model = 'gpt-5-mini', provider = 'openai') {
  const cost = priceUsage(USAGE, { provider, model, atMs: AT_MS }, contract);
  if (cost.status === 'unpriced') return cost.reason;
  const { inputPicoUsd, cacheReadPicoUsd, outputPicoUsd, toolsPicoUsd } = cost.parts ?? {};
  return [inputPicoUsd, cacheReadPicoUsd, outputPicoUsd, toolsPicoUsd, cost.amountPicoUsd];
}

test('a discount is taken off every part, tools included, and parts still add up', () => {
  expect(readParts({ discounts: [{ provider: 'openai', percent: 12 }] })).toEqual([
    132_000_000, 8_800_000, 176_000_000, 8_800_000_000, 9_116_800_000,
  ]);
  expect(readParts({ discounts: [{ provider: 'openai', percent: 33.3333 }] })).toEqual([
    100_000_050, 6_666_670, 133_333_400, 6_666_670_000, 6_906_670_120,
  ]);
  expect(readParts({ discounts: [{ provider: 'openai', percent: 100 }] })).toEqual([0, 0, 0, 0, 0]);
});

test('the most specific discount applies, alone', () => {
  const discounts = [
    { provider: 'openai', percent: 10 },
    { provider: 'openai', model: 'gpt-5-mini', percent: 50 },
    { provider: 'anthropic', percent: 90 },
  ];
  expect(readParts({ discounts })).toEqual([
    75_000_000, 5_000_000, 100_000_000, 5_000_000_000, 5_180_000_000,
  ]);
  // A snapshot has the discount of its model.
  expect(readParts({ discounts }, 'gpt-5-mini-2025-08-07')).toEqual(readParts({ discounts }));
  expect(readParts({ discounts }, 'gpt-5-nano')).toEqual([
    27_000_000, 1_800_000, 36_000_000, 9_000_000_000, 9_064_800_000,
  ]);
});

test('one rounding per part, half up', () => {
  const contract = { discounts: [{ provider: 'deepseek', percent: 50 }] };
  const cost = priceUsage(
    { inputTokens: 1, cacheReadInputTokens: 1, outputTokens: 0 },
    { provider: 'deepseek', model: 'deepseek-v4-pro', atMs: Date.parse('2026-08-01') },
    contract,
  );
  // 3,625 pico-USD a token, halved.
  expect(cost).toMatchObject({ parts: { cacheReadPicoUsd: 1_813 }, amountPicoUsd: 1_813 });
});

test('an override is the contracted price: no discount, modes still multiply it', () => {
  const contract = {
    discounts: [{ provider: 'openai', percent: 50 }],
    overrides: [{ provider: 'openai', model: 'gpt-5-mini', input: 0.2 }],
  };
  expect(readParts(contract)).toEqual([120_000_000, 10_000_000, 200_000_000, 10_000_000_000, 10_330_000_000]);
  const batch = priceUsage(
    USAGE,
    { provider: 'openai', model: 'gpt-5-mini', atMs: AT_MS, mode: 'batch' },
    contract,
  );
  expect(batch).toMatchObject({ parts: { inputPicoUsd: 60_000_000 } });
});

test('an override holds in every context tier', () => {
  const contract = { overrides: [{ model: 'gpt-5.4', input: 1, output: 2 }] };
  const asked = { provider: 'openai', model: 'gpt-5.4', atMs: AT_MS };
  expect(priceUsage({ inputTokens: 300_000, outputTokens: 10 }, asked, contract)).toMatchObject({
    amountPicoUsd: 300_000 * 1_000_000 + 10 * 2_000_000,
  });
});

test('an override prices a model and a provider that no table knows', () => {
  const contract = { overrides: [{ provider: 'ollama', model: 'llama3', input: 0.01, output: 0.02 }] };
  const usage = { inputTokens: 1_000, outputTokens: 100 };
  expect(priceUsage(usage, { provider: 'ollama', model: 'llama3', atMs: AT_MS }, contract)).toEqual({
    status: 'priced',
    amountPicoUsd: 12_000_000,
    parts: {
      inputPicoUsd: 10_000_000,
      cacheReadPicoUsd: 0,
      cacheWritePicoUsd: 0,
      outputPicoUsd: 2_000_000,
      toolsPicoUsd: 0,
    },
    source: 'local',
    mode: 'standard',
    priceVersion: PRICE_TABLE_VERSION,
  });
  expect(priceUsage(usage, { provider: 'ollama', model: 'llama4', atMs: AT_MS }, contract)).toEqual({
    status: 'unpriced',
    reason: 'unknown_provider',
  });
});

test('a cost that the provider reported is not discounted', () => {
  const contract = { discounts: [{ provider: 'openrouter', percent: 50 }] };
  const asked = { provider: 'openrouter', model: 'x', atMs: AT_MS };
  expect(priceUsage({ providerCostUsd: 1 }, asked, contract)).toMatchObject({ amountPicoUsd: 1e12 });
});

test('an impossible contract is refused with its entry', () => {
  expect(() => createPricer({ contract: { discounts: [{ provider: 'openai', percent: 101 }] } })).toThrow(
    'prices.discounts: percent of "openai" must be 0 to 100, got 101',
  );
  expect(() => createPricer({ contract: { overrides: [{ model: 'gpt-5', input: -1 }] } })).toThrow(
    'prices.overrides: input of "gpt-5"',
  );
});

test('describePrice says what a call will be charged', () => {
  const contract = { discounts: [{ provider: 'openai', percent: 10 }] };
  expect(
    describePrice({ provider: 'openai', model: 'gpt-5.4-2026-03-05', atMs: AT_MS, mode: 'flex' }, contract),
  ).toEqual({
    status: 'priced',
    provider: 'openai',
    model: 'gpt-5.4',
    mode: 'flex',
    priceVersion: PRICE_TABLE_VERSION,
    sources: ['@pydantic/genai-prices@0.1.8', 'https://openai.com/api-priority-processing/'],
    match: 'snapshot',
    checked: '2026-11-27',
    tiers: [
      { minInputTokens: 0, usdPerMtok: { input: '1.125', cacheRead: '0.1125', output: '6.75' } },
      { minInputTokens: 272_000, usdPerMtok: { input: '2.25', cacheRead: '0.225', output: '10.125' } },
    ],
    usdPerRequest: {
      web_search: '0.009',
      web_search_preview: '0.0225',
      file_search: '0.00225',
      code_interpreter: '0.027',
    },
  });
  expect(describePrice({ provider: 'openai', model: 'gpt-99', atMs: AT_MS })).toEqual({
    status: 'unpriced',
    reason: 'unknown_model',
  });
});

test('list and effective amounts are both kept, nested usage included', () => {
  const contract = {
    discounts: [{ provider: 'openai', model: 'gpt-5-mini', percent: 10 }],
    overrides: [{ provider: 'openai', model: 'gpt-5-nano', input: 0.04 }],
  };
  const read = (model: string, usage: Usage) =>
    priceUsage(usage, { provider: 'openai', model, atMs: AT_MS }, contract);
  const thousand = { inputTokens: 1_000, outputTokens: 0 };
  expect(read('gpt-5-mini', thousand)).toMatchObject({
    amountPicoUsd: 225_000_000,
    listAmountPicoUsd: 250_000_000,
  });
  expect(read('gpt-5-nano', thousand)).toMatchObject({
    amountPicoUsd: 40_000_000,
    listAmountPicoUsd: 50_000_000,
  });
  expect(read('gpt-5', thousand)).not.toHaveProperty('listAmountPicoUsd');
  const nested = [{ model: 'gpt-5-mini', usage: thousand }];
  expect(read('gpt-5', { ...thousand, nested })).toMatchObject({
    amountPicoUsd: 1_475_000_000,
    listAmountPicoUsd: 1_500_000_000,
  });
});

test('a contract in another currency is converted once, at its stated rate; units and tools have overrides too', () => {
  const contract = {
    currency: { code: 'EUR', usd: 1.08 },
    overrides: [
      { provider: 'mistral_ai', model: 'mistral-ocr-2512', currency: 'EUR', units: { input_page: 0.001 } },
      { provider: 'openai', model: 'gpt-5-mini', currency: 'EUR', input: 0.2, tools: { web_search: 0.005 } },
    ],
  };
  const price = (usage: Usage, provider: string, model: string) =>
    priceUsage(usage, { provider, model, atMs: AT_MS }, contract);
  expect(price({ units: { input_page: 100 } }, 'mistral_ai', 'mistral-ocr-2512')).toMatchObject({
    amountPicoUsd: 108_000_000_000,
    listAmountPicoUsd: 200_000_000_000,
  });
  const usage = { inputTokens: 1_000, outputTokens: 0, toolRequests: { web_search: 1 } };
  expect(price(usage, 'openai', 'gpt-5-mini')).toMatchObject({
    parts: { inputPicoUsd: 216_000_000, toolsPicoUsd: 5_400_000_000 },
  });
  expect(() =>
    createPricer({ contract: { overrides: [{ model: 'gpt-5', currency: 'CHF', input: 1 }] } }),
  ).toThrow('prices.overrides: "gpt-5" is in CHF, prices.currency says nothing; state the rate of CHF there');
});

test('a model that is free under the contract keeps its list price beside the 0', () => {
  const contract = { discounts: [{ provider: 'openai', percent: 100 }] };
  const usage = { inputTokens: 1_000, cacheReadInputTokens: 400, outputTokens: 10 };
  expect(priceUsage(usage, { provider: 'openai', model: 'gpt-5', atMs: AT_MS }, contract)).toMatchObject({
    amountPicoUsd: 0,
    listAmountPicoUsd: 600 * 1_250_000 + 400 * 125_000 + 10 * 10_000_000,
  });
});
