import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint } from '../../provider.js';
import {
  type Fields,
  omitUndefined,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
} from '../fields.js';
import { readErrorType, readOpenaiRequest } from './request.js';
import { readUsage } from './usage.js';

const OPEN: ReadonlySet<unknown> = new Set(['queued', 'in_progress', 'requires_action', 'cancelling']);
const FAILED: ReadonlySet<unknown> = new Set(['failed', 'expired']);
/** Tools that are billed besides, and that a run counts in its steps alone. */
const PAID_TOOLS: ReadonlySet<unknown> = new Set(['code_interpreter', 'file_search']);

const readResponse = (body: unknown): CallResult => readRun(readFields(body));
const isPending = ({ status }: CallResult): boolean => OPEN.has(status);

/** Events of a run that is streamed: those of the run itself hold all of it. */
function readChunk(soFar: CallResult, chunk: unknown): CallResult {
  const { event, data } = readFields(chunk);
  const run = readFields(data);
  if (event === 'error') return { ...soFar, errorType: readErrorType(run) ?? '_OTHER' };
  return run.object === 'thread.run' ? { ...soFar, ...readRun(run) } : soFar;
}

/** `beta.threads.runs.create` and `beta.threads.createAndRun`: a run states its usage once it is over. */
export const runs: Endpoint = {
  name: 'threads.runs.create',
  method: 'post',
  path: /^\/threads\/(?:[^/?]+\/)?runs(?:\?.*)?$/,
  readRequest(call) {
    const body = readFields(call.body);
    return readOpenaiRequest(call, {
      operation: OPERATION.CHAT,
      attributes: {
        [ATTR.REQUEST_MAX_TOKENS]: readInteger(body.max_completion_tokens),
        [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
        [ATTR.REQUEST_TOP_P]: readNumber(body.top_p),
        [ATTR.CONVERSATION_ID]: /^\/threads\/([^/?]+)\/runs/.exec(call.path)?.[1],
      },
    });
  },
  readResponse,
  readChunk,
  isPending,
};

/** What goes on with a run, or asks for it: its usage is for the call that began it. */
function retrieval(name: string, method: Endpoint['method'], path: RegExp): Endpoint {
  return {
    name: `threads.runs.${name}`,
    method,
    path,
    readRequest(call) {
      const retrieves = path.exec(call.path)?.[1];
      const attributes = { [ATTR.RESPONSE_ID]: retrieves };
      const request = readOpenaiRequest(call, { operation: OPERATION.FETCH_RESPONSE, attributes });
      return omitUndefined<CallRequest>({ ...request, retrieves, isBilled: false });
    },
    readResponse,
    readChunk,
    isPending,
  };
}

export const runRetrievals: readonly Endpoint[] = [
  retrieval('retrieve', 'get', /^\/threads\/[^/?]+\/runs\/([^/?]+)(?:\?.*)?$/),
  retrieval('submitToolOutputs', 'post', /^\/threads\/[^/?]+\/runs\/([^/?]+)\/submit_tool_outputs(?:\?.*)?$/),
  retrieval('cancel', 'post', /^\/threads\/[^/?]+\/runs\/([^/?]+)\/cancel(?:\?.*)?$/),
];

function readRun(run: Fields): CallResult {
  const status = readText(run.status);
  const usage = readRunUsage(readFields(run.usage));
  const isOver = status !== undefined && !OPEN.has(status);
  const paysTools = readItems(run.tools).some((tool) => PAID_TOOLS.has(readFields(tool).type));
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : isOver ? 'complete' : 'partial',
    usage,
    responseId: readText(run.id),
    responseModel: readText(run.model),
    finishReasons: isOver ? [status === 'completed' ? 'stop' : status] : undefined,
    estimatedReason: paysTools ? 'tool_fees_missing' : undefined,
    errorType: FAILED.has(status) ? (readErrorType(run.last_error) ?? status) : undefined,
    isFinal: isOver ? true : undefined,
    status,
  });
}

/** As in a completion, but for one name. */
const readRunUsage = ({ prompt_token_details, ...usage }: Fields): Usage | undefined =>
  readUsage({ prompt_tokens_details: prompt_token_details, ...usage });
