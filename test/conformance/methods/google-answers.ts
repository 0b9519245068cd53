/** Answers of Google's models that every kind of its calls is made of. */
import type { EndpointPlan, Known, StreamReply, WholeReply } from './family.ts';

const JSON_HEADERS = { 'content-type': 'application/json; charset=UTF-8' };
const SSE_HEADERS = { 'content-type': 'text/event-stream' };
export const MODEL = 'gemini-2.5-flash';

export const json = (body: unknown): WholeReply => ({ headers: JSON_HEADERS, body: JSON.stringify(body) });
export const sse = (events: readonly unknown[]): StreamReply => ({
  headers: SSE_HEADERS,
  events: events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`),
});

/** USD of gemini-2.5-flash: 0.30 per million in, 0.03 from the cache, 2.50 out. */
export const usd = ({ input, cached, output }: { input: number; cached: number; output: number }): number =>
  ((input - cached) * 300_000 + cached * 30_000 + output * 2_500_000) / 1e12;

/** Thoughts are not in the candidates, what tools put into the prompt is not in the prompt, the cache is. */
export const USAGE = {
  promptTokenCount: 1_000,
  cachedContentTokenCount: 400,
  candidatesTokenCount: 30,
  thoughtsTokenCount: 50,
  toolUsePromptTokenCount: 200,
  totalTokenCount: 1_280,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1_000 }],
};
const COUNTS = { input: 1_200, cacheRead: 400, output: 80, reasoning: 50 };
export const KNOWN: Known = {
  usageStatus: 'complete',
  counts: COUNTS,
  costUsd: usd({ input: 1_200, cached: 400, output: 80 }),
  finish: ['stop'],
  responseId: 'answer-1',
  responseModel: MODEL,
};

export const candidate = (text: string, finishReason?: string) => ({
  content: { role: 'model', parts: [{ text }] },
  index: 0,
  ...(finishReason === undefined ? {} : { finishReason }),
});
export const answer = (text: string, more: object = {}) => ({
  candidates: [candidate(text, 'STOP')],
  usageMetadata: USAGE,
  modelVersion: MODEL,
  responseId: 'answer-1',
  ...more,
});

/** The counts of a chunk are those of the answer so far; the first one has no output yet. */
const FIRST = { promptTokenCount: 1_000, cachedContentTokenCount: 400, totalTokenCount: 1_000 };
const SECOND = { ...FIRST, candidatesTokenCount: 10, totalTokenCount: 1_010 };
export const CHUNKS = [
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

export const generate: EndpointPlan = {
  operation: 'generate_content',
  model: MODEL,
  whole: json(answer('Alpha beta gamma.')),
  known: KNOWN,
  stream: sse(CHUNKS),
  knownAfter,
};
