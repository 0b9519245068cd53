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
  const commitment = { status: 'unpriced', reason: 'commitment' };
  expect(priceUsage(usage, query('anthropic', 'claude-opus-4-7', { mode: 'priority' }))).toEqual(commitment);
  expect(priceUsage(usage, query('openai', 'gpt-5', { mode: 'provisioned' }))).toEqual(commitment);
  const provisioned = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdef012345';
  expect(priceUsage(usage, query('aws.bedrock', provisioned))).toEqual(commitment);
  expect(priceUsage(usage, query('anthropic', 'claude-sonnet-4-5', { mode: 'fast' }))).toEqual(noRate);
  expect(priceUsage(usage, query('x_ai', 'grok-4.5', { mode: 'batch' }))).toEqual(noRate);
});

test('a subscription has no price by the token, unless the contract gives it one', () => {
  const usage = { inputTokens: 1_000, outputTokens: 10 };
  const asked = query('chatgpt', 'gpt-5-mini');
  expect(priceUsage(usage, asked)).toEqual({ status: 'unpriced', reason: 'not_billed_per_token' });
  const overrides = [{ provider: 'chatgpt', model: 'gpt-5-mini', input: 0.1, output: 1 }];
  expect(createPricer({ contract: { overrides } }).price(usage, asked)).toMatchObject({
    status: 'priced',
    amountPicoUsd: micro(1_000 * 0.1 + 10),
  });
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
  ];
  for (const [usage, asked, reason] of cases) {
    expect(priceUsage(usage, asked), JSON.stringify([usage, asked.model])).toEqual({
      status: 'unpriced',
      reason,
    });
  }
});

const COUNT_RULE = 'a count is a whole number from 0 to 2^53 - 1';

test('what cannot be true is refused with the value and the rule', () => {
  const cases: [Usage, string, string][] = [
    [{ inputTokens: -1 }, 'invalid_usage', `inputTokens is -1: ${COUNT_RULE}`],
    [{ inputTokens: 1.5 }, 'invalid_usage', `inputTokens is 1.5: ${COUNT_RULE}`],
    [{ inputTokens: Number.NaN }, 'invalid_usage', `inputTokens is NaN: ${COUNT_RULE}`],
    [{ outputTokens: 2 ** 53 }, 'invalid_usage', `outputTokens is 9007199254740992: ${COUNT_RULE}`],
    [
      { inputTokens: 10, cacheReadInputTokens: 6, cacheWriteInputTokens: 5 },
      'invalid_usage',
      'cacheReadInputTokens + cacheWriteInputTokens is 11, inputTokens 10: what is cached is part of the input',
    ],
    [
      { outputTokens: 1, reasoningOutputTokens: 2 },
      'invalid_usage',
      'reasoningOutputTokens is 2, outputTokens 1: reasoning is part of the output',
    ],
    [
      { inputTokens: 9, input: { text: 5, image: 5 } },
      'invalid_usage',
      'input adds up to 10, the whole is 9',
    ],
    [
      { inputTokens: 9, cacheReadInputTokens: 4, cacheRead: { audio: 3 }, input: { audio: 2 } },
      'invalid_usage',
      'cacheRead.audio is 3, input.audio 2: what is cached is part of the input',
    ],
    [
      { inputTokens: 9, cacheWriteInputTokens: 2, cacheWriteByTtl: { '1h': 3 } },
      'invalid_usage',
      'cacheWriteByTtl adds up to 3, the whole is 2',
    ],
    [
      { inputTokens: 9, toolRequests: { web_search: -1 } },
      'invalid_usage',
      `toolRequests.web_search is -1: ${COUNT_RULE}`,
    ],
    [{ units: { input_page: 0.5 } }, 'invalid_usage', `units.input_page is 0.5: ${COUNT_RULE}`],
    [
      { inputTokens: 2 ** 52, outputTokens: 1 },
      'amount_over_limit',
      'the amount is over 9000000000000000 pico-USD, the limit of one call',
    ],
    [
      { providerCostUsd: 9_001 },
      'amount_over_limit',
      'providerCostUsd is 9001, the limit of one call is 9000',
    ],
    [{ providerCostUsd: -1 }, 'invalid_usage', 'providerCostUsd is -1: a cost is a number of at least 0'],
  ];
  for (const [usage, reason, detail] of cases) {
    expect(priceUsage(usage, query('openai', 'gpt-5')), JSON.stringify(usage)).toEqual({
      status: 'unpriced',
      reason,
      detail,
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
    detail: 'nested is deeper than 4: usage inside usage is a loop there',
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
