import type { EndpointPlan, Family, Known } from './family.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const EVENT_HEADERS = { 'content-type': 'text/event-stream' };
const LINE_HEADERS = { 'content-type': 'application/stream+json' };
const MISSING: Known = { usageStatus: 'missing' };
const json = (body: object) => ({ headers: JSON_HEADERS, body: JSON.stringify(body) });
const line = (event: object): string => `${JSON.stringify(event)}\n`;
const event = (data: { readonly type: string; readonly [key: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const MODEL = 'command-a-03-2025';
/** 1,000 billed tokens in at 2.5 USD a million, 200 out at 10 USD. What was processed is more and not billed. */
const USAGE = {
  billed_units: { input_tokens: 1_000, output_tokens: 200 },
  tokens: { input_tokens: 1_400, output_tokens: 210 },
};
const known = (responseId: string): Known => ({
  usageStatus: 'complete',
  counts: { input: 1_000, output: 200 },
  costUsd: 0.0045,
  finish: ['COMPLETE'],
  responseId,
});

const ANSWER = {
  response_id: 'response-1',
  text: 'Alpha beta.',
  generation_id: 'generation-1',
  finish_reason: 'COMPLETE',
  meta: { api_version: { version: '1' }, ...USAGE },
};
const BEGUN: Known = { ...MISSING, responseId: 'generation-1' };
const chat: EndpointPlan = {
  operation: 'chat',
  model: MODEL,
  whole: json(ANSWER),
  known: known('response-1'),
  stream: {
    headers: LINE_HEADERS,
    events: [
      line({ is_finished: false, event_type: 'stream-start', generation_id: 'generation-1' }),
      line({ is_finished: false, event_type: 'text-generation', text: 'Alpha ' }),
      line({ is_finished: false, event_type: 'text-generation', text: 'beta.' }),
      line({ is_finished: true, event_type: 'stream-end', response: ANSWER, finish_reason: 'COMPLETE' }),
    ],
  },
  knownAfter: (chunks) => (chunks === 0 ? MISSING : chunks < 4 ? BEGUN : known('response-1')),
};

const MESSAGE = { role: 'assistant', content: [{ type: 'text', text: 'Alpha beta.' }] };
const BEGUN_2: Known = { ...MISSING, responseId: 'chat-1' };
const chatOfVersion2: EndpointPlan = {
  operation: 'chat',
  model: MODEL,
  whole: json({ id: 'chat-1', finish_reason: 'COMPLETE', message: MESSAGE, usage: USAGE }),
  known: known('chat-1'),
  stream: {
    headers: EVENT_HEADERS,
    events: [
      event({ type: 'message-start', id: 'chat-1', delta: { message: { role: 'assistant' } } }),
      event({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
      event({ type: 'content-delta', index: 0, delta: { message: { content: { text: 'Alpha beta.' } } } }),
      event({ type: 'content-end', index: 0 }),
      event({ type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: USAGE } }),
    ],
  },
  knownAfter: (chunks) => (chunks === 0 ? MISSING : chunks < 5 ? BEGUN_2 : known('chat-1')),
};

/** The `cohere-ai` package: billed by what the answer says is billed. Rerank: 2 USD for 1,000 searches. */
export const cohere: Family = {
  name: 'cohere',
  package: 'cohere-ai',
  provider: 'cohere',
  versions: [
    { alias: 'cohere-7-15', version: '7.15.0' },
    { alias: 'cohere-7', version: '7.21.0' },
    { alias: 'cohere-8', version: '8.1.0' },
  ],
  endpoints: {
    chat,
    'v2.chat': chatOfVersion2,
    embed: {
      operation: 'embeddings',
      model: 'embed-v4.0',
      whole: json({
        response_type: 'embeddings_floats',
        id: 'embed-1',
        embeddings: [[0.25, -0.5]],
        texts: ['moon'],
        meta: { billed_units: { input_tokens: 1_000 } },
      }),
      known: { usageStatus: 'complete', counts: { input: 1_000 }, costUsd: 0.00012 },
    },
    classify: {
      operation: 'generate_content',
      model: 'embed-english-v3.0',
      whole: json({
        id: 'classify-1',
        classifications: [
          {
            id: 'class-1',
            classification_type: 'single-label',
            labels: {},
            prediction: 'moon',
            predictions: ['moon'],
            confidence: 0.9,
            confidences: [0.9],
          },
        ],
        meta: { billed_units: { classifications: 2 } },
      }),
      // There is no list price for it any more.
      known: { usageStatus: 'complete', responseId: 'classify-1' },
    },
    summarize: {
      operation: 'text_completion',
      model: 'command-a-03-2025',
      whole: json({ id: 'summary-1', summary: 'Alpha.', meta: USAGE }),
      known: {
        usageStatus: 'complete',
        counts: { input: 1_000, output: 200 },
        costUsd: 0.0045,
        responseId: 'summary-1',
      },
    },
    rerank: {
      operation: 'rerank',
      model: 'rerank-v3.5',
      whole: json({
        id: 'rerank-1',
        results: [{ index: 1, relevance_score: 0.9 }],
        meta: { billed_units: { search_units: 1 } },
      }),
      known: { usageStatus: 'complete', costUsd: 0.002, responseId: 'rerank-1' },
    },
  },
  writeError: (status) => json({ message: `refused with ${status}` }),
};
