import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { createProviderCounter, estimateCost, estimateTokens } from '../src/estimate/index.ts';
import { countByCharacters, findTokenizer } from '../src/estimate/tokenizer.ts';
import { createPricer } from '../src/index.ts';

const AT_MS = Date.parse('2026-11-01');
const question = { messages: [{ role: 'user' as const, content: 'Hello' }] };
const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });

/** A PNG that is nothing but its header. */
function png(widthPx: number, heightPx: number): string {
  const head = Buffer.alloc(40);
  head.write('\x89PNG\r\n\x1a\n', 'latin1');
  head.writeUInt32BE(widthPx, 16);
  head.writeUInt32BE(heightPx, 20);
  return head.toString('base64');
}
const imageUrl = (data: string, detail?: string) =>
  user([
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}`, ...(detail && { detail }) } },
  ]);

describe('images by each provider’s rule', () => {
  const read = (model: string, body: Record<string, unknown>, provider = 'openai') => {
    const text = estimateTokens({ provider, model, body: user('') });
    return estimateTokens({ provider, model, body }).inputTokens - text.inputTokens;
  };
  test('OpenAI: tiles of 512 px after fitting, or patches of 32 px', () => {
    // 1024 × 1024 becomes 768 × 768: four tiles. 2048 × 4096 becomes 768 × 1536: six.
    expect(read('gpt-4o', imageUrl(png(1024, 1024)))).toBe(85 + 4 * 170);
    expect(read('gpt-4o', imageUrl(png(2048, 4096)))).toBe(85 + 6 * 170);
    expect(read('gpt-4o', imageUrl(png(4096, 8192), 'low'))).toBe(85);
    expect(read('gpt-4o-mini', imageUrl(png(1024, 1024)))).toBe(2_833 + 4 * 5_667);
    expect(read('gpt-4.1-mini', imageUrl(png(1024, 1024)))).toBe(Math.ceil(1_024 * 1.62));
    // 1800 × 2400 is covered by 33 × 44 patches once it is small enough.
    expect(read('o4-mini', imageUrl(png(1800, 2400)))).toBe(Math.ceil(33 * 44 * 1.72));
  });
  test('Anthropic: pixels by 750, up to the largest side', () => {
    const image = (width: number, height: number) =>
      user([
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png(width, height) } },
      ]);
    expect(read('claude-sonnet-4-5', image(1_000, 1_000), 'anthropic')).toBe(1_334);
    expect(read('claude-sonnet-4-5', image(8_000, 8_000), 'anthropic')).toBe(1_600);
    expect(read('claude-opus-4-7', image(8_000, 8_000), 'anthropic')).toBe(4_784);
  });
  test('Gemini: 258 a tile; a budget from 3 on', () => {
    const image = (width: number, height: number) => ({
      contents: [
        {
          role: 'user',
          parts: [{ inlineData: { mimeType: 'image/png', data: png(width, height) } }, { text: '' }],
        },
      ],
    });
    expect(read('gemini-2.5-flash', image(300, 300), 'gcp.gemini')).toBe(258);
    expect(read('gemini-2.5-flash', image(1_000, 1_000), 'gcp.gemini')).toBe(4 * 258);
    expect(read('gemini-3-flash-preview', image(300, 300), 'gcp.gemini')).toBe(1_120);
  });
  test('an image that would have to be fetched has a most', () => {
    const { isExact, inputTokens, highTokens, reasons } = estimateTokens({
      provider: 'openai',
      model: 'gpt-4o',
      body: user([
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        { type: 'text', text: 'What is it?' },
      ]),
    });
    expect({ isExact, reasons }).toEqual({
      isExact: false,
      reasons: ['an image whose size or rule is not known'],
    });
    expect(highTokens - inputTokens).toBeGreaterThanOrEqual(4 * 170);
  });
});

test('it never pretends: exact is plain text of a model whose tokenizer and frame are known', () => {
  const read = (provider: string, model: string, body: Record<string, unknown>) =>
    estimateTokens({ provider, model, body });
  expect(read('openai', 'gpt-4o', user('Hello world'))).toEqual({
    inputTokens: 9,
    lowTokens: 9,
    highTokens: 9,
    method: 'tokenizer',
    isExact: true,
    reasons: [],
  });
  const tool = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };
  expect(read('openai', 'gpt-4o', { ...user('Hi'), tools: [tool], max_tokens: 50 })).toMatchObject({
    isExact: false,
    maxOutputTokens: 50,
    reasons: ['how tools and schemas are written into the prompt is not published'],
  });
  expect(read('anthropic', 'claude-sonnet-5', user('Hi')).reasons).toEqual([
    'the tokenizer of this model is not published',
  ]);
  expect(read('openai', 'gpt-5', { input: 'Hi', tools: [{ type: 'web_search' }] }).reasons).toContain(
    'web_search cannot be counted from outside',
  );
  expect(read('openai', 'gpt-4o', {}).reasons).toEqual(['no text was found where this API has its messages']);
  const { lowTokens, inputTokens, highTokens } = read(
    'mistral_ai',
    'mistral-small-latest',
    user('Hello'.repeat(99)),
  );
  expect(lowTokens < inputTokens && inputTokens < highTokens).toBe(true);
});

test('text that spells special tokens, deep and strange bodies are only text', () => {
  const model = 'gpt-4o';
  expect(
    estimateTokens({ provider: 'openai', model, body: user('<|endoftext|>') }).inputTokens,
  ).toBeGreaterThan(8);
  const cycle: Record<string, unknown> = { role: 'user' };
  cycle.content = [cycle];
  for (const body of [
    { messages: [cycle] },
    { messages: [null, 7, []] },
    { messages: 'x' },
    { tools: [null] },
  ])
    expect(estimateTokens({ provider: 'openai', model, body }).inputTokens).toBeGreaterThanOrEqual(0);
});

/** How far characters alone are from a tokenizer, on texts of several kinds. */
test('an estimate from characters is within a fifth of the tokenizer on prose, code and tables', () => {
  const tokenizer = findTokenizer('o200k_base');
  if (tokenizer === undefined) throw new Error('gpt-tokenizer is a development dependency');
  for (const file of [
    '../../../docs/tasks.md',
    '../../../docs/host-safety.md',
    '../src/parts.ts',
    '../src/estimate/tokens.ts',
    '../package.json',
  ]) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    const ratio = countByCharacters(text) / tokenizer.countTokens(text);
    expect(Math.abs(ratio - 1), `${file} ${ratio}`).toBeLessThanOrEqual(0.2);
  }
});

test('the parameters of an SDK’s call are taken as its types declare them', () => {
  const chat: OpenAI.ChatCompletionCreateParams = { model: 'gpt-4o', ...question };
  const message: Anthropic.MessageCreateParams = { model: 'claude-opus-4-1', max_tokens: 9, ...question };
  const estimates = [chat, message].map((body) =>
    estimateTokens({ provider: 'openai', model: 'gpt-4o', body }),
  );
  expect(estimates.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([undefined, 9]);
});

test('typical and worst cost', () => {
  const request = {
    provider: 'openai',
    model: 'gpt-4o',
    body: { ...user('Hello world'), max_tokens: 1_000 },
  };
  const { typicalOutputTokens, typical, worst } = estimateCost(request, { atMs: AT_MS });
  expect(typicalOutputTokens).toBe(250);
  expect(typical).toMatchObject({
    status: 'estimated',
    reason: 'before_the_call',
    amountPicoUsd: 9 * 2_500_000 + 250 * 10_000_000,
  });
  expect(worst).toMatchObject({ amountPicoUsd: 9 * 2_500_000 + 1_000 * 10_000_000 });
  const open = estimateCost({ ...request, body: user('Hello world') }, { atMs: AT_MS });
  expect(open.worst).toBeUndefined();
  expect(open.typicalOutputTokens).toBe(500);
  expect(
    estimateCost({ ...request, model: 'no-such' }, { atMs: AT_MS, pricer: createPricer() }).typical,
  ).toEqual({
    status: 'unpriced',
    reason: 'unknown_model',
  });
});

test('providers’ own endpoints are asked only when told to, with what they take', async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, 'x-api-key': apiKey, 'x-goog-api-key': googKey } = request.headers;
      seen.push([
        request.url,
        authorization ?? apiKey ?? googKey,
        JSON.parse(Buffer.concat(chunks).toString()),
      ]);
      response.end(JSON.stringify({ object: 'response.input_tokens', input_tokens: 42, totalTokens: 43 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ask = (provider: string, model: string, body: Record<string, unknown>) =>
      createProviderCounter({ provider, apiKey: 'k', baseUrl })({ provider, model, body });
    const messages = [{ role: 'user', content: 'Hi' }];
    expect(await ask('openai', 'gpt-5', { messages, max_completion_tokens: 9 })).toMatchObject({
      inputTokens: 42,
      method: 'provider',
      isExact: false,
      maxOutputTokens: 9,
    });
    await ask('anthropic', 'claude-sonnet-5', { system: 's', messages, max_tokens: 9, stream: true });
    const gemini = await ask('gcp.gemini', 'gemini-2.5-flash', { contents: [{ parts: [{ text: 'Hi' }] }] });
    expect(gemini.inputTokens).toBe(43);
    expect(seen).toEqual([
      ['/v1/responses/input_tokens', 'Bearer k', { model: 'gpt-5', input: messages }],
      ['/v1/messages/count_tokens', 'k', { model: 'claude-sonnet-5', messages, system: 's' }],
      [
        '/v1beta/models/gemini-2.5-flash:countTokens',
        'k',
        {
          generateContentRequest: {
            model: 'models/gemini-2.5-flash',
            contents: [{ parts: [{ text: 'Hi' }] }],
          },
        },
      ],
    ]);
  } finally {
    server.close();
  }
  expect(() => createProviderCounter({ provider: 'groq', apiKey: 'k' })).toThrow(
    'groq has no endpoint that counts tokens',
  );
});

/** `provider` of the recordings → ours. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  google: 'gcp.gemini',
  'google-vertex': 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};
interface Recording {
  readonly provider: string;
  readonly endpoint: string;
  readonly model: string | null;
  readonly request: {
    readonly body: unknown;
    readonly synthetic?: boolean;
    readonly shortened?: readonly string[];
  };
  readonly response: { readonly status: number };
  readonly expected: { readonly inputTotal?: number | null } | null;
}
const folder = fileURLToPath(new URL('../../../../shared/recordings/', import.meta.url));
const hasRecordings = existsSync(folder);
if (!hasRecordings) console.log('skipped: recorded requests; the shared recordings are not on this machine');

describe.skipIf(!hasRecordings)('recorded requests', () => {
  const counted = !hasRecordings
    ? []
    : readdirSync(folder)
        .filter((file) => /^\w.*-[0-9a-f]{10}\.json$/.test(file))
        .map((file): Recording => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')))
        .filter(
          ({ request, response, expected, endpoint }) =>
            response.status === 200 &&
            typeof request.body === 'object' &&
            request.body !== null &&
            request.synthetic !== true &&
            request.shortened === undefined &&
            typeof expected?.inputTotal === 'number' &&
            /chat|responses|messages|generateContent|onverse|completions/.test(endpoint) &&
            !/compact/.test(endpoint),
        )
        .map(({ provider, model, request, expected }) => {
          const body = request.body as Record<string, unknown>;
          const named = PROVIDERS[provider] ?? provider;
          const estimate = estimateTokens({
            provider: named,
            model: model ?? String(body.model ?? ''),
            body,
          });
          return { name: `${provider} ${model}`, actual: expected?.inputTotal ?? 0, estimate };
        });
  const isOpaque = (reasons: readonly string[]) =>
    reasons.some((reason) => reason.includes('cannot be counted'));

  test('what is called exact is exact', () => {
    const exact = counted.filter(({ estimate }) => estimate.isExact);
    expect(exact.length).toBeGreaterThanOrEqual(6);
    expect(exact.map(({ name, estimate }) => [name, estimate.inputTokens])).toEqual(
      exact.map(({ name, actual }) => [name, actual]),
    );
  });

  test('of the others nine in ten are within the bounds', () => {
    const others = counted.filter(({ estimate }) => !estimate.isExact && !isOpaque(estimate.reasons));
    const outside = others.filter(
      ({ actual, estimate }) => actual < estimate.lowTokens || actual > estimate.highTokens,
    );
    expect(others.length).toBeGreaterThan(50);
    const shown = outside.map(
      ({ name, actual, estimate }) =>
        `${name}: ${actual}, not ${estimate.lowTokens} to ${estimate.highTokens}`,
    );
    expect(outside.length / others.length, shown.join('\n')).toBeLessThanOrEqual(0.1);
  });
});
