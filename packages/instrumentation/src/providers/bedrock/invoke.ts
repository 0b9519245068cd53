import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import {
  type CallRequest,
  type CallResult,
  EMPTY_RESULT,
  type EndpointCall,
  type MethodEndpoint,
} from '../../provider.js';
import { messages } from '../anthropic/messages.js';
import {
  type Fields,
  omitUndefined,
  readCount,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  sumCounts,
} from '../fields.js';
import { chatCompletions } from '../openai/chat.js';
import { readBedrockRequest, readCommand, readRate, SENT } from './request.js';
import { readConverseUsage, readHeaderUsage, readMetrics, readStatus } from './usage.js';

/** `InvokeModel`, whoever made the model: bytes in the vendor's own dialect, and headers that count. */
export const invokeModel: MethodEndpoint = {
  ...SENT,
  name: 'invoke',
  readSent: readCommand('InvokeModelCommand'),
  readRequest: (call) => readInvokeRequest(call, false),
  readHead,
  readResponse: readInvoked,
};

/** `InvokeModelWithResponseStream`: chunks hold bytes of JSON, the last one the service's own counts. */
export const invokeModelStream: MethodEndpoint = {
  ...SENT,
  name: 'invoke-stream',
  readSent: readCommand('InvokeModelWithResponseStreamCommand'),
  readRequest: (call) => readInvokeRequest(call, true),
  readHead,
  readResponse: () => EMPTY_RESULT,
  readChunk,
  readAnswer: (returned) => readFields(returned).body,
};

/** `CountTokens`: free. */
export const countTokens: MethodEndpoint = {
  ...SENT,
  name: 'count_tokens',
  readSent: readCommand('CountTokensCommand'),
  readRequest: (call) => ({
    ...readBedrockRequest(call, { operation: OPERATION.COUNT_TOKENS }),
    isBilled: false,
  }),
  // What it counts is an answer, not a use.
  readResponse: () => EMPTY_RESULT,
};

/** A body beyond this is an image or a sound: its JSON is not parsed a second time, the headers count. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export function parseBytes(value: unknown): Fields {
  if (typeof value !== 'string' && !ArrayBuffer.isView(value)) return {};
  const size = typeof value === 'string' ? value.length : value.byteLength;
  if (size > MAX_BODY_BYTES) return {};
  const text = typeof value === 'string' ? value : new TextDecoder().decode(value as Uint8Array);
  return text.trimStart().startsWith('{') ? readFields(JSON.parse(text)) : {};
}

function readInvokeRequest(call: EndpointCall, isStream: boolean): CallRequest {
  const body = parseBytes(readFields(call.body).body);
  const config = { ...readFields(body.inferenceConfig), ...readFields(body.textGenerationConfig) };
  const request = readBedrockRequest(call, {
    operation: readOperation(body, readText(readFields(call.body).modelId) ?? ''),
    isStream,
    attributes: {
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(
        body.max_tokens ?? body.max_gen_len ?? config.maxTokens ?? config.maxTokenCount,
      ),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature ?? config.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(body.top_p ?? body.p ?? config.topP),
    },
    // Prompts are rendered where their dialect is known: Anthropic's is that of its own API.
    content: () => messages.readRequest({ ...call, body }).content?.() ?? {},
  });
  return request;
}

function readOperation(body: Fields, model: string): string {
  if (/embed/.test(model)) return OPERATION.EMBEDDINGS;
  if (body.messages !== undefined) return OPERATION.CHAT;
  const isMedia = body.taskType !== undefined || /image|stability|canvas|video|reel/.test(model);
  return isMedia ? OPERATION.GENERATE_CONTENT : OPERATION.TEXT_COMPLETION;
}

/** The headers tell the rate, and count for vendors whose bodies do not. */
function readHead(header: (name: string) => unknown): CallResult {
  const usage = readHeaderUsage(header);
  return omitUndefined<CallResult>({
    // The body is still to come.
    usageStatus: usage === undefined ? 'missing' : 'partial',
    usage,
    ...readRate(header('x-amzn-bedrock-service-tier'), header('x-amzn-bedrock-performanceconfig-latency')),
  });
}

function readInvoked(output: unknown, request: CallRequest, head: CallResult = EMPTY_RESULT): CallResult {
  const read = readBody(parseBytes(readFields(output).body), request);
  const usage = read.usageStatus === 'complete' ? read.usage : (head.usage ?? read.usage);
  return omitUndefined<CallResult>({
    ...read,
    usage,
    usageStatus: request.operation === OPERATION.EMBEDDINGS && usage ? 'complete' : readStatus(usage),
    pricedModel: request.model,
    ...rateOf(head),
  });
}

const rateOf = ({ mode, estimatedReason }: CallResult): Pick<CallResult, 'mode' | 'estimatedReason'> =>
  omitUndefined<Pick<CallResult, 'mode' | 'estimatedReason'>>({ mode, estimatedReason });

/** A body in the dialect that its fields show. */
function readBody(body: Fields, request: CallRequest): CallResult {
  const usage = readFields(body.usage);
  if (body.type === 'message' || usage.input_tokens !== undefined)
    return messages.readResponse(body, request);
  if (usage.prompt_tokens !== undefined) return chatCompletions.readResponse(body, request);
  const own = readOwnCounts(body);
  const reason = readText(body.stop_reason ?? body.stopReason);
  return omitUndefined<CallResult>({
    usageStatus: readStatus(own),
    usage: own,
    finishReasons: reason === undefined ? undefined : [reason],
  });
}

/** Counts of the dialects that are nobody's own API: Nova, Titan, Llama, images, embeddings. */
function readOwnCounts(body: Fields): Usage | undefined {
  const images = readItems(body.images ?? body.artifacts).length;
  if (images > 0) return { units: { output_image: images } };
  const usage = body.usage ?? readFields(body.metadata).usage;
  const titanOutput = sumCounts(
    ...readItems(body.results).map((one) => readCount(readFields(one).tokenCount)),
  );
  return readConverseUsage({
    ...readFields(usage),
    inputTokens:
      readFields(usage).inputTokens ??
      body.inputTextTokenCount ??
      body.prompt_token_count ??
      body.inputTokenCount,
    outputTokens:
      readFields(usage).outputTokens ??
      titanOutput ??
      body.totalOutputTextTokenCount ??
      body.generation_token_count,
  });
}

/** What the fold remembers: the result of the vendor's own fold, and the head of the answer. */
interface InvokeState {
  readonly vendor: CallResult;
  readonly head: CallResult;
}

function readChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const fields = readFields(chunk);
  const fault = Object.keys(fields).find((name) => name.endsWith('Exception'));
  if (fault !== undefined) return { ...soFar, errorType: fault };
  const event = parseBytes(readFields(fields.chunk).bytes);
  const before = (soFar.state as InvokeState | undefined) ?? { vendor: EMPTY_RESULT, head: soFar };
  const { head } = before;
  const vendor = foldVendor(before.vendor, event, request);
  const metrics = readMetrics(readFields(event['amazon-bedrock-invocationMetrics']));
  const isKnown = vendor.usageStatus === 'complete' || metrics === undefined;
  const usage = isKnown ? (vendor.usage ?? soFar.usage) : metrics;
  const { state: _own, ...shown } = vendor;
  return omitUndefined<CallResult>({
    ...soFar,
    ...omitUndefined(shown),
    usage,
    usageStatus: readStatus(usage),
    pricedModel: request.model,
    ...rateOf(head),
    state: { vendor, head },
  });
}

function foldVendor(before: CallResult, event: Fields, request: CallRequest): CallResult {
  const type = readText(event.type);
  if (type !== undefined && /^(?:message|content_block|ping|error)/.test(type))
    return messages.readChunk!(before, event, request);
  if (event.choices !== undefined || readFields(event.usage).prompt_tokens !== undefined)
    return chatCompletions.readChunk!(before, event, request);
  const own = readOwnCounts(event);
  const reason = readText(
    event.stop_reason ?? event.completionReason ?? readFields(event.messageStop).stopReason,
  );
  return omitUndefined<CallResult>({
    ...before,
    usage: own ?? before.usage,
    usageStatus: readStatus(own ?? before.usage),
    finishReasons: reason === undefined ? before.finishReasons : [reason],
  });
}
