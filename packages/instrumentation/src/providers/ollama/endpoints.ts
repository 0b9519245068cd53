import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, PROVIDER, type UsageStatus } from '@costspan/semconv';
import type { CallRequest, CallResult, EndpointCall, MethodEndpoint } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';
import { readHost } from '../hosts.js';
import { type HeardText, hearChunk, renderAnswer, renderRequest } from './content.js';

/** `chat` and `generate` send through one method, which names the operation in its first argument. */
const streamable = (name: 'chat' | 'generate', operation: string): MethodEndpoint => ({
  name,
  className: 'Ollama',
  method: 'processStreamableRequest',
  readSent: (args) => (args[0] === name ? { path: name, body: args[1] } : undefined),
  readRequest: (call) => readOllamaRequest(call, operation),
  readResponse: readOllamaAnswer,
  readChunk,
  readStreamSignal: (stream) => readFields(readFields(stream).abortController).signal,
});

/** `chat`, streamed or not. */
export const chat: MethodEndpoint = streamable('chat', OPERATION.CHAT);
/** `generate`, streamed or not: a prompt without roles. */
export const generate: MethodEndpoint = streamable('generate', OPERATION.TEXT_COMPLETION);

const embedding = (name: 'embed' | 'embeddings'): MethodEndpoint => ({
  name,
  className: 'Ollama',
  method: name,
  readSent: (args) => ({ path: name, body: args[0] }),
  readRequest: (call) => readOllamaRequest(call, OPERATION.EMBEDDINGS),
  readResponse: readEmbeddings,
});

/** `embed`, of one text or many. */
export const embed: MethodEndpoint = embedding('embed');
/** `embeddings`, the older one, which counts nothing. */
export const embeddings: MethodEndpoint = embedding('embeddings');

/** `systemone`: answers to questions with choices and scores. */
export const systemone: MethodEndpoint = {
  name: 'systemone',
  className: 'Ollama',
  method: 'systemone',
  readSent: (args) => ({ path: 'systemone', body: args[0] }),
  readRequest: (call) => readOllamaRequest(call, OPERATION.GENERATE_CONTENT),
  readResponse: readDecisions,
};

function readOllamaRequest(call: EndpointCall, operation: string): CallRequest {
  const body = readFields(call.body);
  const options = readFields(body.options);
  const host = readHost(call.client, PROVIDER.OLLAMA);
  const isStream = body.stream === true;
  return omitUndefined<CallRequest>({
    operation,
    ...host,
    model: readText(body.model),
    isStream,
    attributes: {
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(options.num_predict),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(options.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(options.top_p),
      [ATTR.REQUEST_TOP_K]: readInteger(options.top_k),
      [ATTR.REQUEST_SEED]: readInteger(options.seed),
      [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(options.stop),
      [ATTR.OUTPUT_TYPE]: body.format === undefined || body.format === '' ? undefined : 'json',
      [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readInteger(body.dimensions),
    },
    content: call.isContentCaptured === true ? () => renderRequest(body) : undefined,
  });
}

function readOllamaAnswer(body: unknown, request: CallRequest): CallResult {
  const answer = readFields(body);
  const heard = request.content === undefined ? undefined : hearChunk(undefined, answer);
  return readEnd(answer, heard);
}

/** The counts stand on the chunk that is `done`, and nowhere before. */
function readChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const piece = readFields(chunk);
  const heard =
    request.content === undefined ? undefined : hearChunk(soFar.state as HeardText | undefined, piece);
  if (piece.done !== true && heard === undefined && soFar.responseModel !== undefined) return soFar;
  return { ...soFar, ...readEnd(piece, heard), ...(heard === undefined ? {} : { state: heard }) };
}

function readEnd(answer: Fields, heard: HeardText | undefined): CallResult {
  const usage = readUsage(answer);
  const reason = readText(answer.done_reason);
  return omitUndefined<CallResult>({
    usageStatus: readStatus(usage),
    usage,
    responseModel: readText(answer.model),
    // Older servers say only that it is done.
    finishReasons: answer.done === true ? [reason ?? 'stop'] : undefined,
    content: heard === undefined ? undefined : () => renderAnswer(heard, reason),
  });
}

/** A prompt that the server had evaluated before has no count: unknown, not 0. */
function readUsage(answer: Fields): Usage | undefined {
  return omitEmpty<Usage>({
    inputTokens: readCount(answer.prompt_eval_count),
    outputTokens: readCount(answer.eval_count),
  });
}

function readStatus(usage: Usage | undefined): UsageStatus {
  if (usage?.inputTokens !== undefined && usage.outputTokens !== undefined) return 'complete';
  return usage === undefined ? 'missing' : 'partial';
}

function readEmbeddings(body: unknown): CallResult {
  const answer = readFields(body);
  const usage = omitEmpty<Usage>({ inputTokens: readCount(answer.prompt_eval_count) });
  const vector = readItems(readItems(answer.embeddings)[0] ?? answer.embedding);
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : 'complete',
    usage,
    responseModel: readText(answer.model),
    attributes: { [ATTR.EMBEDDINGS_DIMENSION_COUNT]: vector.length > 0 ? vector.length : undefined },
  });
}

function readDecisions(body: unknown): CallResult {
  const { model, usage } = readFields(body);
  const { input_tokens, output_tokens } = readFields(usage);
  const read = readUsage({ prompt_eval_count: input_tokens, eval_count: output_tokens });
  return omitUndefined<CallResult>({
    usageStatus: readStatus(read),
    usage: read,
    responseModel: readText(model),
  });
}
