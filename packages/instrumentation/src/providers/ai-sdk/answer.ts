import { ATTR } from '@costspan/semconv';
import type { CallReaders, CallRequest, CallResult } from '../../provider.js';
import { messages } from '../anthropic/messages.js';
import { converse } from '../bedrock/converse.js';
import { type Fields, omitUndefined, readFields, readItems, readText } from '../fields.js';
import { readGenerated } from '../google/generate.js';
import { chatCompletions } from '../openai/chat.js';
import { legacyCompletions } from '../openai/legacy-completions.js';
import { responses } from '../openai/responses.js';
import { hearPart, renderHeard } from './content.js';
import { type HostedItem, readHostedTool, readServerTool } from './hosted-tools.js';
import type { Wire } from './packages.js';
import { readNormalisedUsage, readRawUsage } from './usage.js';

/** How a provider's own JSON is read, and where in it the parts stand that a stream tells one by one. */
interface WireReader {
  readonly readResponse: CallReaders['readResponse'];
  /** What a part tells of the provider's own tools, where its usage does not. */
  readonly readTool?: (part: Fields) => HostedItem | undefined;
  /** A body as it would have come whole, of the parts that are known. */
  wrap(parts: BodyParts): object;
}

interface BodyParts {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly usage: Fields;
  readonly reason: string | undefined;
  readonly tier: string | undefined;
  /** Anthropic's, of a refusal. */
  readonly stopDetails: unknown;
  /** Google's, of an answer that rests on searches. */
  readonly groundingMetadata: unknown;
  /** The provider's own tools that were used. */
  readonly hosted: readonly HostedItem[];
}

const wrapChoices = ({ id, model, usage, reason, tier }: BodyParts): object => ({
  id,
  model,
  usage,
  service_tier: tier,
  choices: [{ index: 0, finish_reason: reason }],
});

const WIRES: Readonly<Record<Exclude<Wire, 'normalised'>, WireReader>> = {
  chat: { readResponse: chatCompletions.readResponse, wrap: wrapChoices },
  completions: { readResponse: legacyCompletions.readResponse, wrap: wrapChoices },
  responses: {
    readResponse: responses.readResponse,
    readTool: readHostedTool,
    wrap: ({ id, model, usage, tier, hosted }) => ({
      id,
      model,
      usage,
      service_tier: tier,
      status: 'completed',
      output: hosted,
      tools: hosted.flatMap(({ tool }) => (tool === undefined ? [] : [{ type: tool }])),
    }),
  },
  messages: {
    readResponse: messages.readResponse,
    readTool: readServerTool,
    wrap: ({ id, model, usage, reason, stopDetails, hosted }) => ({
      type: 'message',
      id,
      model,
      usage,
      stop_reason: reason,
      stop_details: stopDetails,
      content: hosted,
    }),
  },
  gemini: {
    readResponse: readGenerated,
    wrap: ({ id, model, usage, reason, groundingMetadata }) => ({
      responseId: id,
      modelVersion: model,
      usageMetadata: usage,
      candidates: [{ index: 0, finishReason: reason, groundingMetadata }],
    }),
  },
  converse: {
    readResponse: converse.readResponse,
    wrap: ({ usage, reason }) => ({ usage, stopReason: reason }),
  },
};

/** What `doGenerate` resolved to: the provider's own body where the SDK hands it on, else its counts. */
export function readGeneration(wire: Wire, value: unknown, request: CallRequest): CallResult {
  const result = readFields(value);
  const response = readFields(result.response);
  const body = readFields(response.body ?? readFields(result.rawResponse).body);
  const reader = wire === 'normalised' ? undefined : WIRES[wire];
  if (reader !== undefined && Object.keys(body).length > 0) return reader.readResponse(body, request);
  const heard =
    request.content === undefined ? undefined : readItems(result.content).reduce(hearPart, undefined);
  const { id, modelId: model } = response;
  return readEnd(wire, { end: result, id, model, hosted: [] }, { request, heard });
}

/** What the fold over a stream of parts remembers. */
interface PartsState {
  readonly id: unknown;
  readonly model: unknown;
  readonly hosted: readonly HostedItem[];
  /** Only when content is captured. */
  readonly heard: Fields | undefined;
}

/** One more part of `doStream`. */
export function readPart(wire: Wire, soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const part = readFields(chunk);
  const before = (soFar.state as PartsState | undefined) ?? {
    id: undefined,
    model: undefined,
    hosted: [],
    heard: undefined,
  };
  if (part.type === 'response-metadata') {
    const state = { ...before, id: part.id ?? before.id, model: part.modelId ?? before.model };
    const ids = { responseId: readText(state.id), responseModel: readText(state.model) };
    return omitUndefined<CallResult>({ ...soFar, ...ids, state });
  }
  if (part.type === 'error') return { ...soFar, errorType: '_OTHER' };
  if (part.type === 'finish') {
    const end = readEnd(wire, { ...before, end: part }, { request, heard: before.heard });
    return omitUndefined<CallResult>({ ...end, errorType: soFar.errorType, state: before });
  }
  const item = wire === 'normalised' ? undefined : WIRES[wire].readTool?.(part);
  const known = item === undefined ? before : { ...before, hosted: [...before.hosted, item] };
  if (request.content === undefined) return item === undefined ? soFar : { ...soFar, state: known };
  const heard = hearPart(before.heard, part);
  return { ...soFar, state: { ...known, heard }, content: () => renderHeard(heard, undefined) };
}

/** The end of an answer: usage, reason and metadata, in a result or in the last part of a stream. */
function readEnd(
  wire: Wire,
  { end, id, model, hosted }: Omit<PartsState, 'heard'> & { readonly end: Fields },
  { request, heard }: { readonly request: CallRequest; readonly heard: Fields | undefined },
): CallResult {
  const metadata = readFields(end.providerMetadata);
  const reason =
    readText(readFields(end.finishReason).raw) ??
    readText(readFields(end.finishReason).unified) ??
    readText(end.finishReason);
  const raw = readRawUsage(end.usage, metadata);
  const content = request.content === undefined ? undefined : () => renderHeard(heard, reason);
  const ids = { id: readText(id), model: readText(model) };
  if (wire !== 'normalised' && raw !== undefined) {
    const { readResponse, wrap } = WIRES[wire];
    const tier = readText(readFields(metadata.openai).serviceTier);
    const { stopDetails } = readFields(metadata.anthropic);
    const { groundingMetadata } = readFields(metadata.google ?? metadata.vertex);
    const body = wrap({ ...ids, usage: raw, reason, tier, stopDetails, groundingMetadata, hosted });
    return omitUndefined<CallResult>({ ...readResponse(body, request), content });
  }
  const usage = readNormalisedUsage(end.usage, metadata);
  const isComplete = usage?.inputTokens !== undefined && usage.outputTokens !== undefined;
  return omitUndefined<CallResult>({
    usageStatus: isComplete ? 'complete' : usage === undefined ? 'missing' : 'partial',
    usage,
    responseId: ids.id,
    responseModel: ids.model,
    finishReasons: reason === undefined ? undefined : [reason],
    content,
  });
}

/** What `doEmbed` resolved to. */
export function readEmbedding(value: unknown): CallResult {
  const result = readFields(value);
  const tokens = readNormalisedUsage(
    { inputTokens: readFields(result.usage).tokens },
    readFields(result.providerMetadata),
  );
  const [first] = readItems(result.embeddings);
  return omitUndefined<CallResult>({
    usageStatus: tokens?.inputTokens === undefined ? 'missing' : 'complete',
    usage: tokens,
    responseModel: readText(readFields(readFields(result.response).body).model),
    attributes: { [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readItems(first).length || undefined },
  });
}
