/** What Google answers: to `@google/genai`, and to the two packages before it. */
import type { EndpointPlan, Family, Known, OwnScenario } from './family.ts';
import {
  answer,
  CHUNKS,
  candidate,
  generate,
  json,
  KNOWN,
  MODEL,
  sse,
  USAGE,
  usd,
} from './google-answers.ts';
import { batches, GEMINI_DONE, images, VERTEX_DONE, vertexBatches, video } from './google-jobs.ts';

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
  // Before Gemini 3 a grounded prompt is billed once, 35 USD a thousand, beyond those that are free.
  grounded: once(
    answer('Found.', {
      candidates: [
        { ...candidate('Found.', 'STOP'), groundingMetadata: { webSearchQueries: ['moon', 'distance'] } },
      ],
    }),
    { ...KNOWN, costUsd: 0.035452, costStatus: 'estimated' },
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
      scenarios: {
        // What `get` hands out is a proxy of the stream.
        'background-followed': {
          replies: [
            json({ id: 'interaction-1', object: 'interaction', model: MODEL, status: 'in_progress' }),
            sse(INTERACTION_EVENTS),
          ],
          spans: [
            { known: INTERACTED },
            {
              operation: 'fetch_response',
              hasNoModel: true,
              hasFirstChunk: true,
              isFree: true,
              known: { ...STARTED, finish: ['completed'] },
            },
          ],
        },
      },
    },
    batches,
    'vertex.batches': vertexBatches,
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
