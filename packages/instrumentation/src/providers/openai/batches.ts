import { ATTR, OPERATION, type Operation } from '@costspan/semconv';
import type { BatchedCall, BatchNews, CallRequest, CallResult, Endpoint } from '../../provider.js';
import { type Fields, omitUndefined, readFields, readText } from '../fields.js';
import { chatCompletions } from './chat.js';
import { embeddings } from './embeddings.js';
import { imagesGenerate } from './images.js';
import { legacyCompletions } from './legacy-completions.js';
import { readOpenaiRequest } from './request.js';
import { responses } from './responses.js';

function batchEndpoint(name: string, method: Endpoint['method'], path: RegExp): Endpoint {
  return {
    name,
    method,
    path,
    readRequest: (call) => ({
      ...readOpenaiRequest(call, { operation: OPERATION.FETCH_RESPONSE, attributes: {} }),
      isRecorded: false,
      isBilled: false,
    }),
    readResponse: (body) =>
      omitUndefined<CallResult>({ usageStatus: 'missing', batch: readBatch(body, method === 'post') }),
  };
}

/** `batches.create`: whoever submits it owns its cost. */
export const batches = batchEndpoint('batches.create', 'post', /^\/batches(?:\?.*)?$/);
/** `batches.retrieve`: says in which files the results are. */
export const batchesRetrieve = batchEndpoint('batches.retrieve', 'get', /^\/batches\/[^/?]+(?:\?.*)?$/);

function readBatch(body: unknown, isSubmitted: boolean): BatchNews | undefined {
  // Together says its batch within the answer to its submission, xAI calls its id another name.
  const fields = readFields(readFields(body).job ?? body);
  const id = readText(fields.id) ?? readText(fields.batch_id);
  if (id === undefined) return undefined;
  const files = [readText(fields.output_file_id), readText(fields.error_file_id)];
  return { id, isSubmitted, results: files.filter((file) => file !== undefined) };
}

const CONTENT_PATH = /^\/files\/([^/?]+)\/content(?:\?.*)?$/;

/** `files.content`: where the file is the output of a batch, each line is the response to one call. */
export const filesContent: Endpoint = {
  name: 'files.content',
  method: 'get',
  path: CONTENT_PATH,
  readRequest(call) {
    const request = readOpenaiRequest(call, { operation: OPERATION.FETCH_RESPONSE, attributes: {} });
    const results = CONTENT_PATH.exec(call.path)?.[1];
    return omitUndefined<CallRequest>({
      ...request,
      isRecorded: false,
      isBilled: false,
      body: 'lines',
      results,
    });
  },
  readResponse: () => ({ usageStatus: 'missing' }),
  readResult: readBatchLine,
};

/** What answers in a batch, told by its `object`; images have none. */
const ANSWERS: Readonly<Record<string, readonly [Endpoint, Operation]>> = {
  'chat.completion': [chatCompletions, OPERATION.CHAT],
  text_completion: [legacyCompletions, OPERATION.TEXT_COMPLETION],
  response: [responses, OPERATION.CHAT],
  list: [embeddings, OPERATION.EMBEDDINGS],
};

/** One line of a batch's results, with the answer as its endpoint gives it. */
export function readBatchLine(line: unknown, reading: CallRequest): BatchedCall | undefined {
  const response = readFields(readFields(line).response);
  const body = readFields(response.body);
  const answer = findAnswer(body);
  if (answer === undefined) return undefined;
  const [endpoint, operation] = answer;
  const request = omitUndefined<CallRequest>({
    operation,
    provider: reading.provider,
    model: readText(body.model),
    isStream: false,
    serverAddress: reading.serverAddress,
    serverPort: reading.serverPort,
    region: reading.region,
    attributes: operation === OPERATION.GENERATE_CONTENT ? { [ATTR.OUTPUT_TYPE]: 'image' } : {},
  });
  return { request, result: { ...endpoint.readResponse(body, request), mode: 'batch' } };
}

function findAnswer(body: Fields): readonly [Endpoint, Operation] | undefined {
  const object = readText(body.object);
  if (object !== undefined && Object.hasOwn(ANSWERS, object)) return ANSWERS[object];
  const isImages = Array.isArray(body.data) && body.usage !== undefined;
  return isImages ? [imagesGenerate, OPERATION.GENERATE_CONTENT] : undefined;
}
