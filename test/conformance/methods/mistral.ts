import type { EndpointPlan, Family, Known } from './family.ts';

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
    'chat.complete': completion('chat', 'mistral-large-2512', 0.0008),
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
