import { createPricer } from '@costspan/pricing';
import { describe, expect, it } from 'vitest';
import { EMPTY_RESULT, type StainlessProvider } from '../../src/provider.ts';
import { cerebras } from '../../src/providers/cerebras.ts';
import { groq } from '../../src/providers/groq.ts';
import { PROVIDERS } from '../../src/providers/index.ts';
import { openai } from '../../src/providers/openai.ts';
import { perplexity } from '../../src/providers/perplexity.ts';
import { sambanova } from '../../src/providers/sambanova.ts';
import { together } from '../../src/providers/together.ts';
import { writer } from '../../src/providers/writer.ts';
import { foldEveryCut } from './recordings.ts';

const find = (provider: StainlessProvider, path: string) =>
  provider.endpoints.find((endpoint) => endpoint.method === 'post' && endpoint.path.test(path));

describe('SDKs that speak OpenAI’s API for another host', () => {
  it.each([
    [groq, 'groq', '/openai/v1/chat/completions', 'https://api.groq.com'],
    [together, 'together', '/chat/completions', 'https://api.together.xyz/v1'],
    [cerebras, 'cerebras', '/v1/chat/completions', 'https://api.cerebras.ai'],
    [perplexity, 'perplexity', '/chat/completions', 'https://api.perplexity.ai'],
    [sambanova, 'sambanova', '/chat/completions', 'https://api.sambanova.ai/v1'],
    [writer, 'writer', '/v1/chat', 'https://api.writer.com'],
  ] as const)('SDK %#', (provider, name, path, baseUrl) => {
    const endpoint = find(provider, path)!;
    const read = (url: string) =>
      endpoint.readRequest({ path, body: { model: 'm' }, client: { baseUrl: url, classNames: [] } });
    expect(endpoint.name).toBe('chat.completions');
    expect(read(baseUrl).provider).toBe(name);
    // A gateway in front changes nothing; a known host does.
    expect(read('http://gateway.internal:8080').provider).toBe(name);
    expect(read('https://api.openai.com/v1').provider).toBe('openai');
    expect(find(provider, '/v1/models')).toBeUndefined();
    expect(PROVIDERS.map((known) => known.module)).toContain(provider.module);
  });

  it('asks no stream for usage that sends it unasked', () => {
    const asking = [groq, together, cerebras, perplexity, sambanova, writer].map((provider) => [
      provider.name,
      provider.endpoints.some(({ name, ...rest }) => name === 'chat.completions' && rest.askForStreamUsage),
    ]);
    expect(Object.fromEntries(asking)).toEqual({
      groq: false,
      together: false,
      cerebras: false,
      perplexity: false,
      sambanova: true,
      writer: true,
    });
  });
});

describe('a compound system of Groq', () => {
  const endpoint = find(groq, '/openai/v1/chat/completions')!;
  const request = endpoint.readRequest({
    path: '',
    body: { model: 'groq/compound' },
    client: { baseUrl: 'https://api.groq.com', classNames: [] },
  });
  const usage = { prompt_tokens: 3_000, completion_tokens: 300, total_tokens: 3_300 };
  const models = [
    { model: 'llama-3.3-70b-versatile', usage: { prompt_tokens: 1_000, completion_tokens: 100 } },
    {
      model: 'meta-llama/llama-4-scout-17b-16e-instruct',
      usage: { prompt_tokens: 2_000, completion_tokens: 200 },
    },
  ];
  const price = (result: { usage?: object; responseModel?: string }) =>
    createPricer().price(result.usage, {
      provider: 'groq',
      model: result.responseModel ?? '',
      atMs: Date.parse('2026-11-27'),
    });
  // 1000 × 0.59 + 100 × 0.79 + 2000 × 0.11 + 200 × 0.34 USD per million.
  const amountPicoUsd = 590_000_000 + 79_000_000 + 220_000_000 + 68_000_000;

  it('is priced by the models that it used', () => {
    const body = { model: 'groq/compound', choices: [], usage, usage_breakdown: { models } };
    const result = endpoint.readResponse(body, request);
    expect(result.usage).toMatchObject({ inputTokens: 3_000, outputTokens: 300 });
    expect(result.estimatedReason).toBeUndefined();
    expect(price(result)).toMatchObject({ status: 'priced', amountPicoUsd });
  });

  it('is an estimate where its tools were used, whose fees are not stated', () => {
    const choices = [{ index: 0, message: { executed_tools: [{ type: 'search' }] } }];
    const body = { model: 'groq/compound', choices, usage, usage_breakdown: { models } };
    expect(endpoint.readResponse(body, request).estimatedReason).toBe('tool_fees_missing');
  });

  it('is an estimate too where one model uses them', () => {
    const executed_tools = [{ type: 'browser_search' }];
    const model = 'openai/gpt-oss-120b';
    const body = { model, choices: [{ index: 0, message: { executed_tools } }], usage };
    expect(endpoint.readResponse(body, request).estimatedReason).toBe('tool_fees_missing');
    const chunks = [
      { id: 'c', model, choices: [{ index: 0, delta: { content: 'a' } }] },
      { id: 'c', choices: [{ index: 0, delta: { executed_tools } }] },
      { id: 'c', choices: [{ index: 0, delta: { content: 'b' } }] },
      { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { usage } },
    ];
    const results = foldEveryCut(endpoint, chunks, { ...request, isStream: true });
    expect(results.at(-1)).toMatchObject({ usageStatus: 'complete', estimatedReason: 'tool_fees_missing' });
  });

  it('is not priced by a list that cannot be read', () => {
    const body = { model: 'groq/compound', usage, usage_breakdown: { models: [...models, { usage }] } };
    expect(price(endpoint.readResponse(body, request))).toMatchObject({ reason: 'unknown_model' });
  });

  it('says on the last chunk of a stream what it used', () => {
    const chunks = [
      { id: 'c', model: 'groq/compound', choices: [{ index: 0, delta: { content: 'a' } }] },
      { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { id: 'c', choices: [], x_groq: { usage, usage_breakdown: { models } } },
    ];
    const results = foldEveryCut(endpoint, chunks, { ...request, isStream: true });
    expect(results.map(({ usageStatus }) => usageStatus)).toEqual([
      EMPTY_RESULT.usageStatus,
      'missing',
      'missing',
      'complete',
    ]);
    expect(price(results.at(-1)!)).toMatchObject({ amountPicoUsd });
  });
});

describe('what further endpoints of these SDKs are billed by', () => {
  const read = (provider: StainlessProvider, path: string, [asked, answer]: readonly [object, unknown]) => {
    const endpoint = find(provider, path)!;
    const client = { baseUrl: 'http://gateway.internal', classNames: [] };
    const request = endpoint.readRequest({ path, body: asked, client });
    const result = endpoint.readResponse(answer, request);
    const model = result.responseModel ?? request.model ?? '';
    const query = { provider: request.provider, model, atMs: Date.parse('2026-11-27') };
    return { endpoint, result, cost: createPricer().price(result.usage, query) };
  };

  it('is the length of a recording on Groq, ten seconds at least', () => {
    const path = '/openai/v1/audio/transcriptions';
    const model = 'whisper-large-v3-turbo';
    const long = read(groq, path, [{ model }, { text: 'a', duration: 3_600 }]);
    expect(long.cost).toMatchObject({ status: 'priced', amountPicoUsd: 40_000_000_000 });
    const short = read(groq, path, [{ model }, { text: 'a', duration: 1 }]);
    expect(short.cost).toMatchObject({ amountPicoUsd: Math.round((40_000_000_000 * 10) / 3_600) });
  });

  it('is half of a result in a batch, wherever its file is', () => {
    const path = '/openai/v1/files/file_1/content';
    const content = groq.endpoints.find((endpoint) => endpoint.path.test(path))!;
    const request = content.readRequest({
      path,
      body: undefined,
      client: { baseUrl: undefined, classNames: [] },
    });
    const body = {
      object: 'chat.completion',
      model: 'openai/gpt-oss-20b',
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    };
    expect([request.results, request.provider]).toEqual(['file_1', 'groq']);
    expect(content.readResult!({ custom_id: 'a', response: { body } }, request)).toMatchObject({
      request: { operation: 'chat', provider: 'groq' },
      result: { mode: 'batch', usage: { inputTokens: 10, outputTokens: 5 } },
    });
  });

  it('is what an asynchronous completion of Perplexity cost, once it is there', () => {
    const path = '/async/chat/completions';
    const asked = { request: { model: 'sonar-deep-research', messages: [] } };
    const open = read(perplexity, path, [asked, { id: 'job', status: 'IN_PROGRESS', response: null }]);
    expect([open.endpoint.isPending!(open.result), open.result.usageStatus]).toEqual([true, 'missing']);
    const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, cost: { total_cost: 0.5 } };
    const response = { id: 'completion', model: 'sonar-deep-research', choices: [], usage };
    const done = read(perplexity, path, [asked, { id: 'job', status: 'COMPLETED', response }]);
    expect([done.endpoint.isPending!(done.result), done.result.responseId]).toEqual([false, 'job']);
    expect(done.cost).toMatchObject({ source: 'provider', amountPicoUsd: 500_000_000_000 });
  });
});

describe('Mistral hears in a chat', () => {
  const endpoint = find(openai, '/chat/completions')!;
  const request = endpoint.readRequest({
    path: '/chat/completions',
    body: { model: 'voxtral-small-latest' },
    client: { baseUrl: 'https://api.mistral.ai/v1', classNames: [] },
  });
  const usage = {
    prompt_audio_seconds: 4,
    prompt_tokens: 9,
    completion_tokens: 201,
    total_tokens: 585,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 375 },
  };

  it('seconds, which are billed beside the prompt: what has a price is priced', () => {
    const result = endpoint.readResponse({ model: 'voxtral-small-latest', choices: [], usage }, request);
    expect(result.usage).toMatchObject({
      inputTokens: 9,
      outputTokens: 201,
      units: { input_audio_ms: 4_000 },
    });
    expect(result.estimatedReason).toBeUndefined();
    const cost = createPricer().price(result.usage, {
      provider: 'mistral_ai',
      model: 'voxtral-small-latest',
      atMs: Date.parse('2026-11-27'),
    });
    // 9 × 0.1 + 201 × 0.4 USD per million; its price for a second of sound is not known.
    expect(cost).toMatchObject({ status: 'partial', amountPicoUsd: 900_000 + 80_400_000 });
  });
});
