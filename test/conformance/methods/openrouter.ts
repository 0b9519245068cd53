import type { EndpointPlan, Family, Known } from './family.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const EVENT_HEADERS = { 'content-type': 'text/event-stream' };
const MISSING: Known = { usageStatus: 'missing' };
const json = (body: object) => ({ headers: JSON_HEADERS, body: JSON.stringify(body) });
const event = (data: object | string): string =>
  `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** What the answer says it costs is what is billed: no list price enters. */
const COST = {
  cost: 0.00215,
  is_byok: false,
  cost_details: {
    upstream_inference_cost: null,
    upstream_inference_prompt_cost: 0.00115,
    upstream_inference_completions_cost: 0.001,
  },
};
const CHAT_MODEL = 'anthropic/claude-haiku-4.5';
const USAGE = {
  prompt_tokens: 1_200,
  completion_tokens: 200,
  total_tokens: 1_400,
  prompt_tokens_details: { cached_tokens: 1_000, cache_write_tokens: 100 },
  completion_tokens_details: { reasoning_tokens: 40 },
  ...COST,
};
const base = { id: 'gen-1', created: 1_790_000_000, model: CHAT_MODEL, system_fingerprint: null };
const ids = { responseId: 'gen-1', responseModel: CHAT_MODEL };
const KNOWN: Known = {
  usageStatus: 'complete',
  counts: { input: 1_200, output: 200, cacheRead: 1_000, cacheWrite: 100, reasoning: 40 },
  costUsd: 0.00215,
  finish: ['stop'],
  ...ids,
};
const WHOLE = json({
  ...base,
  object: 'chat.completion',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Alpha beta.' } }],
  usage: USAGE,
});
const chunk = (delta: object, finish_reason: string | null, more: object = {}) =>
  event({
    ...base,
    system_fingerprint: undefined,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  });

const chat: EndpointPlan = {
  operation: 'chat',
  model: CHAT_MODEL,
  whole: WHOLE,
  known: KNOWN,
  stream: {
    headers: EVENT_HEADERS,
    events: [
      chunk({ role: 'assistant', content: 'Alpha ' }, null),
      chunk({ content: 'beta.' }, null),
      chunk({ content: '' }, 'stop'),
      chunk({ content: '' }, null, { choices: [], usage: USAGE }),
      event('[DONE]'),
    ],
  },
  knownAfter: (chunks) => {
    if (chunks === 0) return MISSING;
    if (chunks >= 4) return KNOWN;
    return { ...MISSING, ...ids, finish: chunks === 3 ? ['stop'] : ['error'] };
  },
  scenarios: {
    'retried-503': {
      replies: [{ ...json({ error: { code: 503, message: 'busy' } }), status: 503 }, WHOLE],
      spans: [{ known: KNOWN, resends: 1 }],
    },
    // An answer that the SDK does not know the form of has been billed all the same.
    'refused-by-the-sdk': {
      replies: [json({ ...JSON.parse(WHOLE.body), created: 'later' })],
      spans: [{ known: KNOWN, outcome: 'error', errorType: 'ResponseValidationError' }],
    },
  },
};

const ANSWER_MODEL = 'openai/gpt-5-mini';
const response = (status: string, more: object = {}) => ({
  id: 'resp-1',
  object: 'response',
  created_at: 1_790_000_000,
  completed_at: null,
  model: ANSWER_MODEL,
  status,
  output: [],
  error: null,
  incomplete_details: null,
  temperature: null,
  top_p: null,
  presence_penalty: null,
  frequency_penalty: null,
  instructions: null,
  metadata: null,
  tools: [],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  ...more,
});
const RESPONSE_USAGE = {
  input_tokens: 1_200,
  input_tokens_details: { cached_tokens: 1_000 },
  output_tokens: 200,
  output_tokens_details: { reasoning_tokens: 40 },
  total_tokens: 1_400,
  cost: 0.0007,
  is_byok: false,
  cost_details: { upstream_inference_input_cost: 0.0003, upstream_inference_output_cost: 0.0004 },
};
const responseIds = { responseId: 'resp-1', responseModel: ANSWER_MODEL };
const KNOWN_RESPONSE: Known = {
  usageStatus: 'complete',
  counts: { input: 1_200, output: 200, cacheRead: 1_000, reasoning: 40 },
  costUsd: 0.0007,
  finish: ['stop'],
  ...responseIds,
};
const responses: EndpointPlan = {
  operation: 'chat',
  model: ANSWER_MODEL,
  whole: json(response('completed', { usage: RESPONSE_USAGE })),
  known: KNOWN_RESPONSE,
  stream: {
    headers: EVENT_HEADERS,
    events: [
      event({ type: 'response.created', sequence_number: 0, response: response('in_progress') }),
      event({
        type: 'response.output_text.delta',
        sequence_number: 1,
        item_id: 'msg-1',
        output_index: 0,
        content_index: 0,
        delta: 'Alpha beta.',
        logprobs: [],
      }),
      event({
        type: 'response.completed',
        sequence_number: 2,
        response: response('completed', { usage: RESPONSE_USAGE }),
      }),
    ],
  },
  knownAfter: (chunks) =>
    chunks === 0 ? MISSING : chunks < 3 ? { ...MISSING, ...responseIds, finish: ['error'] } : KNOWN_RESPONSE,
};

const VIDEO = { id: 'job-1', polling_url: 'https://openrouter.ai/api/v1/videos/job-1' };
const KNOWN_VIDEO: Known = { usageStatus: 'complete', costUsd: 0.5, responseId: 'job-1' };

/** The `@openrouter/sdk` package. */
export const openrouter: Family = {
  name: 'openrouter',
  package: '@openrouter/sdk',
  provider: 'openrouter',
  versions: [
    { alias: 'openrouter-0-13', version: '0.13.7', formats: ['esm'] },
    { alias: 'openrouter-1', version: '1.3.19', formats: ['esm'] },
  ],
  endpoints: {
    'chat.send': chat,
    'responses.send': responses,
    'embeddings.generate': {
      operation: 'embeddings',
      model: 'openai/text-embedding-3-small',
      whole: json({
        id: 'emb-1',
        object: 'list',
        model: 'text-embedding-3-small',
        data: [{ object: 'embedding', embedding: [0.25, -0.5], index: 0 }],
        usage: { prompt_tokens: 1_000, total_tokens: 1_000, cost: 0.00002 },
      }),
      known: {
        usageStatus: 'complete',
        counts: { input: 1_000 },
        costUsd: 0.00002,
        responseModel: 'text-embedding-3-small',
      },
    },
    'rerank.rerank': {
      operation: 'rerank',
      model: 'cohere/rerank-v3.5',
      whole: json({
        id: 'rerank-1',
        model: 'cohere/rerank-v3.5',
        results: [{ index: 0, relevance_score: 0.9, document: { text: 'a' } }],
        usage: { search_units: 1, cost: 0.002 },
      }),
      known: {
        usageStatus: 'complete',
        costUsd: 0.002,
        responseId: 'rerank-1',
        responseModel: 'cohere/rerank-v3.5',
      },
    },
    'systemOne.create': {
      operation: 'generate_content',
      model: 'typesafe/jev-1.13',
      whole: json({
        id: 'decision-1',
        model: 'typesafe/jev-1.13',
        answers: { far: { type: 'choice', choice: 'far', confidence: 0.9, probabilities: { far: 0.9 } } },
        usage: { input_tokens: 1_000, output_tokens: 10, cost: 0.0005 },
      }),
      known: {
        usageStatus: 'complete',
        counts: { input: 1_000, output: 10 },
        costUsd: 0.0005,
        responseId: 'decision-1',
        responseModel: 'typesafe/jev-1.13',
      },
    },
    'stt.createTranscription': {
      operation: 'generate_content',
      model: 'openai/whisper-large-v3',
      whole: json({ text: 'Alpha beta.', usage: { seconds: 9.2, cost: 0.000508 } }),
      known: { usageStatus: 'complete', costUsd: 0.000508 },
    },
    'images.generate': {
      operation: 'generate_content',
      model: 'google/gemini-2.5-flash-image',
      whole: json({
        created: 1_790_000_000,
        data: [{ b64_json: 'aGk=', media_type: 'image/png' }],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 1_290,
          total_tokens: 1_300,
          cost: 0.0387,
          is_byok: false,
        },
      }),
      known: { usageStatus: 'complete', counts: { input: 10, output: 1_290 }, costUsd: 0.0387 },
    },
    'tts.createSpeech': {
      operation: 'generate_content',
      model: 'openai/tts-1',
      whole: { headers: { 'content-type': 'audio/mpeg' }, body: 'sound' },
      known: MISSING,
      scenarios: {
        spoken: {
          replies: [{ headers: { 'content-type': 'audio/mpeg' }, body: 'sound' }],
          // The characters are known and nobody says what they cost here.
          spans: [{ known: { usageStatus: 'complete' } }],
        },
      },
    },
    'videoGeneration.generate': {
      operation: 'generate_content',
      model: 'google/veo-3.1',
      whole: json({ ...VIDEO, status: 'pending' }),
      known: MISSING,
      scenarios: {
        'asked-until-done': {
          replies: [
            { ...json({ ...VIDEO, status: 'pending' }), status: 202 },
            json({ ...VIDEO, status: 'in_progress' }),
            json({ ...VIDEO, status: 'completed', usage: { cost: 0.5, is_byok: false } }),
          ],
          spans: [
            { known: KNOWN_VIDEO },
            ...[1, 2, 3].map(() => ({
              known: { ...MISSING, responseId: 'job-1' },
              operation: 'fetch_response',
              hasNoModel: true,
              isFree: true,
            })),
          ],
        },
      },
    },
  },
  writeError: (status) => json({ error: { code: status, message: `refused with ${status}` } }),
};
