/** What the stand-in answers to calls that no known SDK makes. */
import { gzipSync } from 'node:zlib';
import type { AnswerUsage, Reply } from '@costspan/testkit';

const USAGE: AnswerUsage = { inputTokens: 1_200, cacheReadTokens: 1_024, outputTokens: 40 };
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

const HEARD = {
  metadata: {
    request_id: '2479c8c8-8185-40ac-9ac6-f0874419f793',
    duration: 26.0,
    channels: 1,
    models: ['2187e11a-3532-4498-b076-81fa530bdd49'],
    model_info: {
      '2187e11a-3532-4498-b076-81fa530bdd49': {
        name: 'general-nova-3',
        version: '2025-07-31.0',
        arch: 'nova-3',
      },
    },
  },
  results: { channels: [{ alternatives: [{ transcript: 'canary-completion: alpha', confidence: 0.9 }] }] },
};
const SPOKEN: Reply = {
  kind: 'bytes',
  headers: {
    'content-type': 'audio/mpeg',
    'dg-model-name': 'aura-2-thalia-en',
    'dg-char-count': '23',
    'dg-request-id': 'speech-1',
  },
  chunks: [new Uint8Array([73, 68, 51, 4])],
};

/** Streams whose connection stays open after the answer is over. */
const stayOpen = (events: readonly object[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'text/event-stream' },
  chunks: [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'never'],
  delivery: { interrupt: { after: events.length, by: 'hang' } },
});
/** Streams that end with their answer. */
const sendEvents = (events: readonly object[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'text/event-stream' },
  chunks: events.map((event) => `data: ${JSON.stringify(event)}\n\n`),
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

const CONVERSATION_EVENTS = [
  { type: 'conversation.response.started', conversation_id: 'conversation-1' },
  { type: 'message.output.delta', model: 'mistral-medium-2508', content: 'Canary-completion.' },
  {
    type: 'conversation.response.done',
    usage: { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 },
  },
];

const CONVERSED = { usage: { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_200 } };

/** An event in a frame of AWS, whose checksums nobody looks at here. */
function frame(name: string, event: object): Buffer {
  const header = (key: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.from([key.length]),
      Buffer.from(`${key}\x07\x00${String.fromCharCode(value.length)}${value}`),
    ]);
  const headers = Buffer.concat([header(':message-type', 'event'), header(':event-type', name)]);
  const payload = Buffer.from(JSON.stringify(event));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  return Buffer.concat([prelude, headers, payload, Buffer.alloc(4)]);
}

function replyAsBedrock(path: string): Reply {
  if (!path.includes('stream')) return { kind: 'bytes', chunks: [JSON.stringify(CONVERSED)] };
  const encode = (event: object) => ({ bytes: Buffer.from(JSON.stringify(event)).toString('base64') });
  const bytes = path.endsWith('converse-stream')
    ? [frame('messageStop', { stopReason: 'end_turn' }), frame('metadata', CONVERSED)]
    : [
        frame('chunk', encode({ messageStop: { stopReason: 'end_turn' } })),
        frame('chunk', encode({ metadata: CONVERSED })),
      ];
  const whole = Buffer.concat(bytes);
  const headers = { 'content-type': 'application/vnd.amazon.eventstream' };
  // Cut in the middle of its first frame.
  return { kind: 'bytes', headers, chunks: [whole.subarray(0, 30), whole.subarray(30)] };
}

function replyAsAgents(path: string): Reply {
  if (!path.startsWith('/agents')) return { kind: 'bytes', chunks: ['{"results":[{"index":0}]}'] };
  const traceId = 'trace-1';
  const input = { traceId, foundationModel: 'amazon.nova-lite-v1:0' };
  const output = { traceId, metadata: CONVERSED };
  const chunks = [
    frame('trace', { trace: { orchestrationTrace: { modelInvocationInput: input } } }),
    frame('trace', { trace: { orchestrationTrace: { modelInvocationOutput: output } } }),
    frame('chunk', { bytes: '' }),
  ];
  return { kind: 'bytes', headers: { 'content-type': 'application/vnd.amazon.eventstream' }, chunks };
}

/** Ollama's stream, under the name that its headers have for it. */
const OLLAMA_LINES = [
  { model: 'gpt-oss:20b', message: { role: 'assistant', content: 'Canary-completion.' }, done: false },
  { model: 'gpt-oss:20b', done: true, done_reason: 'stop', prompt_eval_count: 67, eval_count: 47 },
];

const COHERE_USAGE = { billed_units: { input_tokens: 1_000, output_tokens: 200 }, tokens: {} };

const sendLines = (type: string, events: readonly object[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': type },
  chunks: events.map((event) => `${JSON.stringify(event)}\n`),
});

/** Version 1 tells the usage with its last line. */
const COHERE_LINES = [
  { is_finished: false, event_type: 'text-generation', text: 'Canary-completion.' },
  {
    is_finished: true,
    event_type: 'stream-end',
    finish_reason: 'COMPLETE',
    response: { response_id: 'chat-2', meta: { billed_units: COHERE_USAGE.billed_units } },
  },
];

function replyAsCohere(path: string, isStream: boolean): Reply {
  if (isStream && path.startsWith('/v1')) return sendLines('application/stream+json', COHERE_LINES);
  if (isStream)
    return sendEvents([
      { type: 'message-start', id: 'chat-1' },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: COHERE_USAGE } },
    ]);
  const answer = path.endsWith('/chat')
    ? { id: 'chat-1', finish_reason: 'COMPLETE', message: {}, usage: COHERE_USAGE }
    : path.endsWith('/embed')
      ? { id: 'embed-1', embeddings: { float: [[0.5]] }, meta: { billed_units: { input_tokens: 1_000 } } }
      : path.endsWith('/classify')
        ? { id: 'classify-1', classifications: [], meta: { billed_units: { classifications: 1 } } }
        : { id: 'rerank-1', results: [], meta: { billed_units: { search_units: 1 } } };
  return { kind: 'bytes', chunks: [JSON.stringify(answer)] };
}

/** The reply to a request of a scenario. */
export function reply(scenario: string, path: string, body: Readonly<Record<string, unknown>>): Reply {
  const answer = { texts: ['Canary-completion: alpha beta.'], usage: USAGE, model: 'gpt-4o-mini-2024-07-18' };
  switch (scenario) {
    case 'net/batch-openai':
      return replyToBatch(path, 'output_file_id', OPENAI_LINE);
    case 'net/batch-mistral':
      return replyToBatch(path, 'output_file', MISTRAL_LINE);
    case 'net/batch-anthropic':
      return { kind: 'bytes', chunks: [ANTHROPIC_LINE('1'), ANTHROPIC_LINE('2')] };
    case 'net/mistral-conversation':
      return stayOpen(CONVERSATION_EVENTS);
    case 'net/mistral-ocr':
      return { kind: 'bytes', chunks: ['{"model":"mistral-ocr-2512","usage_info":{"pages_processed":3}}'] };
    case 'net/openai-conversation':
      return { kind: 'bytes', chunks: ['{"id":"conversation-1","object":"conversation"}'] };
    case 'net/cohere':
      return replyAsCohere(path, body.stream === true);
    case 'net/bedrock':
      return replyAsBedrock(path);
    case 'net/bedrock-agents':
      return replyAsAgents(path);
    case 'net/bedrock-headers': {
      const counts = {
        'x-amzn-bedrock-input-token-count': '1000',
        'x-amzn-bedrock-output-token-count': '200',
      };
      const headers = {
        'content-type': 'application/json',
        'X-Amzn-Bedrock-Service-Tier': 'default',
        ...counts,
      };
      return {
        kind: 'bytes',
        headers,
        chunks: ['{"outputs":[{"text":"Canary-completion.","stop_reason":"stop"}]}'],
      };
    }
    case 'net/ollama':
      return sendLines('application/json', OLLAMA_LINES);
    case 'net/watsonx': {
      const counts = { input_token_count: 12, generated_token_count: 5 };
      const results = [{ generated_text: 'Far.', stop_reason: 'eos_token', ...counts }];
      return { kind: 'bytes', chunks: [JSON.stringify({ model_id: 'net/watsonx', results })] };
    }
    case 'net/written-form': {
      const usage = { input_tokens: 40, output_tokens: 200, total_tokens: 240 };
      return { kind: 'bytes', chunks: [JSON.stringify({ created: 1, data: [{ b64_json: '' }], usage })] };
    }
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
    case 'net/deepgram':
      return path.endsWith('/speak') ? SPOKEN : { kind: 'bytes', chunks: [JSON.stringify(HEARD)] };
    case 'net/replicate':
      return { kind: 'bytes', chunks: [JSON.stringify(PREDICTION)] };
    case 'net/not-understood':
    case 'net/not-understood-batch':
    case 'net/unstated':
    case 'net/moderation':
    case 'net/not-a-model':
      return { kind: 'bytes', chunks: ['{"usage":{"tokens":{"input_tokens":7}}}'] };
    default:
      return { kind: 'answer', answer };
  }
}
