import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall, SpanAttributes } from '../../provider.js';
import {
  type Fields,
  omitUndefined,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
} from '../fields.js';
import { readErrorType, readOpenaiRequest, readOpenaiResponseAttributes, readOutputType } from './request.js';
import { renderResponsesOutput, renderResponsesRequest } from './responses-content.js';
import { readHostedTools } from './responses-tools.js';
import { readTier } from './tier.js';
import { addToolRequests, readUsage, readUsageGap } from './usage.js';

const RETRIEVE_PATH = /^\/responses\/([^/?]+)(?:\?.*)?$/;

/** `responses.create`, with `parse` and `stream`. */
export const responses: Endpoint = {
  name: 'responses',
  method: 'post',
  path: /^\/responses(?:\?.*)?$/,
  readRequest: readResponsesRequest,
  readResponse: (body, request) => readResponse(readFields(body), request, true),
  readChunk,
  isPending,
};

/**
 * `responses.retrieve`: the response of a call that was or will be counted where it was created. What it reads, usage
 * included, is for that call when it is still open; the retrieval itself reports no usage.
 */
export const responsesRetrieve: Endpoint = {
  name: 'responses.retrieve',
  method: 'get',
  path: RETRIEVE_PATH,
  readRequest(call) {
    const retrieves = RETRIEVE_PATH.exec(call.path)?.[1];
    const request = readOpenaiRequest(call, {
      operation: OPERATION.FETCH_RESPONSE,
      apiType: 'responses',
      attributes: { [ATTR.RESPONSE_ID]: retrieves },
    });
    return omitUndefined<CallRequest>({ ...request, retrieves, isBilled: false });
  },
  readResponse: (body, request) => readResponse(readFields(body), request, true),
  readChunk,
  isPending,
};

/** `responses.compact`: the model rewrites a conversation, and that is billed like an answer. */
export const responsesCompact: Endpoint = {
  name: 'responses.compact',
  method: 'post',
  path: /^\/responses\/compact(?:\?.*)?$/,
  readRequest: readResponsesRequest,
  readResponse: (body, request) => readResponse(readFields(body), request, true),
};

/** `responses.inputTokens.count`: free; what it counts is an answer, not a use. */
export const responsesInputTokens: Endpoint = {
  name: 'responses.input_tokens',
  method: 'post',
  path: /^\/responses\/input_tokens(?:\?.*)?$/,
  readRequest: (call) => ({
    ...readOpenaiRequest(call, { operation: OPERATION.COUNT_TOKENS, attributes: {} }),
    isBilled: false,
  }),
  readResponse: () => ({ usageStatus: 'missing' }),
};

function readResponsesRequest(call: EndpointCall): CallRequest {
  const body = readFields(call.body);
  return readOpenaiRequest(call, {
    operation: OPERATION.CHAT,
    apiType: 'responses',
    attributes: {
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(body.max_output_tokens),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(body.top_p),
      [ATTR.OUTPUT_TYPE]: readOutputType(readFields(body.text).format),
      [ATTR.REQUEST_REASONING_LEVEL]: readText(readFields(body.reasoning).effort),
      [ATTR.REQUEST_PREVIOUS_RESPONSE_ID]: readText(body.previous_response_id),
      [ATTR.CONVERSATION_ID]: readConversation(body),
    },
    content: renderResponsesRequest,
  });
}

function readConversation(fields: Fields): string | undefined {
  return readText(fields.conversation) ?? readText(readFields(fields.conversation).id);
}

/** What the fold over a response stream remembers. */
interface ResponsesState {
  /** The response goes on without its stream, so a cut is not its end. */
  readonly isBackground: boolean;
  /** Finished output items, newest first, only when content is captured: all there is of a stream that is cut. */
  readonly items: Items | undefined;
}
interface Items {
  readonly item: unknown;
  readonly before: Items | undefined;
}

function readResponse(response: Fields, request: CallRequest, isBackground: boolean): CallResult {
  const usage = readUsage(response.usage);
  const status = readText(response.status);
  const serviceTier = readText(response.service_tier);
  const tier = readTier(serviceTier, response.usage);
  const tools = readHostedTools(response);
  const counted = usage === undefined ? undefined : addToolRequests(usage, tools.requests);
  const isComplete = usage?.inputTokens !== undefined && usage.outputTokens !== undefined;
  const state: ResponsesState = { isBackground, items: undefined };
  return omitUndefined<CallResult>({
    usageStatus: isComplete ? 'complete' : usage === undefined ? 'missing' : 'partial',
    usage:
      counted === undefined || tools.nested === undefined ? counted : { ...counted, nested: [tools.nested] },
    responseId: readText(response.id),
    responseModel: readText(response.model),
    finishReasons: readFinishReasons(response, status),
    mode: tier.mode,
    estimatedReason:
      tier.estimatedReason ??
      tools.estimatedReason ??
      (counted === undefined ? undefined : readUsageGap(response.usage, counted)),
    errorType: status === 'failed' ? (readErrorType(response.error) ?? '_OTHER') : undefined,
    status,
    attributes: readAttributes(response, request, serviceTier),
    state,
    content:
      request.content === undefined
        ? undefined
        : () => renderResponsesOutput(readItems(response.output), status),
  });
}

function readAttributes(
  response: Fields,
  request: CallRequest,
  serviceTier: string | undefined,
): SpanAttributes | undefined {
  const conversation = readConversation(response);
  const openai = readOpenaiResponseAttributes(request, serviceTier);
  return conversation === undefined ? openai : { ...openai, [ATTR.CONVERSATION_ID]: conversation };
}

/** The API has a status instead of reasons; a response has one 'choice'. None while it is still being made. */
function readFinishReasons(response: Fields, status: string | undefined): (string | undefined)[] | undefined {
  switch (status) {
    case undefined:
    case 'queued':
    case 'in_progress':
      return undefined;
    case 'completed':
      return ['stop'];
    case 'incomplete':
      return [readText(readFields(response.incomplete_details).reason) ?? status];
    case 'failed':
      return [undefined];
    default:
      return [status];
  }
}

/** Events of a response stream: the ones that carry the response replace what is known, the last one has the usage. */
function readChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const event = readFields(chunk);
  const type = readText(event.type);
  if (type === 'error') {
    const errorType = readErrorType(event.error) ?? readErrorType(event) ?? '_OTHER';
    return { ...soFar, errorType };
  }
  if (type === 'response.output_item.done') return addItem(soFar, event.item, request);
  const response = readFields(event.response);
  if (readText(response.id) === undefined && response.status === undefined) return soFar;
  const items = (soFar.state as ResponsesState | undefined)?.items;
  const read = readResponse(response, request, response.background === true);
  const isOpen = read.status === 'queued' || read.status === 'in_progress';
  return omitUndefined<CallResult>({
    ...soFar,
    ...read,
    // Usage of a response that is still being made is not its whole usage.
    usageStatus: isOpen && read.usageStatus === 'complete' ? 'partial' : read.usageStatus,
    errorType: read.errorType ?? soFar.errorType,
    finishReasons: read.finishReasons ?? (isOpen ? [undefined] : undefined),
    state: { isBackground: response.background === true, items } satisfies ResponsesState,
    content: isOpen && items !== undefined ? soFar.content : read.content,
  });
}

function addItem(soFar: CallResult, item: unknown, request: CallRequest): CallResult {
  if (request.content === undefined) return soFar;
  const before = soFar.state as ResponsesState | undefined;
  const items: Items = { item, before: before?.items };
  const state: ResponsesState = { isBackground: before?.isBackground ?? false, items };
  return { ...soFar, state, content: () => renderResponsesOutput(collectItems(items), soFar.status) };
}

function collectItems(last: Items): unknown[] {
  const items: unknown[] = [];
  for (let link: Items | undefined = last; link !== undefined; link = link.before) items.push(link.item);
  return items.reverse();
}

function isPending({ status, state }: CallResult): boolean {
  const isOpen = status === 'queued' || status === 'in_progress';
  return isOpen && (state as ResponsesState | undefined)?.isBackground === true;
}
