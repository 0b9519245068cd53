import type { Usage } from '@costspan/pricing';
import { OPERATION, PROVIDER } from '@costspan/semconv';
import type { BatchedCall, CallRequest, CallResult, EndpointCall, MethodEndpoint } from '../../provider.js';
import { omitEmpty, omitUndefined, readCount, readFields, readItems, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { readParams } from './genai.js';
import { readGenerated } from './generate.js';
import { asSent, readModelName, readSentRequest } from './request.js';

/** `batches/x` and x are one batch. */
const readBatchId = (name: unknown): string | undefined => readText(name)?.replace(/^.*\//, '');

/** A request about a batch is no call of a model, only followed for the results that it may bring. */
function readBatchRequest(call: EndpointCall, results: string | undefined): CallRequest {
  const isVertex = readSentRequest(call).isVertex;
  const host = readHost(call.client, isVertex ? PROVIDER.GCP_VERTEX_AI : PROVIDER.GCP_GEMINI);
  return omitUndefined<CallRequest>({
    operation: OPERATION.FETCH_RESPONSE,
    ...host,
    model: undefined,
    isStream: false,
    attributes: {},
    isBilled: false,
    isRecorded: false,
    results,
  });
}

function readJob(body: unknown, isSubmitted: boolean): CallResult {
  const id = readBatchId(readFields(body).name);
  const batch = id === undefined ? undefined : { id, isSubmitted, results: [id] };
  return omitUndefined<CallResult>({ usageStatus: 'missing', batch });
}

/** `batches.create` and `createEmbeddings`: whoever submits it owns its cost. */
export const batches: readonly MethodEndpoint[] = ['createInternal', 'createEmbeddingsInternal'].map(
  (method) => ({
    name: 'batches.create',
    className: 'Batches',
    method,
    readSent: ([params], instance) => asSent(method, readParams(params, instance)),
    readRequest: (call) => readBatchRequest(call, undefined),
    readResponse: (body) => readJob(body, true),
  }),
);

/** `batches.get`: once it is done, results that were submitted inline come with it. */
export const batchesRetrieve: MethodEndpoint = {
  name: 'batches.get',
  className: 'Batches',
  method: 'get',
  readSent: ([params], instance) =>
    asSent(readBatchId(readFields(params).name) ?? '', readParams({}, instance)),
  readRequest: (call) => readBatchRequest(call, call.path),
  readResponse: (body) => readJob(body, false),
  readResults: (body) => {
    const { dest, model } = readFields(body);
    const { inlinedResponses, inlinedEmbedContentResponses } = readFields(dest);
    return readItems(inlinedResponses ?? inlinedEmbedContentResponses).map((line) => ({ line, model }));
  },
  readResult,
};

/** One result, at the price of a batch; a request that failed bills nothing. */
function readResult(value: unknown, reading: CallRequest): BatchedCall | undefined {
  const { line, model } = readFields(value);
  const response = readFields(readFields(line).response);
  if (Object.keys(response).length === 0) return undefined;
  const isEmbedding = response.embedding !== undefined;
  const { isBilled: _free, isRecorded: _followed, results: _batch, ...known } = reading;
  const request: CallRequest = {
    ...known,
    operation: isEmbedding ? OPERATION.EMBEDDINGS : OPERATION.GENERATE_CONTENT,
    model: readModelName(response.modelVersion) ?? readModelName(model),
  };
  if (!isEmbedding) return { request, result: { ...readGenerated(response, request), mode: 'batch' } };
  const usage = omitEmpty<Usage>({ inputTokens: readCount(Number(response.tokenCount)) });
  return {
    request,
    result: omitUndefined<CallResult>({
      usageStatus: usage === undefined ? 'missing' : 'complete',
      usage,
      mode: 'batch',
    }),
  };
}
