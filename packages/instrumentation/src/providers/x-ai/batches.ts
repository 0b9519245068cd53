import { OPERATION } from '@costspan/semconv';
import type { BatchedCall, CallRequest, Endpoint } from '../../provider.js';
import { omitUndefined, readFields, readItems, readText } from '../fields.js';
import { readBatchLine } from '../openai/batches.js';
import { readOpenaiRequest } from '../openai/request.js';

const RESULTS_PATH = /^\/batches\/([^/?]+)\/results$/;

/**
 * Results of a batch of xAI, which come page by page under the batch's own id, some of them while others are still
 * being made. Each says what it was charged.
 */
export const xaiBatchResults: Endpoint = {
  name: 'batches.results',
  method: 'get',
  path: RESULTS_PATH,
  readRequest: (call) =>
    omitUndefined<CallRequest>({
      ...readOpenaiRequest(call, { operation: OPERATION.FETCH_RESPONSE, attributes: {} }),
      isRecorded: false,
      isBilled: false,
      results: RESULTS_PATH.exec(call.path)?.[1],
    }),
  readResponse: () => ({ usageStatus: 'missing' }),
  readResults: (body) => readItems(readFields(body).results),
  readResult,
};

/** An answer stands under the name of what was asked for: `{chat_get_completion: …}`. An error stands in its place. */
function readResult(value: unknown, reading: CallRequest): BatchedCall | undefined {
  const { batch_request_id, batch_result } = readFields(value);
  const { response } = readFields(batch_result);
  const [answered] = Object.entries(readFields(response));
  if (answered === undefined) return undefined;
  const [asked, answer] = answered;
  const body =
    asked === 'chat_get_completion' ? { object: 'chat.completion', ...readFields(answer) } : answer;
  const read = readBatchLine({ response: { body } }, reading) ?? readUnknown(answer, reading);
  return omitUndefined<BatchedCall>({ ...read, name: readText(batch_request_id) });
}

/** Videos, and whatever comes next: a call without a price. */
function readUnknown(answer: unknown, reading: CallRequest): BatchedCall {
  const { provider, serverAddress, serverPort, region } = reading;
  const request = omitUndefined<CallRequest>({
    operation: OPERATION.GENERATE_CONTENT,
    provider,
    model: readText(readFields(answer).model),
    isStream: false,
    serverAddress,
    serverPort,
    region,
    attributes: {},
  });
  return { request, result: { usageStatus: 'missing', mode: 'batch' } };
}
