import type { EndpointPlan, Family, Known, WholeReply } from './family.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const EVENT_HEADERS = { 'content-type': 'text/event-stream' };
const MISSING: Known = { usageStatus: 'missing' };
const json = (body: object) => ({ headers: JSON_HEADERS, body: JSON.stringify(body) });
const event = (data: object | string): string =>
  `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

const USAGE = { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 };
const base = (model: string) => ({ id: 'cmpl-1', object: 'chat.completion', created: 1_790_000_000, model });
const ids = (model: string) => ({ responseId: 'cmpl-1', responseModel: model });

/** A completion, whole and as a stream of three chunks, the last of which has the usage. */
function completion(operation: string, model: string, costUsd: number): EndpointPlan {
  const known: Known = {
    usageStatus: 'complete',
    counts: { input: 1_000, output: 200 },
    costUsd,
    finish: ['stop'],
    ...ids(model),
  };
  const chunk = (delta: object, finish_reason: string | null, more: object = {}) =>
    event({
      ...base(model),
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason }],
      ...more,
    });
  return {
    operation,
    model,
    whole: json({
      ...base(model),
      usage: USAGE,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Alpha beta.' } }],
    }),
    known,
    stream: {
      headers: EVENT_HEADERS,
      events: [
        chunk({ role: 'assistant', content: 'Alpha ' }, null),
        chunk({ content: 'beta.' }, null),
        chunk({ content: '' }, 'stop', { usage: USAGE }),
        event('[DONE]'),
      ],
    },
    knownAfter: (chunks) =>
      chunks === 0 ? MISSING : chunks < 3 ? { ...MISSING, finish: ['error'], ...ids(model) } : known,
  };
}

const chat = completion('chat', 'mistral-large-2512', 0.0008);

/** A conversation's connectors put tokens into the prompt besides what is said: 300 of the 1,300 input tokens. */
const CONVERSED: Known = {
  usageStatus: 'complete',
  counts: { input: 1_300, output: 200 },
  costUsd: 0.00095,
  costStatus: 'partial',
  responseModel: 'mistral-large-2512',
};
const CONVERSATION_USAGE = {
  prompt_tokens: 1_000,
  completion_tokens: 200,
  connector_tokens: 300,
  total_tokens: 1_500,
  connectors: { web_search: 2 },
};
const CONVERSATION = json({
  object: 'conversation.response',
  conversation_id: 'conversation-1',
  outputs: [
    {
      object: 'entry',
      type: 'message.output',
      id: 'message-1',
      role: 'assistant',
      model: 'mistral-large-2512',
      content: 'Alpha.',
    },
  ],
  usage: CONVERSATION_USAGE,
});
const named = (data: { readonly type: string; readonly [key: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const conversation: EndpointPlan = {
  operation: 'chat',
  model: 'mistral-large-2512',
  whole: CONVERSATION,
  known: CONVERSED,
  stream: {
    headers: EVENT_HEADERS,
    events: [
      named({ type: 'conversation.response.started', conversation_id: 'conversation-1' }),
      named({
        type: 'message.output.delta',
        id: 'message-1',
        role: 'assistant',
        model: 'mistral-large-2512',
        content: 'Alpha.',
      }),
      named({ type: 'conversation.response.done', usage: CONVERSATION_USAGE }),
    ],
  },
  knownAfter: (chunks) => {
    if (chunks < 2) return MISSING;
    return chunks < 3 ? { ...MISSING, responseModel: 'mistral-large-2512' } : CONVERSED;
  },
  scenarios: {
    appended: { replies: [CONVERSATION], spans: [{ known: CONVERSED, hasNoModel: true }] },
  },
};

/** Ten minutes at 0.18 USD an hour. */
const TRANSCRIBED: Known = { usageStatus: 'complete', costUsd: 0.03, responseModel: 'voxtral-mini-2602' };
const TRANSCRIPTION = {
  model: 'voxtral-mini-2602',
  text: 'Alpha.',
  language: 'en',
  segments: [],
  usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, prompt_audio_seconds: 600 },
};
const transcription: EndpointPlan = {
  operation: 'generate_content',
  model: 'voxtral-mini-2602',
  whole: json(TRANSCRIPTION),
  known: TRANSCRIBED,
  stream: {
    headers: EVENT_HEADERS,
    events: [
      named({ type: 'transcription.text.delta', text: 'Alpha.' }),
      named({ type: 'transcription.done', ...TRANSCRIPTION }),
    ],
  },
  knownAfter: (chunks) => (chunks < 2 ? MISSING : TRANSCRIBED),
};

/** Thirteen characters at 16 USD a million; no second source confirms it. */
const SPOKEN: Known = { usageStatus: 'complete', costUsd: 0.000208, costStatus: 'estimated' };

const JOB = {
  id: 'job-1',
  object: 'batch',
  input_files: ['file-0'],
  endpoint: '/v1/chat/completions',
  model: 'mistral-large-2512',
  errors: [],
  status: 'QUEUED',
  created_at: 1_790_000_000,
  total_requests: 2,
  completed_requests: 0,
  succeeded_requests: 0,
  failed_requests: 0,
};
const line = (id: string): string =>
  `${JSON.stringify({ id, custom_id: id, response: { status_code: 200, body: JSON.parse(String(chat.whole.body)) }, error: null })}\n`;
const RESULTS: WholeReply = {
  headers: { 'content-type': 'application/octet-stream' },
  body: line('one') + line('two'),
};
const BATCHED: Known = { ...chat.known, costUsd: chat.known.costUsd! / 2, costStatus: 'estimated' };

/** The `@mistralai/mistralai` package. List prices of 2025-12: Large 3 at 0.5 and 1.5 USD, Codestral at 0.3 and 0.9. */
export const mistral: Family = {
  name: 'mistral',
  package: '@mistralai/mistralai',
  provider: 'mistral_ai',
  versions: [
    { alias: 'mistral-1-10', version: '1.10.0' },
    { alias: 'mistral-1', version: '1.15.1' },
    { alias: 'mistral-2', version: '2.7.0', formats: ['esm'] },
  ],
  endpoints: {
    'chat.complete': {
      ...chat,
      scenarios: {
        'retried-503': {
          replies: [{ ...json({ message: 'busy' }), status: 503 }, chat.whole],
          spans: [{ known: chat.known, resends: 1 }],
        },
        // An answer that the SDK does not know the form of has been billed all the same.
        'refused-by-the-sdk': {
          replies: [json({ ...JSON.parse(String(chat.whole.body)), created: 'later' })],
          spans: [{ known: chat.known, outcome: 'error', errorType: 'ResponseValidationError' }],
        },
      },
    },
    // The answer names the model that the agent has.
    'agents.complete': { ...chat, model: 'agent-1' },
    'conversations.start': conversation,
    'classifiers.moderate': {
      operation: 'generate_content',
      model: 'mistral-moderation-2411',
      whole: json({
        id: 'moderation-1',
        model: 'mistral-moderation-2411',
        results: [{ categories: { pii: false }, category_scores: { pii: 0.1 } }],
      }),
      known: { ...MISSING, responseId: 'moderation-1', responseModel: 'mistral-moderation-2411' },
    },
    'audio.transcriptions.complete': transcription,
    'audio.speech.complete': {
      operation: 'generate_content',
      model: 'voxtral-mini-tts-2603',
      whole: json({ audio_data: 'AAAA' }),
      known: SPOKEN,
      stream: {
        headers: EVENT_HEADERS,
        events: [
          named({ type: 'speech.audio.delta', audio_data: 'AAAA' }),
          named({
            type: 'speech.audio.done',
            usage: { prompt_tokens: 5, completion_tokens: 9, total_tokens: 14 },
          }),
        ],
      },
      knownAfter: (chunks) => (chunks < 2 ? MISSING : SPOKEN),
    },
    'batch.jobs': {
      operation: 'chat',
      model: 'mistral-large-2512',
      whole: json(JOB),
      known: MISSING,
      scenarios: {
        'downloaded-twice': {
          replies: [json(JOB), json({ ...JOB, status: 'SUCCESS', output_file: 'file-1' }), RESULTS],
          spans: [{ known: BATCHED }, { known: BATCHED }],
        },
        'downloaded-otherwise': {
          replies: [RESULTS],
          spans: Array.from({ length: 6 }, () => ({ known: BATCHED })),
        },
      },
    },
    'fineTuning.jobs': {
      operation: 'generate_content',
      model: 'ministral-8b-2410',
      whole: json({
        id: 'tuning-1',
        object: 'job',
        job_type: 'completion',
        auto_start: true,
        hyperparameters: { training_steps: 10, learning_rate: 0.0001 },
        model: 'ministral-8b-2410',
        status: 'QUEUED',
        created_at: 1_790_000_000,
        modified_at: 1_790_000_000,
        training_files: ['file-1'],
      }),
      known: MISSING,
      warns: 'COSTSPAN_UNPRICED',
    },
    'fim.complete': { ...completion('text_completion', 'codestral-2508', 0.00048) },
    'embeddings.create': {
      operation: 'embeddings',
      model: 'mistral-embed',
      whole: json({
        id: 'emb-1',
        object: 'list',
        model: 'mistral-embed',
        data: [{ object: 'embedding', embedding: [0.25, -0.5], index: 0 }],
        usage: { prompt_tokens: 1_000, total_tokens: 1_000, completion_tokens: 0 },
      }),
      known: {
        usageStatus: 'complete',
        counts: { input: 1_000 },
        costUsd: 0.0001,
        responseModel: 'mistral-embed',
      },
    },
    'ocr.process': {
      operation: 'generate_content',
      model: 'mistral-ocr-2512',
      whole: json({
        model: 'mistral-ocr-2512',
        pages: [{ index: 0, markdown: 'Alpha', images: [], dimensions: { dpi: 200, height: 10, width: 10 } }],
        usage_info: { pages_processed: 3, doc_size_bytes: 9 },
      }),
      known: { usageStatus: 'complete', costUsd: 0.006, responseModel: 'mistral-ocr-2512' },
    },
  },
  writeError: (status) =>
    json({ object: 'error', message: `refused with ${status}`, type: 'error', code: '1' }),
};
