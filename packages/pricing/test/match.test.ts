import { expect, test } from 'vitest';
import { describePrice, type PriceContract, priceUsage } from '../src/index.ts';
import { findModel, indexCard } from '../src/match.ts';
import type { RateCard } from '../src/rate-card.ts';

const AT_MS = Date.parse('2026-11-01');

/** USD per million input tokens of a model, or why there is none. */
function readInputUsd(provider: string, model: string, contract?: PriceContract): number | string {
  const cost = priceUsage(
    { inputTokens: 1_000, outputTokens: 0 },
    { provider, model, atMs: AT_MS },
    contract,
  );
  return cost.status === 'unpriced' ? cost.reason : cost.amountPicoUsd / 1e9;
}

test('an id never matches a longer one', () => {
  expect(readInputUsd('anthropic', 'claude-sonnet-5')).toBe(2);
  expect(readInputUsd('anthropic', 'claude-sonnet-5-5-5')).toBe('unknown_model');
  expect(readInputUsd('anthropic', 'claude-sonnet-5-mini')).toBe('unknown_model');
  expect(readInputUsd('anthropic', 'claude-haiku-4-5-preview')).toBe('unknown_model');
  expect(readInputUsd('openai', 'gpt-5-nano-ultra')).toBe('unknown_model');
  expect(readInputUsd('openai', 'gpt-4.1-2025-04-14-extra')).toBe('unknown_model');
});

test('claude-sonnet-5-5 is not priced as claude-sonnet-5: its cache reads cost half', () => {
  const usage = { inputTokens: 1_000, cacheReadInputTokens: 1_000, outputTokens: 0 };
  const read = (model: string) => priceUsage(usage, { provider: 'anthropic', model, atMs: AT_MS });
  expect(read('claude-sonnet-5')).toMatchObject({ amountPicoUsd: 200_000_000 });
  expect(read('claude-sonnet-5-5')).toMatchObject({ amountPicoUsd: 100_000_000 });
  expect(read('claude-sonnet-5-5-20260928')).toMatchObject({ amountPicoUsd: 100_000_000 });
});

test('models that a substring rule confuses are kept apart', () => {
  expect(readInputUsd('groq', 'openai/gpt-oss-120b')).toBe(0.15);
  expect(readInputUsd('groq', 'openai/gpt-oss-safeguard-20b')).toBe(0.075);
  expect(readInputUsd('aws.bedrock', 'amazon.titan-embed-text-v1')).toBe(0.1);
  expect(readInputUsd('aws.bedrock', 'amazon.titan-embed-text-v2:0')).toBe(0.02);
  expect(readInputUsd('gcp.gemini', 'gemini-pro-latest')).toBe(2);
  expect(readInputUsd('mistral_ai', 'mistral-large-latest')).toBe(0.5);
  expect(readInputUsd('mistral_ai', 'mistral-large-2411')).toBe(2);
  expect(readInputUsd('gcp.gemini', 'gemini-2.5-flash-lite-preview-06-17')).toBe(0.1);
  expect(readInputUsd('gcp.gemini', 'gemini-2.5-pro-preview-tts')).toBe(1);
});

test('dated snapshots of an id and of its aliases', () => {
  expect(readInputUsd('anthropic', 'claude-haiku-4-5-20251001')).toBe(1);
  expect(readInputUsd('anthropic', 'claude-haiku-4.5-20251001')).toBe(1);
  expect(readInputUsd('gcp.vertex_ai', 'claude-sonnet-4-5@20250929')).toBe(3);
  expect(readInputUsd('gcp.gemini', 'gemini-2.5-pro-preview-05-06')).toBe(1.25);
  expect(readInputUsd('openai', 'gpt-4o-2024-11-20')).toBe(2.5);
  expect(readInputUsd('openai', 'gpt-4o-2024-05-13')).toBe(5);
  expect(readInputUsd('openai', 'gpt-5.6-terra-2026-07-30')).toBe(2);
  expect(readInputUsd('openai', 'ft:gpt-4o-mini-2024-07-18:acme:support:abc123')).toBe(0.3);
  expect(readInputUsd('openai', 'ft:gpt-4.1-2025-04-14:acme::abc123')).toBe(3);
  expect(readInputUsd('openai', 'ft:gpt-99-2025-04-14:acme::abc123')).toBe('unknown_model');
});

test('provider names are the conventions’, each with its own prices', () => {
  expect(readInputUsd('azure.ai.openai', 'gpt-35-turbo')).toBe(0.5);
  expect(readInputUsd('azure.ai.inference', 'phi-4')).toBe(0.125);
  expect(readInputUsd('azure.ai.inference', 'grok-4-1-fast-non-reasoning')).toBe(0.2);
  expect(readInputUsd('x_ai', 'grok-4.3')).toBe(1.25);
  expect(readInputUsd('mistral_ai', 'mistral-small-latest')).toBe(0.15);
  expect(readInputUsd('moonshot_ai', 'kimi-k3')).toBe(3);
  expect(readInputUsd('z_ai', 'glm-5.2')).toBe(1.4);
  expect(readInputUsd('voyage', 'voyage-3.5')).toBe(0.06);
  expect(readInputUsd('aws.bedrock', 'us.amazon.nova-lite-v1:0')).toBe(0.06);
  // Google sells no OpenAI model, OpenAI no Claude.
  expect(readInputUsd('gcp.gemini', 'gpt-5')).toBe('unknown_model');
  expect(readInputUsd('openai', 'claude-sonnet-5')).toBe('unknown_model');
  for (const provider of ['ollama', 'ibm.watsonx.ai', 'api.example.com', 'x-ai', '']) {
    expect(readInputUsd(provider, 'gpt-5')).toBe('unknown_provider');
  }
});

test('Bedrock ARNs: inference profiles say their model, application profiles do not, even when they contain a name', () => {
  const application =
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/claude-haiku-4-5-20251001';
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile';
  expect(readInputUsd('aws.bedrock', `${arn}/us.anthropic.claude-haiku-4-5-20251001-v1:0`)).toBe(1.1);
  expect(readInputUsd('aws.bedrock', `${arn}%2Fus.anthropic.claude-haiku-4-5-20251001-v1:0`)).toBe(1.1);
  expect(readInputUsd('aws.bedrock', `${arn}/global.anthropic.claude-haiku-4-5-20251001-v1:0`)).toBe(1);
  expect(readInputUsd('aws.bedrock', application)).toBe('unknown_model');
  const models = { [application]: 'global.anthropic.claude-haiku-4-5-20251001-v1:0' };
  expect(readInputUsd('aws.bedrock', application, { models })).toBe(1);
});

test('the deployment map comes last: it cannot rename a model that the table knows', () => {
  const contract = { models: { 'our-chat': 'gpt-5-mini', 'gpt-5': 'gpt-5-nano', broken: 'gpt-99' } };
  expect(readInputUsd('azure.ai.openai', 'our-chat', contract)).toBe(0.25);
  expect(readInputUsd('azure.ai.openai', 'gpt-5', contract)).toBe(1.25);
  expect(readInputUsd('azure.ai.openai', 'broken', contract)).toBe('unknown_model');
});

test('ids are compared exactly, case included', () => {
  expect(readInputUsd('openai', 'GPT-5')).toBe('unknown_model');
});

test('two models that claim one id are an error, not a coin toss', () => {
  const card: RateCard = {
    name: 'twice',
    source: 'test',
    ids: { suffixes: ['-\\d{8}$'] },
    models: [
      { id: 'a', aliases: ['b'], rates: [] },
      { id: 'b', rates: [] },
    ],
  };
  expect(() => indexCard(card)).toThrow('twice: "b" is claimed by b and a');
  const models = [
    { id: 'c', rates: [] },
    { id: 'd', aliases: ['c-20250101'], rates: [] },
  ];
  expect(() => indexCard({ ...card, models })).toThrow(
    'twice: "c-20250101" is an alias of d and a snapshot of c',
  );
  const index = indexCard({
    ...card,
    models: [
      { id: 'a', rates: [] },
      { id: 'a-20250101', rates: [] },
    ],
  });
  expect(findModel(index, 'a-20250101')?.model.id).toBe('a-20250101');
  expect(findModel(index, 'a-20250102')?.model.id).toBe('a');
});

test('an id is looked for in five ways, in this order', () => {
  const contract = { models: { 'our-chat': 'claude-haiku-4-5' } };
  const ways = [
    ['anthropic', 'claude-haiku-4-5', 'exact'],
    ['anthropic', 'claude-haiku-4-5-20251001', 'snapshot'],
    ['anthropic', 'claude-haiku-4.5', 'alias'],
    ['aws.bedrock', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', 'profile'],
    ['anthropic', 'our-chat', 'deployment'],
  ] as const;
  for (const [provider, model, match] of ways) {
    expect(describePrice({ provider, model, atMs: AT_MS }, contract)).toMatchObject({ match });
  }
});

test('a base model answers by the name of its build, and costs what it is asked for as', () => {
  expect(readInputUsd('openai', 'davinci:2023-07-21-v2')).toBe(2);
  expect(readInputUsd('openai', 'babbage:2023-07-21-v2')).toBe(0.4);
  expect(readInputUsd('openai', 'davinci')).toBe(20);
});
