import { OPERATION, PROVIDER } from '@costspan/semconv';
import {
  type CallRequest,
  type CallResult,
  EMPTY_RESULT,
  type Endpoint,
  type EndpointCall,
} from '../../provider.js';
import { omitUndefined, readFields } from '../fields.js';
import { readHost } from '../hosts.js';
import { readBatchRequest, readFileResult, readInlined, readInlinedResult, readJob } from './batches.js';
import { cachesCreate } from './caches.js';
import { readEmbeddings } from './genai.js';
import { readGenerated, readGeneratedChunk } from './generate.js';
import { readModelName } from './request.js';

/** Google's models are named in the path: `/models/gemini-2.5-flash:generateContent`. */
const readModel = (path: string): string | undefined => /\/models\/([^/:]+):/.exec(path)?.[1];

const readPathRequest =
  (operation: CallRequest['operation']) =>
  ({ client, path }: EndpointCall): CallRequest => {
    const { provider, serverAddress, serverPort, region } = readHost(client, PROVIDER.GCP_GEMINI);
    return omitUndefined<CallRequest>({
      operation,
      provider,
      model: readModel(path),
      isStream: path.includes(':stream'),
      serverAddress,
      serverPort,
      region,
      attributes: {},
    });
  };

/** Streams are events, or, asked for otherwise, one long list. */
const generateContent: Endpoint = {
  name: 'generateContent',
  method: 'post',
  path: /\/models\/[^/:]+:(?:g|streamG)enerateContent$/,
  readRequest: readPathRequest(OPERATION.GENERATE_CONTENT),
  readResponse: (body, request) =>
    Array.isArray(body)
      ? body.reduce<CallResult>((soFar, chunk) => readGeneratedChunk(soFar, chunk, request), EMPTY_RESULT)
      : readGenerated(body, request),
  readChunk: readGeneratedChunk,
};

const embedContent: Endpoint = {
  name: 'embedContent',
  method: 'post',
  path: /\/models\/[^/:]+:(?:embedContent|batchEmbedContents)$/,
  readRequest: readPathRequest(OPERATION.EMBEDDINGS),
  readResponse: readEmbeddings,
};

/** The model stands in the body. */
const cachedContents: Endpoint = {
  name: 'caches.create',
  method: 'post',
  path: /^\/v[\w.]+\/cachedContents$/,
  readRequest: (call) => {
    const request = readPathRequest(OPERATION.GENERATE_CONTENT)(call);
    return omitUndefined<CallRequest>({ ...request, model: readModelName(readFields(call.body).model) });
  },
  readResponse: cachesCreate.readResponse,
};

/** What Google's models are asked and answer by hand. */
export const googleByHand: readonly Endpoint[] = [generateContent, embedContent, cachedContents];

/** A job as the SDK gives it: what the wire keeps in the state of an operation, and once it is done in its response. */
function toJob(body: unknown): object {
  const { name, metadata, response } = readFields(body);
  const { model, output } = readFields(metadata);
  const { responsesFile, inlinedResponses } = readFields(response ?? output);
  const dest = { fileName: responsesFile, inlinedResponses: readFields(inlinedResponses).inlinedResponses };
  return { name, model, dest };
}

const JOB_PATH = /^\/batches\/([^/:]+)$/;
const DOWNLOAD_PATH = /\/files\/([^/:]+):download$/;

/** Batches of the Gemini API by hand; those of Vertex AI state nothing. */
export const geminiBatchesByHand: readonly Endpoint[] = [
  {
    name: 'batches.create',
    method: 'post',
    path: /\/models\/[^/:]+:(?:batchGenerateContent|asyncBatchEmbedContent)$/,
    readRequest: (call) => readBatchRequest(call, undefined),
    readResponse: (body) => readJob(toJob(body), true),
  },
  {
    name: 'batches.get',
    method: 'get',
    path: JOB_PATH,
    readRequest: (call) => readBatchRequest(call, JOB_PATH.exec(call.path)?.[1]),
    readResponse: (body) => readJob(toJob(body), false),
    readResults: (body) => readInlined(toJob(body)),
    readResult: readInlinedResult,
  },
  {
    name: 'files.download',
    method: 'get',
    path: DOWNLOAD_PATH,
    readRequest: (call) => ({
      ...readBatchRequest(call, DOWNLOAD_PATH.exec(call.path)?.[1]),
      body: 'lines',
    }),
    readResponse: () => ({ usageStatus: 'missing' }),
    readResult: readFileResult,
  },
];
