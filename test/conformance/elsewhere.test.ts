/**
 * Hosts that nobody has a list of: a subscription's own, and servers of one's own whose paths, with what is sent there
 * and what comes back, say which API they speak. Plain `fetch` and `node:http`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply, Script, SinkSpan } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from './app-run.ts';

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly body: object;
  readonly reply: Reply;
}

const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const json = (body: object): Reply => ({ kind: 'bytes', chunks: [JSON.stringify(body)] });
const lines = (...chunks: readonly object[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'application/x-ndjson' },
  chunks: chunks.map((chunk) => `${JSON.stringify(chunk)}\n`),
});
const events = (...sent: readonly object[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'text/event-stream' },
  chunks: sent.map((event) => `data: ${JSON.stringify(event)}\n\n`),
});

const RESPONSE = {
  id: 'response-1',
  object: 'response',
  status: 'completed',
  model: 'gpt-5-mini',
  output: [],
  usage: { input_tokens: 1_000, output_tokens: 50, total_tokens: 1_050 },
};
const COMPLETED = { type: 'response.completed', response: RESPONSE };
const CHUNK = {
  model: 'llama3.2',
  message: { role: 'assistant', content: 'Canary-completion.' },
  done: false,
};
const DONE = {
  model: 'llama3.2',
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 67,
  eval_count: 47,
};
const CONVERSED = { usage: { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_200 } };
const NOVA = '/model/us.amazon.nova-lite-v1%3A0';
const CONVERSE = { messages: [{ role: 'user', content: [{ text: 'canary-prompt' }] }] };

const OLLAMA = { host: 'ollama.internal', body: { model: 'llama3.2', messages } };
const ASKED: Readonly<Record<string, Asked>> = {
  codex: {
    host: 'chatgpt.com',
    path: '/backend-api/codex/responses',
    body: { model: 'gpt-5-mini', input: messages, stream: true, store: false },
    reply: events({ type: 'response.created', response: { ...RESPONSE, usage: null } }, COMPLETED),
  },
  responses: {
    host: 'litellm.internal',
    path: '/responses',
    body: { model: 'gpt-5-mini', input: 'canary-prompt' },
    reply: json(RESPONSE),
  },
  survey: {
    host: 'shop.example',
    path: '/responses',
    body: { survey: 7, input: 'canary-prompt' },
    reply: json({ id: 1 }),
  },
  chat: { ...OLLAMA, path: '/api/chat', reply: lines(CHUNK, DONE) },
  'chat without a stream': {
    ...OLLAMA,
    path: '/api/chat',
    body: { ...OLLAMA.body, stream: false },
    reply: json({ ...CHUNK, ...DONE }),
  },
  generate: {
    ...OLLAMA,
    path: '/llm/api/generate',
    body: { model: 'llama3.2', prompt: 'canary-prompt' },
    reply: lines({ model: 'llama3.2', response: 'Canary-completion.', done: false }, DONE),
  },
  embed: {
    ...OLLAMA,
    path: '/api/embed',
    body: { model: 'llama3.2', input: ['canary-prompt'] },
    reply: json({ model: 'llama3.2', embeddings: [[0.5]], prompt_eval_count: 67 }),
  },
  'chat of another': {
    host: 'shop.example',
    path: '/api/chat',
    body: OLLAMA.body,
    reply: json({ text: 'Alpha.' }),
  },
  'stream of another': {
    host: 'shop.example',
    path: '/api/chat',
    body: OLLAMA.body,
    reply: lines({ type: 'text-delta', delta: 'Alpha.' }, { type: 'finish' }),
  },
  converse: { host: 'bedrock.internal', path: `${NOVA}/converse`, body: CONVERSE, reply: json(CONVERSED) },
  invoke: { host: 'bedrock.internal', path: `/aws${NOVA}/invoke`, body: CONVERSE, reply: json(CONVERSED) },
  'model of another': {
    host: 'shop.example',
    path: '/model/toaster.deluxe/invoke',
    body: CONVERSE,
    reply: json({}),
  },
};
const WAYS = ['fetch', 'http'];
const keyOf = (way: string, name: string): string => `${way}: ${name}`;

async function askAll(): Promise<AppRun> {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-elsewhere-'));
  const file = join(folder, 'requests.json');
  const requests = WAYS.flatMap((way) =>
    Object.entries(ASKED).map(([name, { host, path, body }]) => ({
      key: keyOf(way, name),
      way,
      request: { method: 'POST', host, path, body, isForm: false },
    })),
  );
  writeFileSync(file, JSON.stringify(requests));
  const script: Script = ({ headers }) => ASKED[(headers['x-recording'] ?? '').replace(/^\w+: /, '')]!.reply;
  try {
    return await runProgram('recorded.cjs', [file], { hasPreload: true, script });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let run: AppRun;
beforeAll(async () => {
  run = await askAll();
});

describe.each(WAYS)('%s to a host that nobody has a list of', (way) => {
  const spansOf = (name: string): SinkSpan[] =>
    run.spans.filter(({ attributes }) => attributes['costspan.feature'] === keyOf(way, name));
  const only = (name: string): SinkSpan['attributes'] => {
    expect(spansOf(name)).toHaveLength(1);
    return spansOf(name)[0]!.attributes;
  };

  it('a subscription: the tokens count, the price of the API is not its', () => {
    expect(only('codex')).toMatchObject({
      'gen_ai.provider.name': 'chatgpt',
      'gen_ai.response.model': 'gpt-5-mini',
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 50,
      'costspan.usage.status': 'complete',
      'costspan.cost.status': 'unpriced',
      'costspan.cost.reason': 'not_billed_per_token',
    });
    expect(only('codex')['gen_ai.usage.cost.amount']).toBeUndefined();
  });

  it('responses without a version in their path count where a model is asked', () => {
    // 1000 × 0.25 + 50 × 2 USD per million.
    expect(only('responses')).toMatchObject({ 'gen_ai.usage.cost.amount': 0.00035 });
    expect(spansOf('survey')).toEqual([]);
  });

  it.each([
    ['chat', 'chat', 47],
    ['chat without a stream', 'chat', 47],
    ['generate', 'text_completion', 47],
    ['embed', 'embeddings', undefined],
  ])('Ollama: %s counts where the answer is its', (name, operation, output) => {
    expect(only(name)).toMatchObject({
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'ollama',
      'server.address': 'ollama.internal',
      'gen_ai.usage.input_tokens': 67,
      'costspan.usage.status': 'complete',
      'costspan.cost.status': 'unpriced',
    });
    expect(only(name)['gen_ai.usage.output_tokens']).toBe(output);
  });

  it('Bedrock: a path with the name of one of its models', () => {
    // 1000 × 0.06 + 200 × 0.24 USD per million.
    for (const name of ['converse', 'invoke'])
      expect(only(name)).toMatchObject({
        'gen_ai.provider.name': 'aws.bedrock',
        'server.address': 'bedrock.internal',
        'gen_ai.usage.cost.amount': 0.000108,
      });
  });

  it('what is asked in the same words of another’s service is no call', () => {
    for (const name of ['chat of another', 'stream of another', 'model of another'])
      expect(spansOf(name)).toEqual([]);
    expect(JSON.stringify(run.spans)).not.toMatch(/canary/i);
  });
});
