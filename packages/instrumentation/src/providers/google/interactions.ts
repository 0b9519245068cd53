import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall, MethodEndpoint } from '../../provider.js';
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
  sumCounts,
} from '../fields.js';
import { readParams } from './genai.js';
import { asSent, readGoogleRequest, readModelName } from './request.js';
import { readModalities, readMode, readStatus } from './usage.js';

/** `interactions.create` of `@google/genai` 2 and later; continuations of it are merged into one answer. */
export const interactions: MethodEndpoint = {
  name: 'interactions',
  className: 'GeminiNextGenInteractions',
  method: 'create',
  readSent: ([params], instance) => {
    const request = readFields(params);
    return asSent(request.stream === true ? 'stream' : 'create', {
      ...readParams({}, instance),
      model: readText(request.model) ?? readText(request.agent),
      config: request,
      prompt: { contents: request.input, systemInstruction: request.system_instruction },
    });
  },
  readRequest: (call) => readInteractionRequest(call, call.path === 'stream', call),
  readResponse: readInteraction,
  readChunk: readInteractionEvent,
  isPending,
};

/** `interactions.get`: the same usage again, or the one that a background interaction was waited for. */
export const interactionsRetrieve: MethodEndpoint = {
  ...interactions,
  name: 'interactions.get',
  method: 'get',
  readSent: ([id], instance) => asSent(readText(id) ?? '', readParams({}, instance)),
  readRequest: (call) => ({
    ...readInteractionRequest(call, false, call),
    operation: OPERATION.FETCH_RESPONSE,
    retrieves: call.path,
  }),
};

/** `interactions.create` of `@google/genai` 1, where Stainless made the client. */
export const interactionsPost: Endpoint = {
  name: 'interactions',
  method: 'post',
  path: /^\/v[\w.]+\/interactions(?:\?.*)?$/,
  readRequest: (call) => {
    const body = readFields(call.body);
    const request = {
      isVertex: false,
      model: readText(body.model) ?? readText(body.agent),
      config: body,
      prompt: { contents: body.input, systemInstruction: body.system_instruction },
    };
    return readInteractionRequest({ ...call, body: request }, body.stream === true, call);
  },
  readResponse: readInteraction,
  readChunk: readInteractionEvent,
  isPending,
};

const GET_PATH = /^\/v[\w.]+\/interactions\/([^/?]+)(?:\?.*)?$/;

/** `interactions.get` by hand, and of `@google/genai` 1. */
export const interactionsGet: Endpoint = {
  ...interactionsPost,
  name: 'interactions.get',
  method: 'get',
  path: GET_PATH,
  readRequest: (call) =>
    omitUndefined<CallRequest>({
      ...readInteractionRequest(call, false, call),
      operation: OPERATION.FETCH_RESPONSE,
      retrieves: GET_PATH.exec(call.path)?.[1],
    }),
};

function readInteractionRequest(call: EndpointCall, isStream: boolean, { body }: EndpointCall): CallRequest {
  const config = readFields(readFields(body).config ?? body);
  const settings = readFields(config.generation_config);
  const request = readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT, isStream });
  return {
    ...request,
    attributes: {
      ...request.attributes,
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(settings.max_output_tokens),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(settings.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(settings.top_p),
      [ATTR.REQUEST_SEED]: readInteger(settings.seed),
      [ATTR.REQUEST_PREVIOUS_RESPONSE_ID]: readText(config.previous_interaction_id),
    },
  };
}

/** A background interaction goes on after its answer. */
function isPending({ status, usage }: CallResult): boolean {
  return usage === undefined && (status === 'in_progress' || status === 'queued');
}

function readInteraction(body: unknown): CallResult {
  const interaction = readFields(body);
  const usage = readUsage(readFields(interaction.usage));
  const status = readText(interaction.status);
  return omitUndefined<CallResult>({
    usageStatus: readStatus(usage, true),
    usage,
    responseId: readText(interaction.id),
    responseModel: readModelName(interaction.model),
    status,
    finishReasons: status === undefined ? undefined : [status],
    errorType: status === 'failed' ? '_OTHER' : undefined,
    ...readMode(undefined, interaction.service_tier),
  });
}

/** The first and the last event of a stream carry the interaction itself, in their own field. */
function readInteractionEvent(soFar: CallResult, chunk: unknown): CallResult {
  const event = readFields(chunk);
  const data = readFields(event.data ?? event);
  if (data.event_type === 'error') {
    return { ...soFar, errorType: readText(readFields(data.error).code) ?? '_OTHER' };
  }
  if (data.interaction === undefined) return soFar;
  const read = readInteraction(data.interaction);
  const isRunning = read.status === 'in_progress';
  const { finishReasons, ...known } = read;
  return { ...soFar, ...known, ...(isRunning || finishReasons === undefined ? {} : { finishReasons }) };
}

/** Thoughts are not in the output, and what tools put into the prompt is not in the input. */
function readUsage(usage: Fields): Usage | undefined {
  const thoughts = readCount(usage.total_thought_tokens);
  return omitEmpty<Usage>({
    inputTokens: sumCounts(readCount(usage.total_input_tokens), readCount(usage.total_tool_use_tokens)),
    contextInputTokens: readCount(usage.initial_input_tokens),
    cacheReadInputTokens: readCount(usage.total_cached_tokens),
    outputTokens: sumCounts(readCount(usage.total_output_tokens), thoughts),
    reasoningOutputTokens: thoughts,
    input: readModalities(usage.input_tokens_by_modality, usage.tool_use_tokens_by_modality),
    cacheRead: readModalities(usage.cached_tokens_by_modality),
    output: readModalities(usage.output_tokens_by_modality),
    toolRequests: readGrounding(usage.grounding_tool_count),
  });
}

/** Google's names of its tools that have a price of their own. */
const TOOLS: Readonly<Record<string, string>> = { google_search: 'web_search', google_maps: 'maps' };

function readGrounding(counts: unknown): Usage['toolRequests'] {
  const requests: Record<string, number | undefined> = {};
  for (const item of readItems(counts)) {
    const { type, count } = readFields(item);
    const tool = TOOLS[readText(type) ?? ''];
    if (tool !== undefined) requests[tool] = sumCounts(requests[tool], readCount(count));
  }
  return omitEmpty<Record<string, number>>(requests as Record<string, number>);
}
