/** What AWS, Google Cloud and Azure answer to Anthropic's own clients for them. */
import { chunk, stream } from './bedrock.ts';
import type { EndpointPlan, Family, Known, StreamReply, WholeReply } from './family.ts';

const MODEL = 'claude-haiku-4-5-20251001';
const USAGE = {
  input_tokens: 100,
  cache_read_input_tokens: 1_000,
  cache_creation_input_tokens: 500,
  output_tokens: 40,
};
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: MODEL,
  content: [{ type: 'text', text: 'Alpha beta.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: USAGE,
};
const EVENTS = [
  {
    type: 'message_start',
    message: { ...MESSAGE, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } },
  },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Alpha.' } },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 40 },
  },
  { type: 'message_stop' },
];

const json = (body: unknown): WholeReply => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const SSE: StreamReply = {
  headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  events: EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
};

const COUNTS = { input: 1_600, cacheRead: 1_000, cacheWrite: 500 };

/** USD of Claude Haiku 4.5 at 1.00 in, 0.10 from and 1.25 into the cache, 5.00 out; `null` where it has no price. */
const usd = (output: number): number =>
  (100 * 1_000_000 + 1_000 * 100_000 + 500 * 1_250_000 + output * 5_000_000) / 1e12;

function plan(model: string, sent: StreamReply, isPriced: boolean): EndpointPlan {
  const cost = (output: number): Partial<Known> => (isPriced ? { costUsd: usd(output) } : {});
  const known: Known = {
    usageStatus: 'complete',
    counts: { ...COUNTS, output: 40 },
    finish: ['end_turn'],
    responseId: 'msg_1',
    responseModel: MODEL,
    ...cost(40),
  };
  const started: Known = { ...known, usageStatus: 'partial', counts: COUNTS, finish: ['error'], ...cost(0) };
  return {
    operation: 'chat',
    model,
    whole: json(MESSAGE),
    known,
    stream: sent,
    knownAfter: (chunks) => (chunks === 0 ? { usageStatus: 'missing' } : chunks < 3 ? started : known),
  };
}

const writeError = (status: number): WholeReply =>
  json({ type: 'error', error: { type: 'api_error', message: `refused with ${status}` } });

/** `@anthropic-ai/bedrock-sdk`: the profile's price holds, whatever the answer calls the model. */
export const anthropicBedrock: Family = {
  name: 'anthropic-bedrock',
  package: '@anthropic-ai/bedrock-sdk',
  provider: 'aws.bedrock',
  versions: [
    { alias: 'anthropic-bedrock-0', version: '0.36.0' },
    { alias: 'anthropic-bedrock-1', version: '1.1.3' },
  ],
  endpoints: {
    messages: plan('global.anthropic.claude-haiku-4-5-20251001-v1:0', stream(EVENTS.map(chunk)), true),
  },
  writeError,
};

/** `@anthropic-ai/vertex-sdk`. */
export const anthropicVertex: Family = {
  name: 'anthropic-vertex',
  package: '@anthropic-ai/vertex-sdk',
  provider: 'gcp.vertex_ai',
  versions: [
    { alias: 'anthropic-vertex-0', version: '0.22.0' },
    { alias: 'anthropic-vertex-1', version: '1.1.3' },
  ],
  endpoints: { messages: plan('claude-haiku-4-5', SSE, true) },
  writeError,
};

/** `@anthropic-ai/foundry-sdk`. */
export const anthropicFoundry: Family = {
  name: 'anthropic-foundry',
  package: '@anthropic-ai/foundry-sdk',
  provider: 'azure.ai.inference',
  versions: [
    { alias: 'anthropic-foundry-0', version: '0.6.0' },
    { alias: 'anthropic-foundry-1', version: '1.1.1' },
  ],
  endpoints: { messages: plan('claude-haiku-4-5', SSE, true) },
  writeError,
};
