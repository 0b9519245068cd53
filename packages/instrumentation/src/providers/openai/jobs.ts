import type { NestedUsage, Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readNumber,
  readText,
} from '../fields.js';
import { readErrorType, readOpenaiRequest } from './request.js';
import { readUsage } from './usage.js';

/** Work that is ordered, goes on at the provider and is asked for until it is done: it is billed once, when it is. */
interface Job {
  readonly name: string;
  /** Where it is ordered. */
  readonly order: RegExp;
  /** Where it is asked for; group 1 is its id. */
  readonly retrieve: RegExp;
  readonly readUsage: (job: Fields) => Usage | undefined;
}

const OPEN: ReadonlySet<unknown> = new Set([
  'pending',
  'queued',
  'in_progress',
  'processing',
  'running',
  'validating_files',
  'paused',
]);
const FAILED: ReadonlySet<unknown> = new Set(['failed', 'cancelled', 'canceled', 'expired']);

function jobEndpoints(job: Job): readonly [order: Endpoint, retrieve: Endpoint] {
  const readResponse = (body: unknown): CallResult => readJob(readFields(body), job);
  const isPending = ({ status }: CallResult): boolean => OPEN.has(status);
  const order: Endpoint = {
    name: `${job.name}.create`,
    method: 'post',
    path: job.order,
    readRequest: (call) =>
      // The conventions know no video among the types of output.
      readOpenaiRequest(call, { operation: OPERATION.GENERATE_CONTENT, attributes: {} }),
    readResponse,
    isPending,
  };
  const retrieve: Endpoint = {
    name: `${job.name}.retrieve`,
    method: 'get',
    path: job.retrieve,
    readRequest(call) {
      const retrieves = job.retrieve.exec(call.path)?.[1];
      const request = readOpenaiRequest(call, {
        operation: OPERATION.FETCH_RESPONSE,
        attributes: { [ATTR.RESPONSE_ID]: retrieves },
      });
      return omitUndefined<CallRequest>({ ...request, retrieves, isBilled: false });
    },
    readResponse,
    isPending,
  };
  return [order, retrieve];
}

function readJob(fields: Fields, job: Job): CallResult {
  const status = readText(fields.status);
  const isFailed = FAILED.has(status);
  const usage = job.readUsage(fields);
  const isDone = !OPEN.has(status) && !isFailed;
  return omitUndefined<CallResult>({
    // What was ordered is only a promise of what will be billed.
    usageStatus: usage === undefined ? 'missing' : isDone ? 'complete' : 'partial',
    usage,
    responseId: readText(fields.id),
    responseModel: readText(fields.model),
    status,
    errorType: isFailed ? (readErrorType(fields.error) ?? status) : undefined,
  });
}

/** `videos.create`, `remix`, `edit` and `extend`, and their retrieval: seconds of video by resolution. */
export const [videos, videosRetrieve] = jobEndpoints({
  name: 'videos',
  order: /^\/videos(?:\/edits|\/extensions|\/[^/?]+\/remix)?(?:\?.*)?$/,
  retrieve: /^\/videos\/([^/?]+)(?:\?.*)?$/,
  readUsage(video) {
    if (FAILED.has(video.status)) return { units: { output_video_ms: 0 } };
    const seconds = readNumber(Number(readText(video.seconds) ?? video.seconds));
    const size = readText(video.size);
    // OpenRouter says what it costs, and nothing else.
    if (seconds === undefined) return readUsage(video.usage);
    const units = { output_video_ms: Math.round(seconds * 1_000) };
    return size === undefined ? { units } : { units, unitVariant: size };
  },
});

/** `fineTuning.jobs.create` and its retrieval: the tokens that were trained on. */
export const [fineTuning, fineTuningRetrieve] = jobEndpoints({
  name: 'fineTuning.jobs',
  order: /^\/fine_tuning\/jobs(?:\?.*)?$/,
  retrieve: /^\/fine_tuning\/jobs\/([^/?]+)(?:\?.*)?$/,
  readUsage(job) {
    const tokens = readCount(job.trained_tokens);
    // Nothing was asked and answered.
    return tokens === undefined
      ? undefined
      : { inputTokens: 0, outputTokens: 0, units: { training_token: tokens } };
  },
});

/** `evals.runs.create` and its retrieval: what each model, the judges among them, has used. */
export const [evalRuns, evalRunsRetrieve] = jobEndpoints({
  name: 'evals.runs',
  order: /^\/evals\/[^/?]+\/runs(?:\?.*)?$/,
  retrieve: /^\/evals\/[^/?]+\/runs\/([^/?]+)(?:\?.*)?$/,
  readUsage(run) {
    const byModel = readItems(run.per_model_usage).flatMap((item): NestedUsage[] => {
      const { model_name, prompt_tokens, completion_tokens, cached_tokens } = readFields(item);
      const model = readText(model_name);
      const usage = omitEmpty<Usage>({
        inputTokens: readCount(prompt_tokens),
        cacheReadInputTokens: readCount(cached_tokens),
        outputTokens: readCount(completion_tokens),
      });
      return model === undefined || usage === undefined ? [] : [{ model, usage }];
    });
    return byModel.length === 0 ? undefined : { byModel };
  },
});
