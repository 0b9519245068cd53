import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint } from '../../provider.js';
import { omitUndefined, readFields, readText } from '../fields.js';
import { chatCompletions } from '../openai/chat.js';

const RETRIEVE_PATH = /^\/async\/chat\/completions\/([^/?]+)(?:\?.*)?$/;
const OPEN: ReadonlySet<unknown> = new Set(['CREATED', 'IN_PROGRESS']);

/** `async.chat.completions.create`: a chat completion that is asked for again until it is there. */
export const asyncCompletions: Endpoint = {
  name: 'async.chat.completions',
  method: 'post',
  path: /^\/async\/chat\/completions(?:\?.*)?$/,
  readRequest: (call) => chatCompletions.readRequest({ ...call, body: readFields(call.body).request }),
  readResponse: readJob,
  isPending,
};

/** `async.chat.completions.get`: what it reads belongs to the call that is waiting for it. */
export const asyncCompletionsRetrieve: Endpoint = {
  name: 'async.chat.completions.retrieve',
  method: 'get',
  path: RETRIEVE_PATH,
  readRequest(call) {
    const retrieves = RETRIEVE_PATH.exec(call.path)?.[1];
    const request = chatCompletions.readRequest({ ...call, body: undefined });
    return omitUndefined<CallRequest>({
      ...request,
      operation: OPERATION.FETCH_RESPONSE,
      attributes: { [ATTR.RESPONSE_ID]: retrieves },
      retrieves,
      isBilled: false,
    });
  },
  readResponse: readJob,
  isPending,
};

function readJob(body: unknown, request: CallRequest): CallResult {
  const job = readFields(body);
  const status = readText(job.status);
  const answer = chatCompletions.readResponse(job.response, request);
  return omitUndefined<CallResult>({
    ...answer,
    // The job's id is the one that it is asked for by.
    responseId: readText(job.id),
    responseModel: answer.responseModel ?? readText(job.model),
    status,
    errorType: status === 'FAILED' ? '_OTHER' : answer.errorType,
  });
}

function isPending({ status }: CallResult): boolean {
  return OPEN.has(status);
}
