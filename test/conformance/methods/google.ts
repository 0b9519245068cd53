/** What Google answers: to `@google/genai`, and to the two packages before it. */
import type { EndpointPlan, Family, Known, OwnScenario, StreamReply, WholeReply } from './family.ts';

const JSON_HEADERS = { 'content-type': 'application/json; charset=UTF-8' };
const SSE_HEADERS = { 'content-type': 'text/event-stream' };
const MODEL = 'gemini-2.5-flash';

const json = (body: unknown): WholeReply => ({ headers: JSON_HEADERS, body: JSON.stringify(body) });
const sse = (events: readonly unknown[]): StreamReply => ({
  headers: SSE_HEADERS,
  events: events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`),
});

/** USD of gemini-2.5-flash: 0.30 per million in, 0.03 from the cache, 2.50 out. */
const usd = ({ input, cached, output }: { input: number; cached: number; output: number }): number =>
  ((input - cached) * 300_000 + cached * 30_000 + output * 2_500_000) / 1e12;

/** Thoughts are not in the candidates, what tools put into the prompt is not in the prompt, the cache is. */
const USAGE = {
  promptTokenCount: 1_000,
  cachedContentTokenCount: 400,
  candidatesTokenCount: 30,
  thoughtsTokenCount: 50,
  toolUsePromptTokenCount: 200,
  totalTokenCount: 1_280,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1_000 }],
};
const COUNTS = { input: 1_200, cacheRead: 400, output: 80, reasoning: 50 };
const KNOWN: Known = {
  usageStatus: 'complete',
  counts: COUNTS,
  costUsd: usd({ input: 1_200, cached: 400, output: 80 }),
  finish: ['stop'],
  responseId: 'answer-1',
  responseModel: MODEL,
};

const candidate = (text: string, finishReason?: string) => ({
  content: { role: 'model', parts: [{ text }] },
  index: 0,
  ...(finishReason === undefined ? {} : { finishReason }),
});
const answer = (text: string, more: object = {}) => ({
  candidates: [candidate(text, 'STOP')],
  usageMetadata: USAGE,
  modelVersion: MODEL,
  responseId: 'answer-1',
  ...more,
});

/** The counts of a chunk are those of the answer so far; the first one has no output yet. */
const FIRST = { promptTokenCount: 1_000, cachedContentTokenCount: 400, totalTokenCount: 1_000 };
const SECOND = { ...FIRST, candidatesTokenCount: 10, totalTokenCount: 1_010 };
const CHUNKS = [
  answer('Alpha ', { candidates: [candidate('Alpha ')], usageMetadata: FIRST }),
  answer('beta ', { candidates: [candidate('beta ')], usageMetadata: SECOND }),
  answer('gamma.'),
];

function knownAfter(chunks: number): Known {
  if (chunks === 0) return { usageStatus: 'missing' };
  if (chunks > 2) return KNOWN;
  const output = chunks === 1 ? 0 : 10;
  return {
    usageStatus: 'partial',
    counts: { input: 1_000, cacheRead: 400, ...(output === 0 ? {} : { output }) },
    costUsd: usd({ input: 1_000, cached: 400, output }),
    finish: ['error'],
    responseId: 'answer-1',
    responseModel: MODEL,
  };
}

const generate: EndpointPlan = {
  operation: 'generate_content',
  model: MODEL,
  whole: json(answer('Alpha beta gamma.')),
  known: KNOWN,
  stream: sse(CHUNKS),
  knownAfter,
};

const CALLING = answer('', {
  candidates: [
    {
      content: { role: 'model', parts: [{ functionCall: { id: 'call-1', name: 'read_weather', args: {} } }] },
      finishReason: 'STOP',
    },
  ],
});

const once = (body: unknown, known: Known): OwnScenario => ({ replies: [json(body)], spans: [{ known }] });

const GENERATE_SCENARIOS: Readonly<Record<string, OwnScenario>> = {
  'automatic-function-calls': {
    replies: [json(CALLING), json(answer('Sunny.'))],
    spans: [{ known: KNOWN }, { known: KNOWN }],
  },
  // gemini-2.5-flash has one price whatever the length; 2.5-pro answers here: 2.50 in and 15 out above 200 000.
  'long-prompt': once(
    answer('Long.', {
      modelVersion: 'gemini-2.5-pro',
      usageMetadata: { promptTokenCount: 200_001, candidatesTokenCount: 10, totalTokenCount: 200_011 },
    }),
    {
      ...KNOWN,
      counts: { input: 200_001, output: 10 },
      costUsd: (200_001 * 2_500_000 + 10 * 15_000_000) / 1e12,
      responseModel: 'gemini-2.5-pro',
    },
  ),
  // Before Gemini 3 a grounded prompt is billed once; the table has no price of it, so the cost is partial.
  grounded: once(
    answer('Found.', {
      candidates: [
        { ...candidate('Found.', 'STOP'), groundingMetadata: { webSearchQueries: ['moon', 'distance'] } },
      ],
    }),
    { ...KNOWN, costStatus: 'partial' },
  ),
  // The SDK tries again by itself: one call.
  retried: {
    replies: [
      { ...json({ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }), status: 503 },
      json(answer('At last.')),
    ],
    // The first version does not.
    spans: (version) =>
      version === '1.0.0'
        ? [
            {
              known: { usageStatus: 'missing' },
              outcome: 'error',
              errorType: 'ServerError',
              isUnanswered: true,
            },
          ]
        : [{ known: KNOWN, resends: 1 }],
  },
  flex: once(answer('Later.', { usageMetadata: { ...USAGE, serviceTier: 'flex' } }), {
    ...KNOWN,
    costUsd: KNOWN.costUsd! / 2,
  }),
  blocked: once(
    {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 100, totalTokenCount: 100 },
      modelVersion: MODEL,
      responseId: 'answer-1',
    },
    {
      ...KNOWN,
      counts: { input: 100 },
      costUsd: usd({ input: 100, cached: 0, output: 0 }),
      finish: ['blocked'],
    },
  ),
};

const OPERATION_NAME = 'models/veo-3.0-generate-001/operations/video-1';
const VIDEO = { gcsUri: 'gs://example/video.mp4', mimeType: 'video/mp4' };
/** Two videos of 4 seconds at 0.40 a second, priced once however often they are asked for. */
const video = (provider: string, done: { readonly name: string }): EndpointPlan => ({
  provider,
  operation: 'generate_content',
  model: 'veo-3.0-generate-001',
  whole: json({ name: OPERATION_NAME }),
  known: { usageStatus: 'missing', responseId: OPERATION_NAME },
  scenarios: {
    waited: {
      replies: [json({ name: done.name }), json({ name: done.name }), json(done)],
      spans: [
        { known: { usageStatus: 'complete', costUsd: 3.2, responseId: done.name } },
        ...[1, 2, 3].map(() => ({
          known: { usageStatus: 'missing', responseId: done.name } as const,
          isFree: true,
          operation: 'fetch_response',
          hasNoModel: true,
        })),
      ],
    },
  },
});
const VERTEX_DONE = {
  name: 'models/veo-3.0-generate-001/operations/video-2',
  done: true,
  response: { videos: [VIDEO, VIDEO] },
};
const SAMPLE = { video: { uri: 'https://example.com/video.mp4' } };
const GEMINI_DONE = {
  name: 'models/veo-3.0-generate-001/operations/video-3',
  done: true,
  response: { generateVideoResponse: { generatedSamples: [SAMPLE, SAMPLE] } },
};

const images = (provider: string): EndpointPlan => {
  const known: Known = { usageStatus: 'complete', costUsd: 0.08 };
  const made = { mimeType: 'image/png', bytesBase64Encoded: 'AAAA' };
  const whole = json({ predictions: [made, made] });
  return {
    provider,
    operation: 'generate_content',
    model: 'imagen-4.0-generate-001',
    whole,
    known,
    scenarios: { made: { replies: [whole], spans: [{ known }] } },
  };
};

const BATCH_NAME = 'batches/batch-1';
const BATCH = {
  name: BATCH_NAME,
  metadata: { name: BATCH_NAME, model: `models/${MODEL}`, state: 'BATCH_STATE_PENDING' },
};
const BATCH_DONE = {
  name: BATCH_NAME,
  done: true,
  metadata: {
    ...BATCH.metadata,
    state: 'BATCH_STATE_SUCCEEDED',
    output: {
      inlinedResponses: { inlinedResponses: [{ response: answer('One.') }, { response: answer('Two.') }] },
    },
  },
};
const BATCH_IN_FILE = {
  ...BATCH_DONE,
  metadata: {
    ...BATCH.metadata,
    state: 'BATCH_STATE_SUCCEEDED',
    output: { responsesFile: 'files/results-1' },
  },
};
const lines = (...items: readonly object[]): WholeReply => ({
  headers: { 'content-type': 'application/octet-stream' },
  body: items.map((item) => `${JSON.stringify(item)}\n`).join(''),
});
const RESULT_FILE = lines(
  { key: 'one', response: answer('One.') },
  { key: 'two', error: { code: 13, message: 'refused' } },
  { key: 'three', response: answer('Three.') },
);
const RESULT_FILE_OF_ANOTHER = lines({ text: 'one' }, { text: 'two' });
const VERTEX_JOB = {
  name: 'projects/1/locations/us-central1/batchPredictionJobs/7',
  model: `publishers/google/models/${MODEL}`,
  state: 'JOB_STATE_PENDING',
  outputConfig: { predictionsFormat: 'jsonl', gcsDestination: { outputUriPrefix: 'gs://example/out' } },
};
const VERTEX_END = { state: 'JOB_STATE_SUCCEEDED', completionStats: { successfulCount: '2' } };
/** Half the price but for what the cache gave, once however often it is read; of the feature that submitted it. */
const BATCHED: Known = { ...KNOWN, costUsd: (800 * 150_000 + 400 * 30_000 + 80 * 1_250_000) / 1e12 };

const INTERACTION = {
  id: 'interaction-1',
  object: 'interaction',
  model: MODEL,
  status: 'completed',
  created: '2026-10-01T12:00:00Z',
  updated: '2026-10-01T12:00:00Z',
  service_tier: 'standard',
  steps: [{ type: 'model_output', content: [{ type: 'text', text: 'Alpha.' }] }],
  usage: {
    total_input_tokens: 1_000,
    total_cached_tokens: 400,
    total_output_tokens: 30,
    total_thought_tokens: 50,
    total_tool_use_tokens: 200,
    total_tokens: 1_280,
  },
};
const INTERACTED: Known = { ...KNOWN, finish: ['completed'], responseId: 'interaction-1' };
const INTERACTION_EVENTS = [
  {
    event_type: 'interaction.created',
    interaction: { id: 'interaction-1', object: 'interaction', model: MODEL, status: 'in_progress' },
  },
  { event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'Alpha.' } },
  { event_type: 'interaction.completed', interaction: INTERACTION },
];
const STARTED: Known = {
  usageStatus: 'missing',
  responseId: 'interaction-1',
  responseModel: MODEL,
};

/** `@google/genai`. */
export const googleGenai: Family = {
  name: 'google-genai',
  package: '@google/genai',
  provider: 'gcp.gemini',
  versions: [
    { alias: 'genai-1-0', version: '1.0.0', formats: ['esm'], dropsIdOf: /^(?:generateContent|chats)$/ },
    { alias: 'genai-1', version: '1.52.0' },
    { alias: 'genai-2', version: '2.32.0' },
    { alias: 'genai-3', version: '3.3.0' },
  ],
  endpoints: {
    generateContent: { ...generate, scenarios: GENERATE_SCENARIOS },
    chats: generate,
    embedContent: {
      operation: 'embeddings',
      model: 'gemini-embedding-001',
      // The Gemini API counts nothing for this model.
      whole: json({ embeddings: [{ values: [0.25, -0.5] }] }),
      known: { usageStatus: 'missing' },
    },
    countTokens: {
      operation: 'count_tokens',
      model: MODEL,
      isFree: true,
      whole: json({ totalTokens: 12 }),
      known: { usageStatus: 'missing' },
    },
    // Put in once at the price of input, and kept for an hour, as far as anybody knows yet.
    'caches.create': {
      operation: 'generate_content',
      model: MODEL,
      whole: json({
        name: 'cachedContents/cache-1',
        model: `models/${MODEL}`,
        usageMetadata: { totalTokenCount: 10_000 },
        createTime: '2026-11-01T12:00:00.000Z',
        expireTime: '2026-11-01T13:00:00.000Z',
      }),
      known: {
        usageStatus: 'complete',
        counts: { input: 10_000 },
        // 0.30 a million tokens, and 1.00 a million tokens and hour.
        costUsd: 0.013,
        costStatus: 'estimated',
        responseModel: MODEL,
      },
    },
    'caches.update': {
      operation: 'generate_content',
      model: MODEL,
      whole: json({ name: 'cachedContents/cache-1', model: `models/${MODEL}` }),
      known: { usageStatus: 'missing' },
      warns: 'COSTSPAN_UNPRICED',
      scenarios: {
        'kept-longer': {
          replies: [json({ name: 'cachedContents/cache-1', model: `models/${MODEL}` })],
          spans: [{ known: { usageStatus: 'missing', responseModel: MODEL }, hasNoModel: true }],
        },
      },
    },
    generateImages: images('gcp.gemini'),
    generateVideos: video('gcp.gemini', GEMINI_DONE),
    'vertex.generateImages': images('gcp.vertex_ai'),
    'vertex.generateVideos': video('gcp.vertex_ai', VERTEX_DONE),
    interactions: {
      operation: 'generate_content',
      model: MODEL,
      whole: json(INTERACTION),
      known: INTERACTED,
      stream: sse(INTERACTION_EVENTS),
      knownAfter: (chunks) => (chunks === 0 ? { usageStatus: 'missing' } : chunks < 3 ? STARTED : INTERACTED),
    },
    batches: {
      operation: 'generate_content',
      model: MODEL,
      whole: json(BATCH),
      known: { usageStatus: 'missing' },
      scenarios: {
        'submitted-and-read-twice': {
          replies: [json(BATCH), json(BATCH), json(BATCH_DONE)],
          spans: [{ known: BATCHED }, { known: BATCHED }],
        },
        'downloaded-twice': {
          replies: [json(BATCH), json(BATCH_IN_FILE), RESULT_FILE],
          spans: [{ known: BATCHED }, { known: BATCHED }],
        },
        'another-file': { replies: [RESULT_FILE_OF_ANOTHER], spans: [] },
      },
    },
    // Vertex writes the results to storage: nothing that the SDK sees ever says what they used.
    'vertex.batches': {
      provider: 'gcp.vertex_ai',
      warns: 'COSTSPAN_UNPRICED',
      operation: 'generate_content',
      model: MODEL,
      whole: json(VERTEX_JOB),
      known: { usageStatus: 'missing' },
      scenarios: {
        'to-storage': {
          replies: [json(VERTEX_JOB), json({ ...VERTEX_JOB, ...VERTEX_END })],
          spans: [{ known: { usageStatus: 'missing' } }],
        },
      },
    },
    'vertex.generateContent': {
      ...generate,
      provider: 'gcp.vertex_ai',
      whole: json(answer('Alpha.', { usageMetadata: { ...USAGE, trafficType: 'ON_DEMAND' } })),
    },
    'vertex.embedContent': {
      operation: 'embeddings',
      model: 'gemini-embedding-001',
      provider: 'gcp.vertex_ai',
      whole: json({
        predictions: [{ embeddings: { values: [0.25], statistics: { token_count: 8, truncated: false } } }],
      }),
      known: { usageStatus: 'complete', counts: { input: 8 }, costUsd: 0.0000012 },
    },
  },
  writeError: (status) =>
    json({ error: { code: status, message: `refused with ${status}`, status: 'ABORTED' } }),
};

/** What these packages put together of a stream has neither its id nor its model. */
const { responseId: _id, responseModel: _model, ...KNOWN_WHOLE } = KNOWN;
const older: EndpointPlan = {
  ...generate,
  // The provider sends all of it whatever the application reads: a second reader inside the SDK takes it.
  knownWhole: KNOWN_WHOLE,
  scenarios: {
    'stream-and-promise': { replies: [sse(CHUNKS)], spans: [{ known: KNOWN_WHOLE, isStream: true }] },
    'stream-promise-alone': { replies: [sse(CHUNKS)], spans: [{ known: KNOWN_WHOLE, isStream: true }] },
  },
};
const countTokens = googleGenai.endpoints.countTokens!;

/** `@google/generative-ai`. */
export const generativeAi: Family = {
  name: 'google-generative-ai',
  package: '@google/generative-ai',
  provider: 'gcp.gemini',
  versions: [
    { alias: 'generative-ai-0-14', version: '0.14.0' },
    { alias: 'generative-ai-0-24', version: '0.24.1' },
  ],
  endpoints: {
    generateContent: older,
    sendMessage: older,
    countTokens,
    embedContent: {
      operation: 'embeddings',
      model: 'gemini-embedding-001',
      whole: json({ embedding: { values: [0.25, -0.5] } }),
      known: { usageStatus: 'missing' },
    },
  },
  writeError: googleGenai.writeError,
};

/** `@google-cloud/vertexai`. */
export const vertexai: Family = {
  name: 'google-vertexai',
  package: '@google-cloud/vertexai',
  provider: 'gcp.vertex_ai',
  versions: [
    { alias: 'vertexai-1-0', version: '1.0.0' },
    { alias: 'vertexai-1-12', version: '1.12.0' },
  ],
  endpoints: { generateContent: older, sendMessage: older, countTokens },
  writeError: googleGenai.writeError,
};
