import { OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, MethodEndpoint } from '../../provider.js';
import { omitUndefined, readFields, readNumber, readText } from '../fields.js';
import { readBedrockRequest, readCommand, SENT } from './request.js';

/** How long a video is to be, where one was asked for. */
interface AsyncState {
  readonly milliseconds: number | undefined;
}

/** `StartAsyncInvoke`: work that goes on at the provider, and is billed once a retrieval has found it done. */
export const startAsyncInvoke: MethodEndpoint = {
  ...SENT,
  name: 'async-invoke',
  readSent: readCommand('StartAsyncInvokeCommand'),
  readRequest: (call) => ({
    ...readBedrockRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
    state: readState(readFields(call.body).modelInput),
  }),
  readResponse: readJob,
  isPending: ({ isFinal }) => isFinal !== true,
  readFinal: readDone,
};

/** `GetAsyncInvoke`: how far it is. */
export const getAsyncInvoke: MethodEndpoint = {
  ...SENT,
  name: 'async-invoke.get',
  readSent: readCommand('GetAsyncInvokeCommand'),
  readRequest: (call) =>
    omitUndefined<CallRequest>({
      ...readBedrockRequest(call, { operation: OPERATION.FETCH_RESPONSE }),
      retrieves: readText(readFields(call.body).invocationArn),
      isBilled: false,
    }),
  readResponse: readJob,
  isPending: ({ isFinal }) => isFinal !== true,
};

function readState(modelInput: unknown): AsyncState {
  const { videoGenerationConfig, duration } = readFields(modelInput);
  // Nova Reel says seconds, Luma Ray `5s`.
  const text = readText(duration);
  const seconds =
    readNumber(readFields(videoGenerationConfig).durationSeconds) ??
    (text === undefined ? undefined : readNumber(Number(text.replace(/s$/, ''))));
  return { milliseconds: seconds === undefined ? undefined : Math.round(seconds * 1_000) };
}

function readJob(body: unknown): CallResult {
  const { invocationArn, status } = readFields(body);
  const isFailed = status === 'Failed';
  return omitUndefined<CallResult>({
    usageStatus: 'missing',
    responseId: readText(invocationArn),
    isFinal: isFailed || status === 'Completed' ? true : undefined,
    errorType: isFailed ? 'Failed' : undefined,
  });
}

/** What else than a video was made says nothing of its size. */
function readDone(result: CallResult, request: CallRequest): CallResult {
  const { milliseconds } = request.state as AsyncState;
  if (result.errorType !== undefined || milliseconds === undefined) return result;
  return { ...result, usageStatus: 'complete', usage: { units: { output_video_ms: milliseconds } } };
}
