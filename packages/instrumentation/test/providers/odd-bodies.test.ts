import { describe, expect, it } from 'vitest';
import { type CallReaders, EMPTY_RESULT } from '../../src/provider.ts';
import { anthropic } from '../../src/providers/anthropic.ts';
import { bedrock } from '../../src/providers/bedrock.ts';
import { cohere } from '../../src/providers/cohere.ts';
import { googleGenai, googleGenaiLive } from '../../src/providers/google-genai.ts';
import { generativeAi } from '../../src/providers/google-older.ts';
import { mistral } from '../../src/providers/mistral.ts';
import { ollama } from '../../src/providers/ollama.ts';
import { openai } from '../../src/providers/openai.ts';
import { openaiSockets } from '../../src/providers/openai-sockets.ts';
import { openrouter } from '../../src/providers/openrouter.ts';
import { voyage } from '../../src/providers/voyage.ts';

/** Bodies that are no answers: from proxies, mocks, empty replies and hostile servers. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  '',
  '<html>502</html>',
  0,
  true,
  [],
  {},
  { choices: [] },
  { choices: null, usage: null },
  { choices: {}, usage: [] },
  { choices: [null, 'x', 3], usage: 'many' },
  { usage: {} },
  { usage: { prompt_tokens: -1, completion_tokens: 1.5, total_tokens: '7' } },
  { usage: { prompt_tokens: null, prompt_tokens_details: null, completion_tokens_details: 'x' } },
  { usage: { input_tokens: Number.NaN, iterations: [null, 3, { type: 'compaction' }] } },
  { id: 3, model: {}, status: [], output: [null, { type: 'web_search_call', action: 'x' }] },
  { type: 'message', content: null, stop_reason: 5 },
  { type: 'message_start', message: null },
  { type: 'message_delta', delta: 'x', usage: [] },
  { type: 'content_block_start', content_block: null },
  { type: 'response.completed', response: null },
  { response: { status: {}, output: {} } },
  { messages: 'x', tools: {}, input: [null], prompt: [[1, 2]], stop: {}, n: 'x' },
];

const PROVIDERS = [
  openai,
  openaiSockets,
  anthropic,
  ollama,
  googleGenai,
  googleGenaiLive,
  generativeAi,
  bedrock,
  mistral,
  cohere,
  openrouter,
  voyage,
];
const ENDPOINTS = PROVIDERS.flatMap((provider) =>
  provider.endpoints.map((endpoint: CallReaders) => [`${provider.name} ${endpoint.name}`, endpoint] as const),
);
const CLIENT = { baseUrl: 'http://127.0.0.1:1/v1', classNames: [] };

describe.each(ENDPOINTS)('%s', (_name, endpoint) => {
  const calls = ODD.map((body) => ({ path: '/responses/%', body, client: CLIENT, isContentCaptured: true }));

  it('reads any request', () => {
    for (const call of calls) {
      const request = endpoint.readRequest(call);
      // A guardrail is no model, and is priced under a name of its own.
      expect([undefined, 'amazon.guardrail']).toContain(request.model);
      // A realtime response has no other form, and some SDKs have a method of its own for streams.
      expect(request.isStream).toBe(/^realtime$|^live\.|stream/i.test(endpoint.name));
      request.content?.();
    }
  });

  it('finds no usage in a body that has none', () => {
    const request = endpoint.readRequest(calls[0]!);
    for (const body of ODD) {
      const result = endpoint.readResponse(body, request);
      expect(result.usageStatus).toBe('missing');
      expect(result.usage?.inputTokens).toBeUndefined();
      endpoint.isPending?.(result);
      result.content?.();
    }
  });

  it('folds any chunks', () => {
    if (endpoint.readChunk === undefined) return;
    const request = endpoint.readRequest(calls[0]!);
    let result = EMPTY_RESULT;
    for (const chunk of [...ODD, ...ODD]) {
      result = endpoint.readChunk(result, chunk, request);
      expect(result.usageStatus).toBe('missing');
      result.content?.();
    }
  });
});
