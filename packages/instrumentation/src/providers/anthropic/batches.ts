import { OPERATION, PROVIDER } from '@costspan/semconv';
import type {
  BatchedCall,
  BatchNews,
  CallRequest,
  CallResult,
  Endpoint,
  EndpointCall,
} from '../../provider.js';
import { omitUndefined, readFields, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { messages } from './messages.js';

function readBatchRequest(call: EndpointCall): CallRequest {
  const host = readHost(call.client, PROVIDER.ANTHROPIC);
  return omitUndefined<CallRequest>({
    operation: OPERATION.FETCH_RESPONSE,
    ...host,
    model: undefined,
    isStream: false,
    attributes: {},
    isRecorded: false,
    isBilled: false,
  });
}

/** `messages.batches.create`: whoever submits it owns its cost. Its results are read under its own id. */
export const messageBatches: Endpoint = {
  name: 'messages.batches.create',
  method: 'post',
  path: /^\/v1\/messages\/batches(?:\?.*)?$/,
  readRequest: readBatchRequest,
  readResponse: (body) => omitUndefined<CallResult>({ usageStatus: 'missing', batch: readBatch(body) }),
};

function readBatch(body: unknown): BatchNews | undefined {
  const id = readText(readFields(body).id);
  return id === undefined ? undefined : { id, isSubmitted: true, results: [] };
}

/** The address of results is the provider's to choose, and so is its host. */
const RESULTS_PATH = /^(?:https?:\/\/[^/]+)?(?:\/[^?]*)?\/v1\/messages\/batches\/([^/?]+)\/results(?:\?.*)?$/;

/** `messages.batches.results`: each line is the answer to one call. */
export const messageBatchResults: Endpoint = {
  name: 'messages.batches.results',
  method: 'get',
  path: RESULTS_PATH,
  readRequest(call) {
    const results = RESULTS_PATH.exec(call.path)?.[1];
    return omitUndefined<CallRequest>({ ...readBatchRequest(call), body: 'lines', results });
  },
  readResponse: () => ({ usageStatus: 'missing' }),
  readResult: readBatchLine,
};

function readBatchLine(line: unknown, reading: CallRequest): BatchedCall | undefined {
  const answer = readFields(readFields(line).result);
  if (answer.type !== 'succeeded') return undefined;
  const request = omitUndefined<CallRequest>({
    operation: OPERATION.CHAT,
    provider: reading.provider,
    model: readText(readFields(answer.message).model),
    isStream: false,
    serverAddress: reading.serverAddress,
    serverPort: reading.serverPort,
    attributes: {},
  });
  return { request, result: { ...messages.readResponse(answer.message, request), mode: 'batch' } };
}
