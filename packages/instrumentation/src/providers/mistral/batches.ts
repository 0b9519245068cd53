import { OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall, MethodEndpoint } from '../../provider.js';
import { omitUndefined, readFields, readItems, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { readBatchLine } from '../openai/batches.js';
import { toCamelCase } from '../speakeasy.js';
import { unstatedMethod } from '../unstated.js';

/** A request about a batch is no call of a model, only followed for the results that it may bring. */
const readRequest = (call: EndpointCall): CallRequest =>
  omitUndefined<CallRequest>({
    operation: OPERATION.FETCH_RESPONSE,
    ...readHost(call.client, PROVIDER.MISTRAL_AI),
    model: undefined,
    isStream: false,
    attributes: {},
    isBilled: false,
    isRecorded: false,
    results: readText(call.path),
  });

function readJob(body: unknown, isSubmitted: boolean): CallResult {
  const job = readFields(body);
  const id = readText(job.id);
  const places = [id, readText(job.outputFile), readText(job.errorFile)];
  return omitUndefined<CallResult>({
    usageStatus: 'missing',
    batch:
      id === undefined
        ? undefined
        : { id, isSubmitted, results: places.filter((place) => place !== undefined) },
  });
}

const isTuning = (body: unknown): boolean => readFields(body).hyperparameters !== undefined;

/** `fineTuning.jobs.create` of major 1. */
const tuning: MethodEndpoint = {
  ...unstatedMethod('Jobs', 'create', {
    name: 'fineTuning.jobs.create',
    what: 'tuning jobs of Mistral',
    provider: PROVIDER.MISTRAL_AI,
  }),
  readSent: ([body]) => (isTuning(body) ? { path: '', body } : undefined),
};

const ofJobs = (className: string): MethodEndpoint[] => [
  {
    className,
    method: 'create',
    name: 'batch.jobs.create',
    // Major 1 has tuning jobs of the same name.
    readSent: ([body]) => (isTuning(body) ? undefined : { path: '', body }),
    readRequest,
    readResponse: (body) => readJob(body, true),
  },
  {
    className,
    method: 'get',
    name: 'batch.jobs.get',
    readSent: ([request]) => ({ path: readText(readFields(request).jobId) ?? '', body: undefined }),
    readRequest,
    readResponse: (body) => readJob(body, false),
    // Where they are asked for inline.
    readResults: (body) => readItems(readFields(body).outputs),
    readResult: readBatchLine,
  },
];

const JOB_PATH = /^\/batch\/jobs\/([^/?]+)$/;

/** The same by hand; the files of its results are read as OpenAI's. */
export const mistralBatchJobs: readonly Endpoint[] = [
  {
    name: 'batch.jobs.create',
    method: 'post',
    path: /^\/batch\/jobs$/,
    readRequest: (call) => readRequest({ ...call, path: '' }),
    readResponse: (body) => readJob(toCamelCase(body), true),
  },
  {
    name: 'batch.jobs.get',
    method: 'get',
    path: JOB_PATH,
    readRequest: (call) => readRequest({ ...call, path: JOB_PATH.exec(call.path)?.[1] ?? '' }),
    readResponse: (body) => readJob(toCamelCase(body), false),
    readResults: (body) => readItems(readFields(body).outputs),
    readResult: readBatchLine,
  },
];

/**
 * `batch.jobs` and `files.download`: results are priced where they are read, for whoever submitted them. A line of them
 * says what OpenAI's says, in the names of the wire.
 */
export const mistralBatches: readonly MethodEndpoint[] = [
  ...['Jobs', 'MistralJobs'].flatMap(ofJobs),
  tuning,
  {
    className: 'Files',
    method: 'download',
    name: 'files.download',
    readSent: ([request]) => ({ path: readText(readFields(request).fileId) ?? '', body: undefined }),
    readRequest: (call) => ({ ...readRequest(call), body: 'lines' }),
    readResponse: () => ({ usageStatus: 'missing' }),
    readResult: readBatchLine,
  },
];
