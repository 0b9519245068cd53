import type { EndpointPlan, Family, Known } from './family.ts';

const AT = '2026-10-01T12:00:00.000Z';
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const LINE_HEADERS = { 'content-type': 'application/x-ndjson' };
const COUNTS = {
  prompt_eval_count: 26,
  eval_count: 298,
  total_duration: 4_883_583_458,
  load_duration: 1_334_875,
};
const MISSING: Known = { usageStatus: 'missing' };
const KNOWN: Known = {
  usageStatus: 'complete',
  counts: { input: 26, output: 298 },
  finish: ['stop'],
  responseModel: 'llama3',
};

/** `chat` says it in a message, `generate` in a field. */
function streamable(operation: string, say: (text: string) => object): EndpointPlan {
  const base = { model: 'llama3', created_at: AT };
  const end = { done: true, done_reason: 'stop', ...COUNTS };
  const pieces = [
    { ...base, ...say('Alpha '), done: false },
    { ...base, ...say('beta.'), done: false },
    { ...base, ...say(''), ...end },
  ];
  return {
    operation,
    model: 'llama3',
    whole: { headers: JSON_HEADERS, body: JSON.stringify({ ...base, ...say('Alpha beta.'), ...end }) },
    known: KNOWN,
    stream: { headers: LINE_HEADERS, events: pieces.map((piece) => `${JSON.stringify(piece)}\n`) },
    knownAfter: (chunks) =>
      chunks === 0 ? MISSING : chunks < 3 ? { ...MISSING, responseModel: 'llama3' } : KNOWN,
  };
}

/** The `ollama` package. */
export const ollama: Family = {
  name: 'ollama',
  package: 'ollama',
  provider: 'ollama',
  versions: [
    { alias: 'ollama-0-5', version: '0.5.9' },
    { alias: 'ollama-0-6', version: '0.6.4' },
  ],
  endpoints: {
    chat: streamable('chat', (content) => ({ message: { role: 'assistant', content } })),
    generate: streamable('text_completion', (response) => ({ response })),
    embed: {
      operation: 'embeddings',
      model: 'llama3',
      whole: {
        headers: JSON_HEADERS,
        body: JSON.stringify({ model: 'llama3', embeddings: [[0.25, -0.5]], prompt_eval_count: 8 }),
      },
      known: { usageStatus: 'complete', counts: { input: 8 }, responseModel: 'llama3' },
    },
    embeddings: {
      operation: 'embeddings',
      model: 'llama3',
      whole: { headers: JSON_HEADERS, body: JSON.stringify({ embedding: [0.25, -0.5] }) },
      known: MISSING,
    },
    systemone: {
      operation: 'generate_content',
      model: 'llama3',
      whole: {
        headers: JSON_HEADERS,
        body: JSON.stringify({
          model: 'llama3',
          answers: { isFar: { type: 'noul', noul: 0.75 } },
          usage: { input_tokens: 26, output_tokens: 2 },
        }),
      },
      known: { usageStatus: 'complete', counts: { input: 26, output: 2 }, responseModel: 'llama3' },
    },
  },
  writeError: (status) => ({
    headers: JSON_HEADERS,
    body: JSON.stringify({ error: `refused with ${status}` }),
  }),
};
