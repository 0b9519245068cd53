import type { Usage } from '@costspan/pricing';
import { OPERATION, PROVIDER } from '@costspan/semconv';
import type { BatchedCall, CallRequest, CallResult, EndpointCall, MethodEndpoint } from '../../provider.js';
import { omitEmpty, omitUndefined, readCount, readFields, readItems, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { unstated } from '../unstated.js';
import { readParams } from './genai.js';
import { readGenerated } from './generate.js';
import { asSent, readGoogleRequest, readModelName, readSentRequest } from './request.js';

/** Their results go to Cloud Storage or BigQuery. */
const UNSTATED = unstated('batch jobs of Vertex AI');

/** `batches/x` and x are one batch, `files/x` and x one file. */
const readId = (name: unknown): string | undefined => readText(name)?.replace(/^.*\//, '');

/** A request about a batch is no call of a model, only followed for the results that it may bring. */
export function readBatchRequest(call: EndpointCall, results: string | undefined): CallRequest {
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

/** Results lie in the answer or in a file: both belong to the batch. */
export function readJob(body: unknown, isSubmitted: boolean): CallResult {
  const { name, dest } = readFields(body);
  const id = readId(name);
  const file = readId(readFields(dest).fileName);
  const results = [id, file].filter((place) => place !== undefined);
  return omitUndefined<CallResult>({
    usageStatus: 'missing',
    batch: id === undefined ? undefined : { id, isSubmitted, results },
  });
}

/** `batches.create` and `createEmbeddings`: whoever submits it owns its cost. */
export const batches: readonly MethodEndpoint[] = ['createInternal', 'createEmbeddingsInternal'].map(
  (method) => ({
    name: 'batches.create',
    className: 'Batches',
    method,
    readSent: ([params], instance) => asSent(method, readParams(params, instance)),
    readRequest: (call) =>
      readSentRequest(call).isVertex ? readVertexJob(call) : readBatchRequest(call, undefined),
    readResponse: (body, request) => (request.isRecorded === false ? readJob(body, true) : UNSTATED),
  }),
);

/** A job of Vertex AI is billed like any other, but neither it nor anything else in the SDK ever states its tokens. */
function readVertexJob(call: EndpointCall): CallRequest {
  const isEmbedding = /embed/.test(readSentRequest(call).model ?? '');
  const operation = isEmbedding ? OPERATION.EMBEDDINGS : OPERATION.GENERATE_CONTENT;
  return { ...readGoogleRequest(call, { operation }), attributes: {} };
}

/** `batches.get`: once it is done, results that were submitted inline come with it. */
export const batchesRetrieve: MethodEndpoint = {
  name: 'batches.get',
  className: 'Batches',
  method: 'get',
  readSent: ([params], instance) => asSent(readId(readFields(params).name) ?? '', readParams({}, instance)),
  readRequest: (call) => readBatchRequest(call, call.path),
  readResponse: (body) => readJob(body, false),
  readResults: readInlined,
  readResult: readInlinedResult,
};

/** The results within a job, each with the model that the job names for all of them. */
export function readInlined(body: unknown): readonly unknown[] {
  const { dest, model } = readFields(body);
  const { inlinedResponses, inlinedEmbedContentResponses } = readFields(dest);
  return readItems(inlinedResponses ?? inlinedEmbedContentResponses).map((line) => ({ line, model }));
}

/** One of {@link readInlined}. */
export function readInlinedResult(value: unknown, reading: CallRequest): BatchedCall | undefined {
  const { line, model } = readFields(value);
  return readResult(line, readModelName(model), reading);
}

const DOWNLOAD_PATH = /^files\/([^/:]+):download$/;

/** `files.download`: where the file holds the results of a batch, each line answers one call. */
export const filesDownload: MethodEndpoint = {
  name: 'files.download',
  className: 'ApiClient',
  method: 'request',
  readSent: ([sent], instance) => {
    const file = DOWNLOAD_PATH.exec(readText(readFields(sent).path) ?? '')?.[1];
    return file === undefined ? undefined : asSent(file, readParams({}, instance));
  },
  readAnswer: (returned) => readFields(returned).responseInternal,
  readRequest: (call) => ({ ...readBatchRequest(call, call.path), body: 'lines' }),
  readResponse: () => ({ usageStatus: 'missing' }),
  readResult: readFileResult,
};

/** One line of a file of results. */
export function readFileResult(line: unknown, reading: CallRequest): BatchedCall | undefined {
  return readResult(line, undefined, reading);
}

/** One result, at the price of a batch; a request that failed bills nothing. */
function readResult(line: unknown, model: string | undefined, reading: CallRequest): BatchedCall | undefined {
  const response = readFields(readFields(line).response);
  if (Object.keys(response).length === 0) return undefined;
  const isEmbedding = response.embedding !== undefined;
  const { isBilled: _free, isRecorded: _followed, results: _batch, body: _lines, ...known } = reading;
  const request: CallRequest = {
    ...known,
    operation: isEmbedding ? OPERATION.EMBEDDINGS : OPERATION.GENERATE_CONTENT,
    model: readModelName(response.modelVersion) ?? model,
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
