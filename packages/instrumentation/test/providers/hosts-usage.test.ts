/** What each host that speaks OpenAI's API adds to it, and what its calls cost. */
import { createPricer } from '@costspan/pricing';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/provider.ts';
import { chatCompletions } from '../../src/providers/openai/chat.ts';
import { responses } from '../../src/providers/openai/responses.ts';

interface Asked {
  readonly baseUrl: string;
  readonly model: string;
  readonly answer: object;
  readonly endpoint?: Endpoint;
}

function read({ baseUrl, model, answer, endpoint = chatCompletions }: Asked) {
  const request = endpoint.readRequest({ path: '', body: { model }, client: { baseUrl, classNames: [] } });
  const result = endpoint.readResponse(answer, request);
  const { usage, mode, responseModel } = result;
  const cost = createPricer().price(usage, {
    provider: request.provider,
    model: responseModel ?? request.model ?? '',
    atMs: Date.parse('2026-11-27T12:00:00Z'),
    ...(mode === undefined ? {} : { mode }),
    ...(request.region === undefined ? {} : { region: request.region }),
  });
  return { request, result, cost };
}

describe('hosts that say what they charged', () => {
  it('OpenRouter, in USD, with the upstream cost of a customer’s own key', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.002 };
    const asked = { baseUrl: 'https://openrouter.ai/api/v1', model: 'openai/gpt-4o' };
    const own = read({ ...asked, answer: { usage: { ...usage, is_byok: false } } });
    expect(own.cost).toMatchObject({ source: 'provider', amountPicoUsd: 2_000_000_000 });
    const cost_details = { upstream_inference_cost: 0.05 };
    const byok = read({ ...asked, answer: { usage: { ...usage, is_byok: true, cost_details } } });
    expect(byok.cost).toMatchObject({ source: 'provider', amountPicoUsd: 52_000_000_000 });
  });

  it('OpenRouter, where nothing else in the usage is its own; of another host the currency is unknown', () => {
    const answer = { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.002 } };
    const own = read({ baseUrl: 'https://openrouter.ai/api/v1', model: 'openai/gpt-4o', answer });
    expect(own.cost).toMatchObject({ source: 'provider', amountPicoUsd: 2_000_000_000 });
    const other = read({ baseUrl: 'https://llm.example.org/v1', model: 'gpt-4o', answer });
    expect(other.result.usage?.providerCostUsd).toBeUndefined();
  });

  it('xAI, in ticks of which a dollar has ten thousand million', () => {
    const asked = { baseUrl: 'https://api.x.ai/v1', model: 'grok-4' };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const { cost } = read({ ...asked, answer: { usage: { ...usage, cost_in_usd_ticks: 12_345_678 } } });
    expect(cost).toMatchObject({ source: 'provider', amountPicoUsd: 1_234_567_800 });
  });

  it('Perplexity, item by item', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: { total_cost: 0.006 } };
    const { cost } = read({ baseUrl: 'https://api.perplexity.ai', model: 'sonar', answer: { usage } });
    expect(cost).toMatchObject({ source: 'provider', amountPicoUsd: 6_000_000_000 });
  });
});

describe('hosts that count in their own way', () => {
  it('xAI leaves reasoning out of the completions of its chat, and in those of its responses', () => {
    const baseUrl = 'https://api.x.ai/v1';
    const chat = {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 160,
      completion_tokens_details: { reasoning_tokens: 50 },
    };
    expect(read({ baseUrl, model: 'grok-4', answer: { usage: chat } }).result.usage).toMatchObject({
      outputTokens: 60,
      reasoningOutputTokens: 50,
    });
    const usage = {
      input_tokens: 100,
      output_tokens: 60,
      total_tokens: 160,
      output_tokens_details: { reasoning_tokens: 50 },
    };
    const answer = { status: 'completed', usage };
    expect(read({ baseUrl, model: 'grok-4', answer, endpoint: responses }).result.usage).toMatchObject({
      outputTokens: 60,
      reasoningOutputTokens: 50,
    });
  });

  it.each([
    ['named in the answer', { num_server_side_tools_used: 1 }, { x_search: 1 }, undefined],
    [
      'counted in the usage',
      { server_side_tool_usage_details: { x_search_calls: 2 } },
      { x_search: 2 },
      undefined,
    ],
    ['that nothing names', { num_server_side_tools_used: 3 }, { x_search: 1 }, 'tool_fees_missing'],
    ['of former times', { num_sources_used: 4 }, { x_search: 1 }, 'tool_fees_missing'],
    [
      'that are paid for',
      { num_server_side_tools_used: 3, cost_in_usd_ticks: 5 },
      { x_search: 1 },
      undefined,
    ],
  ])('xAI has tools %s', (_name, more, toolRequests, estimatedReason) => {
    const usage = { input_tokens: 100, output_tokens: 60, total_tokens: 160, ...more };
    const output = [{ type: 'x_search_call', status: 'completed' }];
    const asked = { baseUrl: 'https://api.x.ai/v1', model: 'grok-4', endpoint: responses };
    const { result } = read({ ...asked, answer: { status: 'completed', output, usage } });
    expect(result.usage).toMatchObject({ toolRequests });
    expect(result.estimatedReason).toBe(estimatedReason);
  });

  it('DeepSeek has hits and misses of its cache within the prompt', () => {
    const usage = {
      prompt_tokens: 1_000,
      prompt_cache_hit_tokens: 900,
      prompt_cache_miss_tokens: 100,
      completion_tokens: 10,
      total_tokens: 1_010,
    };
    const { result } = read({
      baseUrl: 'https://api.deepseek.com',
      model: 'deepseek-chat',
      answer: { usage },
    });
    expect(result.usage).toMatchObject({ inputTokens: 1_000, cacheReadInputTokens: 900, outputTokens: 10 });
  });

  it('Azure answers for a deployment, and is priced by the model that answered', () => {
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };
    const asked = { baseUrl: 'https://shop.openai.azure.com/openai/deployments/support', model: 'support' };
    const { request, cost } = read({ ...asked, answer: { model: 'gpt-4o-2024-08-06', usage } });
    expect(request.provider).toBe('azure.ai.openai');
    expect(cost).toMatchObject({ amountPicoUsd: 2_500_000_000_000 });
    expect(read({ ...asked, answer: { usage } }).cost).toEqual({
      status: 'unpriced',
      reason: 'unknown_model',
    });
  });

  it('a regional host of OpenAI is dearer, where the model is', () => {
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };
    const priceAt = (host: string, model: string) =>
      read({ baseUrl: `https://${host}/v1`, model, answer: { model, usage } }).cost;
    const world = priceAt('api.openai.com', 'gpt-5.4') as { amountPicoUsd: number };
    // Long prompts have another rate; the factor is the same.
    expect(priceAt('us.api.openai.com', 'gpt-5.4')).toMatchObject({
      amountPicoUsd: Math.round(world.amountPicoUsd * 1.1),
    });
    expect(priceAt('eu.api.openai.com', 'gpt-4o')).toMatchObject({ amountPicoUsd: 2_500_000_000_000 });
  });
});
