/** What the stand-in answers where no answer of a model is meant: batches and their results, and the oldest of APIs. */
import type { Delivery, JsonObject, ProviderRequest, Reply } from '@costspan/testkit';

/** One request of a scenario, the first has number 1. */
export interface Asked {
  readonly endpoint: string;
  readonly scenario: string;
  readonly number: number;
  readonly request: ProviderRequest;
}

interface BatchAnswer {
  readonly id: string;
  readonly usage: JsonObject;
}

/** The two answers of each batch: what its provider bills, at half the list price. */
export const BATCH_ANSWERS: Readonly<Record<string, readonly BatchAnswer[]>> = {
  batches: [
    { id: 'chatcmpl-one', usage: { prompt_tokens: 1_200, completion_tokens: 40, total_tokens: 1_240 } },
    { id: 'chatcmpl-two', usage: { prompt_tokens: 600, completion_tokens: 20, total_tokens: 620 } },
  ],
  'messages.batches': [
    { id: 'msg_one', usage: writeAnthropicUsage(1_000, 40) },
    { id: 'msg_two', usage: writeAnthropicUsage(500, 20) },
  ],
};

function writeAnthropicUsage(inputTokens: number, outputTokens: number): JsonObject {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 200,
    cache_read_input_tokens: 300,
    output_tokens: outputTokens,
    service_tier: 'batch',
  };
}

interface BytesOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly delivery?: Delivery;
}
const bytes = (chunks: readonly string[], options: BytesOptions = {}): Reply => ({
  kind: 'bytes',
  chunks,
  ...options,
});

/** Answers what belongs to a batch, by the path: its submission, its state, its results. */
export function replyToBatch(asked: Asked): Reply {
  const { scenario, request } = asked;
  if (scenario === 'batch-failed') return { kind: 'error', status: 400 };
  if (request.path.endsWith('/file-other/content')) return bytes(['{"a":1}\n{"b":2}\n']);
  if (/\/(?:content|results)$/.test(request.path)) return replyWithResults(asked);
  const isDone = request.method === 'GET';
  const id = `batch-${scenario}`;
  const results = `http://${request.headers.host}/v1/messages/batches/${id}/results`;
  const state =
    request.provider === 'anthropic' || asked.endpoint === 'messages.batches'
      ? {
          id,
          type: 'message_batch',
          processing_status: isDone ? 'ended' : 'in_progress',
          results_url: isDone ? results : null,
        }
      : {
          id,
          object: 'batch',
          status: isDone ? 'completed' : 'validating',
          output_file_id: isDone ? `file-${scenario}` : null,
        };
  return bytes([JSON.stringify(state)]);
}

function replyWithResults(asked: Asked): Reply {
  const write = asked.endpoint === 'messages.batches' ? writeMessageLine : writeChatLine;
  const lines = BATCH_ANSWERS[asked.endpoint]!.map((answer) => `${JSON.stringify(write(asked, answer))}\n`);
  const isCut = asked.scenario === 'batch-cut-then-whole' && asked.request.repeat === 0;
  return bytes(lines, {
    headers: { 'content-type': 'application/octet-stream' },
    delivery: {
      chunkDelayMs: 4,
      // Who leaves after the first line does so before the second comes.
      ...(asked.scenario === 'batch-left' ? { pause: { after: 1, pauseMs: 2_000 } } : {}),
      ...(isCut ? { interrupt: { after: 1, by: 'reset' } } : {}),
    },
  });
}

function writeChatLine({ endpoint, scenario }: Asked, { id, usage }: BatchAnswer): JsonObject {
  const body = {
    id,
    object: 'chat.completion',
    model: `${endpoint}/${scenario}`,
    choices: [{ index: 0, message: { role: 'assistant', content: 'Alpha.' }, finish_reason: 'stop' }],
    usage,
  };
  return { id: `batch_req_${id}`, custom_id: id, response: { status_code: 200, body }, error: null };
}

function writeMessageLine({ endpoint, scenario }: Asked, { id, usage }: BatchAnswer): JsonObject {
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model: `${endpoint}/${scenario}`,
    content: [{ type: 'text', text: 'Alpha.' }],
    stop_reason: 'end_turn',
    usage,
  };
  return { custom_id: id, result: { type: 'succeeded', message } };
}

/** Anthropic's API before messages: no usage, streamed or not. */
export function replyToComplete({ endpoint, scenario, number, request }: Asked): Reply {
  if (scenario === 'status-400') return { kind: 'error', status: 400 };
  const write = (completion: string, stop: string | null): string =>
    JSON.stringify({
      type: 'completion',
      id: `id.${endpoint}.${scenario}.${number}`,
      completion,
      stop_reason: stop,
      model: 'claude-2.1',
    });
  if (!request.isStream) return bytes([write('Alpha.', 'end_turn')]);
  const chunks = [write('Alpha', null), write(' beta', null), write(' gamma', null), write('', 'end_turn')];
  return bytes(
    chunks.map((chunk) => `event: completion\ndata: ${chunk}\n\n`),
    { headers: { 'content-type': 'text/event-stream' }, delivery: { chunkDelayMs: 12 } },
  );
}
