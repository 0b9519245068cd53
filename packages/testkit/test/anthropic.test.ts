import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProviderServer, startProviderServer } from '../src/index.ts';

let provider: ProviderServer;
let client: Anthropic;

beforeEach(async () => {
  provider = await startProviderServer({ seed: 7 });
  client = new Anthropic({ apiKey: 'test', baseURL: provider.origin, maxRetries: 2 });
});
afterEach(() => provider.close());

const messages = [{ role: 'user' as const, content: 'Where is order ORD-1234?' }];
const request = { model: 'claude-haiku-4-5', max_tokens: 1000, messages };
const longText = 'The shop sends every parcel insured. '.repeat(200);

test('messages.create answers and logs the usage as sent', async () => {
  const message = await client.messages.create(request);
  expect(message.model).toBe('claude-haiku-4-5-20251001');
  expect(message.content[0]?.type).toBe('text');
  expect(provider.log[0]).toMatchObject({
    provider: 'anthropic',
    endpoint: 'messages',
    usage: JSON.parse(JSON.stringify(message.usage)),
    delivery: 'whole',
  });
});

test('messages.stream: cumulative usage, ping, and the same final message as without stream', async () => {
  const message = await client.messages.create(request);
  const other = await startProviderServer({ seed: 7 });
  const raw = await new Anthropic({ apiKey: 'test', baseURL: other.origin }).messages.create({
    ...request,
    stream: true,
  });
  const types: string[] = [];
  for await (const event of raw) if (types.at(-1) !== event.type) types.push(event.type);
  await other.close();
  // The SDK keeps the ping for itself.
  expect(types).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  provider.setScript(() => ({
    kind: 'answer',
    answer: {
      reasoningText: 'Let me think',
      texts: ['It is on its way'],
      toolCalls: [{ name: 'lookup_order', arguments: { order_id: 'ORD-1234' } }],
      usage: {
        inputTokens: 5000,
        cacheReadTokens: 3000,
        cacheWriteTokens: 1500,
        outputTokens: 40,
        reasoningTokens: 9,
      },
    },
  }));
  const final = await client.messages.stream(request).finalMessage();
  expect(final.content.map((block) => block.type)).toEqual(['thinking', 'text', 'tool_use']);
  expect(final.content[2]).toMatchObject({ input: { order_id: 'ORD-1234' } });
  expect(final.stop_reason).toBe('tool_use');
  expect(final.usage).toMatchObject({
    input_tokens: 500,
    cache_read_input_tokens: 3000,
    cache_creation_input_tokens: 1500,
    cache_creation: { ephemeral_5m_input_tokens: 1500, ephemeral_1h_input_tokens: 0 },
    output_tokens: 40,
  });
  expect(message.stop_reason).toBe('end_turn');
});

test('message_start knows one output token, message_delta has no cache split', async () => {
  const raw = await client.messages.create({ ...request, stream: true });
  const events = [];
  for await (const event of raw) events.push(event);
  const start = events.find((event) => event.type === 'message_start');
  const delta = events.find((event) => event.type === 'message_delta');
  expect(start?.message.usage.output_tokens).toBe(1);
  expect(Object.keys(delta?.usage ?? {}).sort()).toEqual([
    'cache_creation_input_tokens',
    'cache_read_input_tokens',
    'input_tokens',
    'output_tokens',
  ]);
});

test('a cached prefix is written once, read after that, and one hour is counted apart', async () => {
  const system = (ttl: '5m' | '1h') => [
    { type: 'text' as const, text: `${ttl} ${longText}`, cache_control: { type: 'ephemeral' as const, ttl } },
  ];
  const ask = (ttl: '5m' | '1h') => client.messages.create({ ...request, system: system(ttl) });
  const [first, second, hour] = [await ask('5m'), await ask('5m'), await ask('1h')].map(({ usage }) => usage);
  const written = first?.cache_creation_input_tokens ?? 0;
  expect(written).toBeGreaterThan(1024);
  expect(second).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: written });
  expect(hour?.cache_creation).toEqual({
    ephemeral_5m_input_tokens: 0,
    ephemeral_1h_input_tokens: hour?.cache_creation_input_tokens,
  });
  expect(first?.input_tokens).toBe(second?.input_tokens);
});

test('beta messages, the tool runner and count_tokens', async () => {
  const asked: unknown[] = [];
  const runner = client.beta.messages.toolRunner({
    ...request,
    tools: [
      {
        type: 'custom',
        name: 'lookup_order',
        description: 'Looks up an order',
        input_schema: {
          type: 'object',
          properties: { order_id: { type: 'string', pattern: '^ORD-[0-9]{4}$' } },
          required: ['order_id'],
        },
        run: (input: unknown) => {
          asked.push(input);
          return 'shipped';
        },
        parse: (input: unknown) => input,
      },
    ],
  });
  const final = await runner;
  expect(final.stop_reason).toBe('end_turn');
  expect(asked).toEqual([{ order_id: 'ORD-1234' }]);
  const { input_tokens } = await client.messages.countTokens({ model: request.model, messages });
  expect(input_tokens).toBeGreaterThan(5);
  expect(provider.log.map(({ endpoint, usage }) => [endpoint, usage !== undefined])).toEqual([
    ['messages', true],
    ['messages', true],
    ['messages.count_tokens', false],
  ]);
  // Since 1.x the beta client no longer says `?beta=true`; the older majors do.
  const old = await fetch(`${provider.origin}/v1/messages?beta=true`, {
    method: 'POST',
    body: JSON.stringify(request),
  });
  expect(await old.json()).toMatchObject({ type: 'message', role: 'assistant' });
});

test.each([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [404, 'not_found_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [529, 'overloaded_error'],
])('status %i reaches the application as %s', async (status, type) => {
  provider.setScript(() => ({ kind: 'error', status }));
  const failure = await client.messages
    .create(request, { maxRetries: 0 })
    .catch((error: unknown) => error as APIError);
  expect(failure).toBeInstanceOf(APIError);
  expect(failure).toMatchObject({ status, error: { type: 'error', error: { type } } });
});

test('overload is retried; an error event in the stream is thrown', async () => {
  provider.setScript((_, attempt) =>
    attempt === 1
      ? { kind: 'error', status: 529, retryAfterMs: 1 }
      : { kind: 'answer', answer: { texts: ['hi'], usage: { inputTokens: 2, outputTokens: 1 } } },
  );
  await client.messages.create(request);
  expect(provider.log.map(({ status }) => status)).toEqual([529, 200]);
  provider.setScript(() => ({
    kind: 'answer',
    answer: { texts: ['one two three'], usage: { inputTokens: 2, outputTokens: 3 } },
    delivery: { interrupt: { after: 4, by: 'error' } },
  }));
  await expect(client.messages.stream(request).finalMessage()).rejects.toThrow('Overloaded');
  await provider.waitUntilIdle();
  // What a client can know by then: the input, but not yet any output.
  expect(provider.log.at(-1)).toMatchObject({
    delivery: 'cut',
    usage: { input_tokens: 2, output_tokens: 3 },
    usageSent: { input_tokens: 2, cache_read_input_tokens: 0 },
  });
  expect(provider.log.at(-1)?.usageSent).not.toHaveProperty('output_tokens');
});
