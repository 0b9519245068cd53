/** What SDKs that Speakeasy generated hand on of answers that they have no form for. */
import { expect, it } from 'vitest';
import { EMPTY_RESULT, type MethodEndpoint } from '../../src/provider.ts';
import { mistral } from '../../src/providers/mistral.ts';
import { openrouter } from '../../src/providers/openrouter.ts';

const CLIENT = { baseUrl: undefined, classNames: [] };
const find = (endpoints: readonly MethodEndpoint[], className: string, method: string): MethodEndpoint =>
  endpoints.find((one) => one.className === className && one.method === method)!;
const requestOf = (endpoint: MethodEndpoint, body: object) =>
  endpoint.readRequest({ path: '', body, client: CLIENT });

it('reads an event of OpenRouter that its SDK has no form for', () => {
  const endpoint = find(openrouter.endpoints, 'Responses', 'send');
  const usage = { input_tokens: 78, output_tokens: 37, total_tokens: 115, cost: 0.0000113, is_byok: false };
  const raw = { type: 'response.completed', response: { id: 'gen-1', model: 'openai/gpt-oss-20b', usage } };
  const request = requestOf(endpoint, { model: 'openai/gpt-oss-20b', stream: true });
  expect(endpoint.readChunk!(EMPTY_RESULT, { type: 'UNKNOWN', isUnknown: true, raw }, request)).toMatchObject(
    {
      usageStatus: 'complete',
      usage: { inputTokens: 78, outputTokens: 37, providerCostUsd: 0.0000113 },
    },
  );
});

it('reads an event of a Mistral conversation that its SDK has no form for', () => {
  const endpoint = find(mistral.endpoints, 'Conversations', 'startStream');
  const usage = { prompt_tokens: 20, completion_tokens: 8, total_tokens: 28 };
  const raw = { type: 'conversation.response.done', usage };
  const request = requestOf(endpoint, {});
  const event = { event: 'conversation.response.done', data: { type: 'UNKNOWN', isUnknown: true, raw } };
  expect(endpoint.readChunk!(EMPTY_RESULT, event, request)).toMatchObject({
    usageStatus: 'complete',
    usage: { inputTokens: 20, outputTokens: 8 },
  });
});

it('prices what a model of Mistral heard by the second, beside the prompt', () => {
  const endpoint = find(mistral.endpoints, 'Chat', 'complete');
  const usage = {
    promptTokens: 9,
    completionTokens: 201,
    totalTokens: 585,
    promptAudioSeconds: 4,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 375 },
  };
  expect(endpoint.readResponse({ usage, choices: [] }, requestOf(endpoint, {})).usage).toEqual({
    inputTokens: 9,
    cacheReadInputTokens: 0,
    outputTokens: 201,
    units: { input_audio_ms: 4_000 },
  });
});
