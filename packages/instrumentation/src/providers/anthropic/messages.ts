import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall, SpanAttributes } from '../../provider.js';
import {
  type Fields,
  omitUndefined,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';
import { readHost } from '../hosts.js';
import { type HeardEvents, renderAnthropicRequest, renderBlocks, renderEvents } from './content.js';
import { readBilledDecline, readUnbilled } from './declines.js';
import {
  addCodeExecutions,
  isCodeExecution,
  mergeUsage,
  readFallbackModel,
  readRate,
  readUsage,
  readUsageStatus,
} from './usage.js';

/** `messages.create` and `beta.messages.create`, with `stream`, `parse` and the tool runner, which all send it. */
export const messages: Endpoint = {
  name: 'messages',
  method: 'post',
  // Up to 0.x the beta resource says `?beta=…` in the path, from 1.0 in the options.
  path: /^\/v1\/messages(?:\?.*)?$/,
  readRequest: (call) => readMessagesRequest(call, OPERATION.CHAT),
  readResponse: readMessage,
  readChunk,
};

/** `messages.countTokens`: free. */
export const countTokens: Endpoint = {
  name: 'messages.count_tokens',
  method: 'post',
  path: /^\/v1\/messages\/count_tokens(?:\?.*)?$/,
  readRequest: (call) => ({ ...readMessagesRequest(call, OPERATION.COUNT_TOKENS), isBilled: false }),
  // What it counts is an answer, not a use: nothing of it belongs into the usage of a call.
  readResponse: () => ({ usageStatus: 'missing' }),
};

function readMessagesRequest(call: EndpointCall, operation: string): CallRequest {
  const body = readFields(call.body);
  const host = readHost(call.client, PROVIDER.ANTHROPIC);
  const isStream = body.stream === true;
  const output = readFields(body.output_config);
  const hasFormat = readText(readFields(output.format ?? body.output_format).type) !== undefined;
  // The customer behind the user profile pays this call, not the account.
  const isBilled = readFields(body.billing_policy).bill_to === 'user_profile' ? false : undefined;
  return omitUndefined<CallRequest>({
    operation,
    ...host,
    model: readText(body.model),
    isStream,
    isBilled,
    attributes: {
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(body.max_tokens),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(body.top_p),
      [ATTR.REQUEST_TOP_K]: readInteger(body.top_k),
      [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(body.stop_sequences),
      [ATTR.REQUEST_REASONING_LEVEL]: readText(output.effort),
      [ATTR.OUTPUT_TYPE]: hasFormat ? 'json' : undefined,
    },
    content: call.isContentCaptured === true ? () => renderAnthropicRequest(body) : undefined,
  });
}

function readMessage(body: unknown, request: CallRequest): CallResult {
  const message = readFields(body);
  const blocks = readItems(message.content);
  const result = readResult({
    identity: message,
    usage: readFields(message.usage),
    stopReason: readText(message.stop_reason),
    stopDetails: readFields(message.stop_details),
    codeExecutions: blocks.filter(isCodeExecution).length,
    billedDeclines: blocks.map(readBilledDecline).filter((model) => model !== undefined),
    request,
  });
  const finishReason = result.finishReasons?.[0];
  return omitUndefined<CallResult>({
    ...result,
    errorType: message.type === 'error' ? readErrorType(message.error) : undefined,
    content: request.content === undefined ? undefined : () => renderBlocks(blocks, finishReason),
  });
}

interface MessageParts {
  readonly identity: Fields;
  readonly usage: Fields;
  readonly stopReason: string | undefined;
  readonly stopDetails: Fields;
  readonly codeExecutions: number;
  readonly billedDeclines: readonly string[];
  readonly request: CallRequest;
}

function readResult({ identity, usage, request, ...parts }: MessageParts): CallResult {
  const { stopReason, codeExecutions, billedDeclines } = parts;
  const model = readFallbackModel(usage) ?? readText(identity.model);
  const served = model ?? request.model;
  const read = readUsage(usage, { served, requested: request.model, billedDeclines });
  const isMessage = identity.type === 'message' || stopReason !== undefined;
  const result = omitUndefined<CallResult>({
    usageStatus: readUsageStatus(read),
    usage: addCodeExecutions(read, codeExecutions),
    responseId: readText(identity.id),
    responseModel: model,
    // Bedrock bills a profile, and the answer does not name it.
    pricedModel:
      request.provider === PROVIDER.AWS_BEDROCK && model === readText(identity.model)
        ? request.model
        : undefined,
    finishReasons: isMessage ? [stopReason] : undefined,
    ...readRate(usage),
  });
  const isRefused = stopReason === 'refusal' && request.provider === PROVIDER.ANTHROPIC;
  return isRefused ? { ...result, ...readUnbilled(result, parts) } : result;
}

function readErrorType(error: unknown): string {
  return readText(readFields(error).type) ?? '_OTHER';
}

/** What the fold over a message stream remembers: the raw parts that the result is read from. */
interface MessageState {
  readonly identity: Fields;
  /** `message_start`'s usage under the values that came since; output only once the end has stated it. */
  readonly usage: Fields;
  readonly stopReason: string | undefined;
  readonly stopDetails: Fields;
  readonly codeExecutions: number;
  readonly billedDeclines: readonly string[];
  /** Newest first; only when content is captured. */
  readonly heard: HeardEvents | undefined;
}
const NO_STATE: MessageState = {
  identity: {},
  usage: {},
  stopReason: undefined,
  stopDetails: {},
  codeExecutions: 0,
  billedDeclines: [],
  heard: undefined,
};

function readChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const event = readFields(chunk);
  const before = (soFar.state as MessageState | undefined) ?? NO_STATE;
  if (event.type === 'error') return { ...soFar, errorType: readErrorType(event.error) };
  const heard = hear(before.heard, event, request);
  const state = readState(before, event, heard);
  if (state === before) return soFar;
  const content = heard === undefined ? undefined : renderLater(heard, state);
  const read = readResult({ ...state, request });
  return omitUndefined<CallResult>({ ...read, errorType: soFar.errorType, state, content });
}

/** Here, so that nothing is made for a chunk that brings no news: V8 keeps what a function closes over from its start. */
function renderLater(heard: HeardEvents, { stopReason }: MessageState): () => SpanAttributes {
  return () => renderEvents(heard, stopReason);
}

function hear(before: HeardEvents | undefined, event: Fields, request: CallRequest): HeardEvents | undefined {
  const isContent = event.type === 'content_block_start' || event.type === 'content_block_delta';
  return request.content !== undefined && isContent ? { event, before } : before;
}

function readState(before: MessageState, event: Fields, heard: HeardEvents | undefined): MessageState {
  switch (event.type) {
    case 'message_start': {
      const identity = readFields(event.message);
      // Its output count is a placeholder of a few tokens that the deltas replace.
      const { output_tokens: _placeholder, ...usage } = readFields(identity.usage);
      return {
        ...before,
        identity: { id: identity.id, model: identity.model, type: 'message' },
        usage,
      };
    }
    case 'message_delta': {
      const delta = readFields(event.delta);
      const stopReason = readText(delta.stop_reason) ?? before.stopReason;
      const usage = mergeUsage(before.usage, readFields(event.usage));
      return { ...before, usage, stopReason, stopDetails: readFields(delta.stop_details) };
    }
    case 'content_block_start': {
      const codeExecutions = before.codeExecutions + (isCodeExecution(event.content_block) ? 1 : 0);
      if (codeExecutions !== before.codeExecutions) return { ...before, codeExecutions, heard };
      const declined = readBilledDecline(event.content_block);
      if (declined !== undefined)
        return { ...before, billedDeclines: [...before.billedDeclines, declined], heard };
    }
  }
  return heard === before.heard ? before : { ...before, heard };
}
