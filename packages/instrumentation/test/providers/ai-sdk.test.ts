import { expect, it } from 'vitest';
import { EMPTY_RESULT } from '../../src/provider.ts';
import { readPart } from '../../src/providers/ai-sdk/answer.ts';
import { messages } from '../../src/providers/anthropic/messages.ts';

const client = { baseUrl: 'https://api.anthropic.com', classNames: ['Anthropic'] };
const request = messages.readRequest({ path: '/v1/messages', body: { model: 'claude-opus-5' }, client });

it.each([
  ['cyber', { inputTokens: 0, outputTokens: 0 }],
  ['bio', undefined],
])("knows from the metadata of Anthropic's stream what a refusal for %s costs", (category, billed) => {
  const part = {
    type: 'finish',
    finishReason: { unified: 'content-filter', raw: 'refusal' },
    usage: { raw: { input_tokens: 400, output_tokens: 0 } },
    providerMetadata: { anthropic: { stopDetails: { type: 'refusal', category } } },
  };
  const { usage, billedUsage } = readPart('messages', EMPTY_RESULT, part, request);
  expect({ usage, billedUsage }).toEqual({
    usage: { inputTokens: 400, outputTokens: 0 },
    billedUsage: billed,
  });
});
