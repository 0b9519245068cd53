/** The safety net: calls to LLM providers that no known SDK makes are recorded from what passes by. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AnswerUsage, Reply, SinkSpan } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from './app-run.ts';

const USAGE: AnswerUsage = { inputTokens: 1_200, cacheReadTokens: 1_024, outputTokens: 40 };
// 176 × 0.15 + 1024 × 0.075 + 40 × 0.6 USD per million.
const CHAT_USD = 0.0001272;

const GEMINI = {
  candidates: [{ content: { parts: [{ text: 'Alpha.' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
  usageMetadata: {
    promptTokenCount: 1_000,
    candidatesTokenCount: 40,
    thoughtsTokenCount: 10,
    totalTokenCount: 1_050,
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'gemini-response',
};

const INTERACTION = {
  id: 'interaction-1',
  status: 'completed',
  model: 'gemini-2.5-flash-lite',
  usage: {
    total_input_tokens: 1_000,
    total_output_tokens: 40,
    total_thought_tokens: 10,
    total_tokens: 1_050,
  },
};

const COMPACTED = {
  id: 'response-1',
  object: 'response.compaction',
  output: [],
  usage: { input_tokens: 1_000, output_tokens: 50, total_tokens: 1_050 },
};

const PREDICTION = {
  id: 'prediction-1',
  status: 'succeeded',
  output: 'Alpha.',
  metrics: { predict_time: 2.1 },
};

/** Streams whose connection stays open after the answer is over. */
const stayOpen = (events: readonly object[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'text/event-stream' },
  chunks: [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'never'],
  delivery: { interrupt: { after: events.length, by: 'hang' } },
});
const MESSAGE_EVENTS = [
  {
    type: 'message_start',
    message: {
      id: 'message-1',
      type: 'message',
      model: 'claude-haiku-4-5-20251001',
      usage: { input_tokens: 1_000, output_tokens: 1 },
    },
  },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } },
  { type: 'message_stop' },
];
const OPEN_RESPONSE = { id: 'response-1', model: 'gpt-4o-mini-2024-07-18', status: 'in_progress' };
const RESPONSE_EVENTS = [
  { type: 'response.created', response: OPEN_RESPONSE },
  {
    type: 'response.completed',
    response: { ...OPEN_RESPONSE, status: 'completed', usage: COMPACTED.usage },
  },
];

/** One result of a batch, in the line that each provider writes for it. */
const completed = (model: string) => (id: string) =>
  `${JSON.stringify({
    custom_id: id,
    response: {
      status_code: 200,
      body: {
        id: `batched-${id}`,
        object: 'chat.completion',
        model,
        choices: [{ index: 0, message: {}, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 },
      },
    },
  })}\n`;
const OPENAI_LINE = completed('gpt-4.1-nano-2025-04-14');
const MISTRAL_LINE = completed('mistral-large-2512');
const ANTHROPIC_LINE = (id: string): string =>
  `${JSON.stringify({
    custom_id: id,
    result: {
      type: 'succeeded',
      message: {
        id: `message-${id}`,
        type: 'message',
        model: 'claude-sonnet-4-5-20250929',
        stop_reason: 'end_turn',
        usage: { input_tokens: 1_000, output_tokens: 200 },
      },
    },
  })}\n`;
const TRANSCRIPT = {
  model: 'voxtral-mini-2602',
  text: 'Canary-completion.',
  usage: { prompt_audio_seconds: 600, prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
};

/** A batch that is done when it is asked for, and the file with its two results. */
function replyToBatch(path: string, fileField: string, line: (id: string) => string): Reply {
  if (path.endsWith('/content')) return { kind: 'bytes', chunks: [line('1'), line('2')] };
  return { kind: 'bytes', chunks: [JSON.stringify({ id: 'batch-1', [fileField]: `file-${fileField}` })] };
}

function reply(scenario: string, path: string): Reply {
  const answer = { texts: ['Canary-completion: alpha beta.'], usage: USAGE, model: 'gpt-4o-mini-2024-07-18' };
  switch (scenario) {
    case 'net/batch-openai':
      return replyToBatch(path, 'output_file_id', OPENAI_LINE);
    case 'net/batch-mistral':
      return replyToBatch(path, 'output_file', MISTRAL_LINE);
    case 'net/batch-anthropic':
      return { kind: 'bytes', chunks: [ANTHROPIC_LINE('1'), ANTHROPIC_LINE('2')] };
    case 'net/transcription':
      return { kind: 'bytes', chunks: [JSON.stringify(TRANSCRIPT)] };
    case 'net/fetch-gzip': {
      const body = {
        id: 'zipped',
        object: 'chat.completion',
        model: 'gpt-4o-mini-2024-07-18',
        choices: [{ index: 0, message: {}, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 1_200,
          completion_tokens: 40,
          prompt_tokens_details: { cached_tokens: 1_024 },
        },
      };
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const bytes = gzipSync(JSON.stringify(body));
      return { kind: 'bytes', headers, chunks: [bytes.subarray(0, 50), bytes.subarray(50)] };
    }
    case 'net/fetch-messages':
    case 'net/gateway-provider':
      return {
        kind: 'answer',
        answer: {
          ...answer,
          usage: { inputTokens: 1_000, outputTokens: 40 },
          model: 'claude-haiku-4-5-20251001',
        },
      };
    case 'net/http-json':
      return { kind: 'answer', answer: { ...answer, model: 'text-embedding-3-small' } };
    case 'net/fetch-status-429':
      return { kind: 'error', status: 429 };
    case 'net/fetch-aborted':
      return { kind: 'answer', answer, delivery: { interrupt: { after: 1, by: 'hang' } } };
    case 'net/http-unread':
      return { kind: 'answer', answer, delivery: { chunkDelayMs: 30 } };
    case 'net/fetch-gemini':
      return { kind: 'bytes', chunks: [JSON.stringify(GEMINI)] };
    case 'net/left-messages':
    case 'net/left-http':
      return stayOpen(MESSAGE_EVENTS);
    case 'net/left-responses':
      return stayOpen(RESPONSE_EVENTS);
    case 'net/left-gemini':
      return stayOpen([{ candidates: [{ index: 0 }], usageMetadata: {} }, GEMINI]);
    case 'net/fetch-gemini-list':
      return {
        kind: 'bytes',
        chunks: [`[${JSON.stringify({ ...GEMINI, usageMetadata: {} })},`, `${JSON.stringify(GEMINI)}]`],
      };
    case 'net/fetch-gemini-embeddings':
      return { kind: 'bytes', chunks: ['{"embeddings":[],"usageMetadata":{"promptTokenCount":1000}}'] };
    case 'net/fetch-interaction':
      return { kind: 'bytes', chunks: [JSON.stringify(INTERACTION)] };
    case 'net/fetch-compact':
      return { kind: 'bytes', chunks: [JSON.stringify({ ...COMPACTED, model: 'gpt-4o-mini-2024-07-18' })] };
    case 'net/replicate':
      return { kind: 'bytes', chunks: [JSON.stringify(PREDICTION)] };
    case 'net/not-understood':
    case 'net/not-understood-batch':
    case 'net/not-understood-tuning':
    case 'net/not-understood-ocr':
    case 'net/not-a-model':
      return { kind: 'bytes', chunks: ['{"usage":{"tokens":{"input_tokens":7}}}'] };
    default:
      return { kind: 'answer', answer };
  }
}

const { resolve } = createRequire(import.meta.url);
const binaryOf = (alias: string): string => join(dirname(resolve(`${alias}/package.json`)), 'bin', 'node');
/** Each brings another major of undici. */
const NODES = [
  ['Node 24', process.execPath],
  ['Node 22', binaryOf('node-22')],
  ['Node 26', binaryOf('node-26')],
] as const;

describe.each(NODES)('calls without a known SDK, %s', (_name, node) => {
  let bare: AppRun;
  let recorded: AppRun;
  beforeAll(async () => {
    const script = (request: { headers: Readonly<Record<string, string>>; path: string }) =>
      reply(request.headers['x-scenario'] ?? '', request.path);
    [bare, recorded] = await Promise.all([
      runProgram('net.cjs', [], { hasPreload: false, script, node }),
      runProgram('net.cjs', [], { hasPreload: true, script, node }),
    ]);
  });

  const spansOf = (model: string): SinkSpan[] =>
    recorded.spans.filter((span) => span.attributes['gen_ai.request.model'] === model);
  const only = (scenario: string): SinkSpan['attributes'] => {
    const spans = spansOf(`net/${scenario}`);
    expect(spans.map(({ name }) => name)).toHaveLength(1);
    return spans[0]!.attributes;
  };

  it('give the application what they would give it', () => {
    expect(bare.exitCode).toBe(0);
    expect([...recorded.transcript.values()]).toEqual([...bare.transcript.values()]);
    expect(recorded.exitCode).toBe(0);
  });

  it.each(['fetch-json', 'fetch-request', 'fetch-stream', 'fetch-gzip'])('%s is counted', (scenario) => {
    expect(only(scenario)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'server.address': 'api.openai.com',
      'gen_ai.usage.input_tokens': 1_200,
      'gen_ai.usage.cost.amount': CHAT_USD,
      'costspan.cost.status': 'priced',
    });
  });

  it('counts messages of Anthropic and embeddings over node:http, where they went', () => {
    expect(only('fetch-messages')).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.cost.amount': 0.0012,
    });
    expect(only('http-json')).toMatchObject({
      'gen_ai.operation.name': 'embeddings',
      'server.address': 'us.api.openai.com',
      'gen_ai.usage.cost.amount': 0.000024,
    });
  });

  it('counts answers of Gemini, a list of chunks as well', () => {
    const spans = spansOf('gemini-2.5-flash');
    // 1000 × 0.3 + 50 × 2.5 USD per million.
    expect(spans.map(({ attributes }) => attributes['gen_ai.usage.cost.amount'])).toEqual([
      0.000425, 0.000425,
    ]);
  });

  it('counts embeddings and interactions of Gemini, and compacted conversations', () => {
    const usdOf = (model: string) =>
      spansOf(model).map(({ attributes }) => [
        attributes['gen_ai.operation.name'],
        attributes['gen_ai.usage.cost.amount'],
      ]);
    expect(usdOf('gemini-embedding-001')).toEqual([['embeddings', 0.00015]]);
    // 1000 × 0.1 + 50 × 0.4, and 1000 × 0.15 + 50 × 0.6 USD per million.
    expect(usdOf('gemini-2.5-flash-lite')).toEqual([['generate_content', 0.00012]]);
    expect(only('fetch-compact')).toMatchObject({ 'gen_ai.usage.cost.amount': 0.00018 });
  });

  it('counts each result of a batch once, whoever reads it, at half the price', () => {
    const usdOf = (model: string) =>
      spansOf(model).map(({ attributes }) => [
        attributes['costspan.price.mode'],
        attributes['gen_ai.usage.cost.amount'],
      ]);
    // Half of 1000 × 0.1 + 200 × 0.4, of 1000 × 3 + 200 × 15 and of 1000 × 0.5 + 200 × 1.5 USD per million.
    expect(usdOf('gpt-4.1-nano-2025-04-14')).toEqual(Array(2).fill(['batch', 0.00009]));
    expect(usdOf('claude-sonnet-4-5-20250929')).toEqual(Array(2).fill(['batch', 0.003]));
    expect(usdOf('mistral-large-2512')).toEqual(Array(2).fill(['batch', 0.0004]));
  });

  it('counts what Mistral hears by its seconds', () => {
    const heard = recorded.spans.find(
      ({ attributes }) => attributes['gen_ai.response.model'] === 'voxtral-mini-2602',
    );
    expect(heard?.attributes).toMatchObject({
      'gen_ai.provider.name': 'mistral_ai',
      'gen_ai.usage.cost.amount': 0.03,
    });
  });

  it('counts what goes through a gateway, by the provider that its address or the form of its API names', () => {
    expect(only('gateway-provider')).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'server.address': 'gateway.ai.cloudflare.com',
      'gen_ai.usage.cost.amount': 0.0012,
    });
    expect(only('gateway-any')).toMatchObject({
      'gen_ai.provider.name': 'openai',
      'server.address': 'ai-gateway.vercel.sh',
      'gen_ai.usage.cost.amount': CHAT_USD,
    });
  });

  it('counts as a success whoever leaves once he has been told how the answer ended', () => {
    const left = ['net/left-messages', 'net/left-http', 'net/left-responses', 'gemini-2.5-pro'].flatMap(
      spansOf,
    );
    const told = left.map(({ attributes }) => [
      attributes['error.type'],
      attributes['costspan.cost.status'],
      attributes['gen_ai.usage.cost.amount'],
    ]);
    // 1000 × 1 + 40 × 5, 1000 × 0.15 + 50 × 0.6, 1000 × 0.3 + 50 × 2.5 USD per million.
    expect(told).toEqual([
      [undefined, 'priced', 0.0012],
      [undefined, 'priced', 0.0012],
      [undefined, 'priced', 0.00018],
      [undefined, 'priced', 0.000425],
    ]);
  });

  it('counts an SDK that has no class of its own, without a price where none is known', () => {
    expect(only('huggingface')).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'huggingface',
      'gen_ai.usage.input_tokens': 1_200,
      'costspan.usage.status': 'complete',
      'costspan.cost.status': 'unpriced',
    });
  });

  it('records how calls fail and who broke them off', () => {
    expect(only('fetch-status-429')).toMatchObject({ 'error.type': '429' });
    expect(only('fetch-aborted')).toMatchObject({
      'error.type': 'aborted',
      'costspan.cost.status': 'unpriced',
    });
    // What was never sent nobody has seen: such a call has no model.
    const refused = recorded.spans.filter(({ name }) => name === 'chat');
    expect(refused.map(({ attributes }) => attributes['gen_ai.provider.name'])).toEqual(['openai']);
    expect(refused[0]?.attributes['error.type']).toBeDefined();
    expect(only('http-unread')).toMatchObject({ 'error.type': 'aborted' });
  });

  it('counts what it cannot read as unpriced, and says so once for each host', () => {
    const unread = only('not-understood');
    expect(unread).toMatchObject({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'cohere',
      'costspan.cost.status': 'unpriced',
      'costspan.cost.reason': 'no_usage',
    });
    expect(unread['gen_ai.usage.cost.amount']).toBeUndefined();
    const prediction = only('replicate');
    expect(prediction).toMatchObject({
      'gen_ai.provider.name': 'replicate',
      'costspan.cost.reason': 'no_usage',
    });
    expect(only('not-understood-ocr')).toMatchObject({
      'gen_ai.provider.name': 'mistral_ai',
      'costspan.cost.reason': 'no_usage',
    });
    expect(
      recorded.spans.filter(
        ({ attributes: { 'gen_ai.request.model': model, 'costspan.cost.reason': reason } }) =>
          model === undefined && reason === 'no_usage',
      ),
    ).toHaveLength(2);
    expect(recorded.stderr.match(/COSTSPAN_UNREAD_CALL/g)).toHaveLength(5);
  });

  it('leaves alone what is no model’s, and what a patched SDK sent', () => {
    expect(spansOf('net/not-a-provider')).toEqual([]);
    expect(spansOf('net/sdk')).toHaveLength(1);
    expect(recorded.spans).toHaveLength(35);
    expect(JSON.stringify(recorded.spans)).not.toMatch(/canary/i);
  });
});
