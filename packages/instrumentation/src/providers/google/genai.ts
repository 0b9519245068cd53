import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, EndpointCall, MethodEndpoint } from '../../provider.js';
import {
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readText,
  sumCounts,
} from '../fields.js';
import { readGenerated, readGeneratedChunk } from './generate.js';
import { asSent, type GoogleRequest, readGoogleRequest, readModelName } from './request.js';
import { readGoogleUsage, readMode } from './usage.js';

/** The client that sends. */
interface GenaiClient {
  isVertexAI?: () => unknown;
  getBaseUrl?: () => unknown;
}
/** What a module of `@google/genai` holds. */
interface GenaiModule {
  readonly apiClient?: GenaiClient;
  /** The modules of generation 2 and later that another generator made. */
  readonly parentClient?: GenaiClient;
}

/** The client of a module; what holds none is one itself. */
const clientOf = (instance: GenaiModule & GenaiClient): GenaiClient =>
  instance.apiClient ?? instance.parentClient ?? instance;

/** Where a client of `@google/genai` sends to. */
export const readGenaiBaseUrl = (instance: object): string | undefined =>
  readText(clientOf(instance).getBaseUrl?.());

/** The parameters of a method of `Models`: model, contents and a config that holds all settings. */
export function readParams(params: unknown, instance: object): GoogleRequest {
  const fields = readFields(params);
  const config = readFields(fields.config);
  return {
    isVertex: clientOf(instance).isVertexAI?.() === true,
    model: readText(fields.model),
    config,
    prompt: {
      contents: fields.contents ?? fields.content ?? fields.prompt,
      systemInstruction: config.systemInstruction,
      tools: config.tools,
    },
  };
}

/**
 * `chats`, loops over automatic function calls and continuations all send through these two: each run of one is one
 * call of the model, and its promise is the SDK's own affair.
 */
export const generateContent: MethodEndpoint = {
  name: 'models.generateContent',
  className: 'Models',
  method: 'generateContentInternal',
  readSent: ([params], instance) => asSent('generateContent', readParams(params, instance)),
  readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
  readResponse: readGenerated,
};

/** The streamed form. */
export const generateContentStream: MethodEndpoint = {
  ...generateContent,
  name: 'models.generateContentStream',
  method: 'generateContentStreamInternal',
  readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT, isStream: true }),
  readChunk: readGeneratedChunk,
};

const embedContent = (method: string): MethodEndpoint => ({
  ...generateContent,
  name: 'models.embedContent',
  method,
  readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.EMBEDDINGS }),
  readResponse: readEmbeddings,
});

/** `models.embedContent`, which sent by itself in early versions: which counts there are depends on the model. */
export const embedContents: readonly MethodEndpoint[] = ['embedContentInternal', 'embedContent'].map(
  embedContent,
);

/** `models.countTokens`: free. */
export const countTokens: MethodEndpoint = {
  ...generateContent,
  name: 'models.countTokens',
  method: 'countTokens',
  readRequest: readCountRequest,
  // What it counts is an answer, not a use.
  readResponse: () => ({ usageStatus: 'missing' }),
};

/** Settings of a generation say nothing of a count. */
export function readCountRequest(call: EndpointCall): CallRequest {
  const request = readGoogleRequest(call, { operation: OPERATION.COUNT_TOKENS });
  return { ...request, attributes: {}, isBilled: false };
}

/** Embeddings of `@google/genai`, and of the older packages, which count nothing. */
export function readEmbeddings(body: unknown, _request: CallRequest): CallResult {
  const response = readFields(body);
  const metadata = readFields(response.usageMetadata);
  const first = readItems(readFields(response.embedding ?? readItems(response.embeddings)[0]).values);
  const counted = readItems(response.embeddings).map((embedding) =>
    readCount(readFields(readFields(embedding).statistics).tokenCount),
  );
  const usage = omitEmpty<Usage>({
    ...omitOutput(readGoogleUsage(metadata)),
    inputTokens: readCount(metadata.promptTokenCount) ?? sumCounts(...counted),
  });
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : 'complete',
    usage,
    responseModel: readModelName(response.modelVersion),
    ...readMode(metadata.trafficType, metadata.serviceTier),
    attributes: { [ATTR.EMBEDDINGS_DIMENSION_COUNT]: first.length || undefined },
  });
}

/** An embedding puts out nothing that is counted. */
function omitOutput(usage: Usage | undefined): Usage {
  const { outputTokens: _none, ...input } = usage ?? {};
  return input;
}
