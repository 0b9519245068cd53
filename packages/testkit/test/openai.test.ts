import OpenAI, { APIError, AzureOpenAI } from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type ProviderServer, startProviderServer } from '../src/index.ts';

// The judge of the wire format is the real client.
let provider: ProviderServer;
let client: OpenAI;

beforeEach(async () => {
  provider = await startProviderServer({ seed: 7 });
  client = new OpenAI({ apiKey: 'test', baseURL: provider.openaiUrl, maxRetries: 2 });
});
afterEach(() => provider.close());

const messages = [{ role: 'user' as const, content: 'Where is order ORD-1234?' }];
const lookup = {
  type: 'object',
  properties: { order_id: { type: 'string', pattern: '^ORD-[0-9]{4}$' } },
  required: ['order_id'],
  additionalProperties: false,
};
const Ticket = z.object({ category: z.enum(['order', 'refund', 'other']), urgent: z.boolean() });

test('chat answers n choices with one usage, and logs exactly that usage', async () => {
  const completion = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, n: 2 });
  expect(completion.choices.map((choice) => [choice.index, choice.finish_reason])).toEqual([
    [0, 'stop'],
    [1, 'stop'],
  ]);
  expect(completion.model).toBe('gpt-4o-mini-2024-07-18');
  expect(provider.log).toEqual([
    {
      index: 0,
      provider: 'openai',
      endpoint: 'chat.completions',
      requestModel: 'gpt-4o-mini',
      model: 'gpt-4o-mini-2024-07-18',
      responseId: completion.id,
      status: 200,
      attempt: 1,
      isStream: false,
      usage: completion.usage,
      usageSent: completion.usage,
      delivery: 'whole',
      eventsSent: 1,
      eventsTotal: 1,
    },
  ]);
});

test('equal requests to servers of equal seed give equal bills', async () => {
  const other = await startProviderServer({ seed: 7 });
  const request = { model: 'gpt-5-mini', messages };
  const first = await client.chat.completions.create(request);
  const second = await new OpenAI({ apiKey: 'test', baseURL: other.openaiUrl }).chat.completions.create(
    request,
  );
  await other.close();
  expect(second.usage).toEqual(first.usage);
  expect(first.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
});

test('parallel requests have indices, ids and bills of their own, the same in any order', async () => {
  const ask = (number: number) =>
    client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: `Ask ${number % 20}` }],
    });
  const forth = await Promise.all(Array.from({ length: 40 }, (_, number) => ask(number)));
  expect(provider.log.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, index) => index));
  const ids = forth.map(({ id }) => id);
  expect(new Set(ids).size).toBe(40);
  await provider.close();
  provider = await startProviderServer({ seed: 7 });
  client = new OpenAI({ apiKey: 'test', baseURL: provider.openaiUrl });
  const back = await Promise.all(Array.from({ length: 40 }, (_, number) => ask(39 - number)));
  expect(back.map(({ id }) => id).sort()).toEqual(ids.sort());
});

test('a chat stream without include_usage has no usage field; the bill is logged all the same', async () => {
  const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  const chunks = await collect(stream);
  expect(chunks.filter((chunk) => 'usage' in chunk)).toEqual([]);
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  await provider.waitUntilIdle();
  expect(provider.log[0]?.usage).toMatchObject({ completion_tokens: expect.any(Number) });
  expect(provider.log[0]).not.toHaveProperty('usageSent');
});

test('a chat stream with include_usage says null on every chunk but the extra last one', async () => {
  const stream = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);
  const last = chunks.pop();
  expect(new Set(chunks.map((chunk) => chunk.usage))).toEqual(new Set([null]));
  expect(last?.choices).toEqual([]);
  await provider.waitUntilIdle();
  expect(last?.usage).toEqual(provider.log[0]?.usageSent);
});

test('parse gets an instance of the schema, chosen from the conversation', async () => {
  const parsed = await client.chat.completions.parse({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'I want a refund' }],
    response_format: zodResponseFormat(Ticket, 'ticket'),
  });
  expect(parsed.choices[0]?.message.parsed).toEqual({ category: 'refund', urgent: expect.any(Boolean) });
});

test.each([false, true])('runTools calls the tool once and ends with a text (stream: %s)', async (stream) => {
  const asked: unknown[] = [];
  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'lookup_order',
        description: 'Looks up an order',
        parameters: lookup,
        parse: JSON.parse,
        function: (input: unknown) => {
          asked.push(input);
          return 'shipped';
        },
      },
    },
  ];
  const request = { model: 'gpt-4.1', messages, tools };
  const runner = stream
    ? client.chat.completions.runTools({ ...request, stream: true })
    : client.chat.completions.runTools(request);
  expect((await runner.finalContent())?.length).toBeGreaterThan(10);
  expect(asked).toEqual([{ order_id: 'ORD-1234' }]);
  expect(provider.requests.length).toBe(2);
});

test('the stream helper sees the same message as the log', async () => {
  const stream = client.chat.completions.stream({ model: 'gpt-4o-mini', messages });
  const completion = await stream.finalChatCompletion();
  expect(completion.choices[0]?.message.content?.length).toBeGreaterThan(10);
});

test('legacy completions, JSON and stream', async () => {
  const request = { model: 'gpt-3.5-turbo-instruct', prompt: 'Say hello' };
  const completion = await client.completions.create(request);
  expect(completion.usage).toEqual(provider.log[0]?.usage);
  const stream = await client.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);
  expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe(completion.choices[0]?.text);
  expect(chunks.at(-1)?.choices).toEqual([]);
});

test('responses: JSON, parse and function call', async () => {
  const response = await client.responses.create({ model: 'gpt-5-mini', input: 'Hello' });
  expect(response.output_text.length).toBeGreaterThan(10);
  expect(response.usage).toEqual(provider.log[0]?.usage);
  const parsed = await client.responses.parse({
    model: 'gpt-5-mini',
    input: 'an order is late',
    text: { format: zodTextFormat(Ticket, 'ticket') },
  });
  expect(parsed.output_parsed?.category).toBe('order');
  const called = await client.responses.create({
    model: 'gpt-5-mini',
    input: 'Where is ORD-1234?',
    tools: [{ type: 'function', name: 'lookup_order', parameters: lookup, strict: true }],
  });
  expect(called.output.find((item) => item.type === 'function_call')?.arguments).toBe(
    '{"order_id":"ORD-1234"}',
  );
});

test('responses.stream sends the named events in order and ends with usage', async () => {
  const stream = client.responses.stream({ model: 'gpt-4.1', input: 'Hello' });
  const types: string[] = [];
  for await (const event of stream) if (types.at(-1) !== event.type) types.push(event.type);
  expect(types).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect((await stream.finalResponse()).usage).toEqual(provider.log[0]?.usage);
});

test('a background response is queued, then complete, and the same at every further GET; it is billed once', async () => {
  const queued = await client.responses.create({ model: 'gpt-5-mini', input: 'Hello', background: true });
  expect([queued.status, queued.usage]).toEqual(['queued', null]);
  const first = await client.responses.retrieve(queued.id);
  const second = await client.responses.retrieve(queued.id);
  expect(first.status).toBe('completed');
  expect(second).toEqual(first);
  expect(provider.log.map(({ endpoint, usage, usageSent }) => ({ endpoint, usage, usageSent }))).toEqual([
    { endpoint: 'responses', usage: first.usage },
    { endpoint: 'responses.retrieve', usageSent: first.usage },
    { endpoint: 'responses.retrieve', usageSent: first.usage },
  ]);
  await expect(client.responses.retrieve('resp_unknown')).rejects.toMatchObject({ status: 404 });
});

test('embeddings arrive as floats whichever encoding the client asks for, and near texts are near', async () => {
  const input = ['return a parcel', 'parcel return policy', 'gift card balance'];
  const base64 = await client.embeddings.create({ model: 'text-embedding-3-small', input });
  const floats = await client.embeddings.create({
    model: 'text-embedding-3-small',
    input,
    encoding_format: 'float',
  });
  expect(provider.requests[0]?.body.encoding_format).toBe('base64');
  const [first, second, third] = base64.data.map((row) => row.embedding);
  expect(first).toEqual(floats.data[0]?.embedding.map(Math.fround));
  expect(dot(first!, second!)).toBeGreaterThan(dot(first!, third!));
  expect(base64.usage).toEqual(provider.log[0]?.usage);
});

test('Azure and OpenRouter are told by their paths', async () => {
  const azure = new AzureOpenAI({
    apiKey: 'test',
    apiVersion: '2024-10-21',
    endpoint: provider.origin,
    deployment: 'mine',
  });
  await azure.chat.completions.create({ model: 'gpt-4o', messages });
  const openrouter = new OpenAI({ apiKey: 'test', baseURL: provider.openrouterUrl });
  const priced = await openrouter.chat.completions.create({ model: 'openai/gpt-4.1-mini', messages });
  expect(priced.usage).toHaveProperty('cost');
  const routed = new OpenAI({
    apiKey: 'test',
    baseURL: 'https://openrouter.ai/api/v1',
    fetch: provider.fetch,
  });
  const stream = await routed.chat.completions.create({
    model: 'openai/gpt-4.1-mini',
    messages,
    stream: true,
  });
  expect((await collect(stream)).at(-1)?.usage).toHaveProperty('cost');
  expect(provider.requests.map((request) => [request.provider, request.path])).toEqual([
    ['azure', '/openai/deployments/mine/chat/completions'],
    ['openrouter', '/api/v1/chat/completions'],
    ['openrouter', '/api/v1/chat/completions'],
  ]);
});

test('an error is retried by the client and seen with its attempt number', async () => {
  const { log } = provider;
  provider.setScript((_, attempt) =>
    attempt < 3
      ? { kind: 'error', status: attempt === 1 ? 429 : 500, retryAfterMs: 1 }
      : { kind: 'answer', answer: { texts: ['at last'], usage: { inputTokens: 3, outputTokens: 2 } } },
  );
  const completion = await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
  expect(completion.choices[0]?.message.content).toBe('at last');
  expect(log.map(({ status, attempt, usage }) => [status, attempt, usage?.total_tokens])).toEqual([
    [429, 1, undefined],
    [500, 2, undefined],
    [200, 3, 5],
  ]);
});

test.each([
  [400, 'BadRequestError', null],
  [401, 'AuthenticationError', 'invalid_api_key'],
  [404, 'NotFoundError', 'model_not_found'],
  [429, 'RateLimitError', 'rate_limit_exceeded'],
  [500, 'InternalServerError', null],
])('status %i reaches the application as %s', async (status, name, code) => {
  provider.setScript(() => ({ kind: 'error', status }));
  const failure = await client.chat.completions
    .create({ model: 'gpt-4o-mini', messages }, { maxRetries: 0 })
    .catch((error: unknown) => error as APIError);
  expect(failure).toBeInstanceOf(APIError);
  expect([failure.constructor.name, (failure as APIError).code]).toEqual([name, code]);
});

test('reset, malformed JSON and silence fail in the client, not in the stand-in', async () => {
  const ask = () =>
    client.chat.completions.create({ model: 'gpt-4o-mini', messages }, { maxRetries: 0, timeout: 300 });
  provider.setScript(() => ({ kind: 'reset' }));
  await expect(ask()).rejects.toThrow('Connection error');
  provider.setScript(() => ({ kind: 'malformed' }));
  await expect(ask()).rejects.toThrow(SyntaxError);
  provider.setScript(() => ({ kind: 'hang' }));
  await expect(ask()).rejects.toThrow('timed out');
  await provider.waitUntilIdle();
  expect(provider.log.map(({ delivery }) => delivery)).toEqual(['none', 'whole', 'none']);
});

test.each([
  ['error', 'APIError'],
  ['reset', 'TypeError'],
] as const)('a stream broken by %s after three chunks throws %s after three chunks', async (by, name) => {
  provider.setScript(() => ({
    kind: 'answer',
    answer: { texts: ['one two three four five'], usage: { inputTokens: 3, outputTokens: 5 } },
    delivery: { interrupt: { after: 3, by }, chunkDelayMs: 1 },
  }));
  const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  const seen: string[] = [];
  const failure = await (async () => {
    for await (const chunk of stream) seen.push(chunk.choices[0]?.delta.content ?? '');
    return new Error('the stream ended well');
  })().catch((error: unknown) => error as Error);
  expect([failure.constructor.name, seen]).toEqual([name, ['', 'one', ' two']]);
  await provider.waitUntilIdle();
  expect(provider.log[0]).toMatchObject({ delivery: 'cut', eventsSent: 3 });
});

test('a client that leaves the stream is seen as cut', async () => {
  provider.setScript(() => ({
    kind: 'answer',
    answer: { texts: ['one two three'], usage: { inputTokens: 3, outputTokens: 3 } },
    delivery: { interrupt: { after: 2, by: 'hang' } },
  }));
  const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  for await (const _ of stream) break;
  await provider.waitUntilIdle();
  expect(provider.log[0]).toMatchObject({ delivery: 'cut', eventsSent: 2, usage: { total_tokens: 6 } });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
