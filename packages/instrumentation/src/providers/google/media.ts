import { OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, MethodEndpoint } from '../../provider.js';
import { type Fields, omitUndefined, readFields, readItems, readNumber, readText } from '../fields.js';
import { readParams } from './genai.js';
import { asSent, readGoogleRequest, readSentRequest } from './request.js';

const image = (method: string): MethodEndpoint => ({
  name: `models.${method.replace('Internal', '')}`,
  className: 'Models',
  method,
  readSent: ([params], instance) => asSent(method, readParams(params, instance)),
  readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
  readResponse: readImages,
});

/** Images are billed by the piece: those that were made, not those that were asked for. */
export const imageEndpoints: readonly MethodEndpoint[] = [
  'generateImagesInternal',
  'editImageInternal',
  'upscaleImageInternal',
  'recontextImage',
].map(image);

function readImages(body: unknown): CallResult {
  const { generatedImages } = readFields(body);
  // An image that a filter took out is listed with the reason in its place.
  const made = readItems(generatedImages).filter((item) => readFields(item).image !== undefined);
  if (!Array.isArray(generatedImages)) return { usageStatus: 'missing' };
  return { usageStatus: 'complete', usage: { units: { output_image: made.length } } };
}

/** What the price of a video depends on, besides how many there are. */
interface VideoRequest {
  readonly milliseconds: number;
  readonly isDurationStated: boolean;
  readonly variant: string | undefined;
}

/** What every Veo model makes when nothing else is asked for. */
const DEFAULT_VIDEO_SECONDS = 8;

/** `models.generateVideos`: the answer is an operation; the call stays open until a retrieval finds it done. */
const generateVideos = (method: string): MethodEndpoint => ({
  name: 'models.generateVideos',
  className: 'Models',
  method,
  readSent: ([params], instance) => asSent('generateVideos', readParams(params, instance)),
  readRequest: (call) => ({
    ...readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
    state: readVideoRequest(readSentRequest(call).config),
  }),
  readResponse: (body, request) => {
    const operation = readOperation(body);
    return operation.isFinal === true ? readVideos(operation, request) : operation;
  },
  isPending: (result) => result.isFinal !== true,
  readFinal: readVideos,
});

/** The method that sends, and the one that did in early versions. */
export const videoEndpoints: readonly MethodEndpoint[] = ['generateVideosInternal', 'generateVideos'].map(
  generateVideos,
);

const retrieval = (method: string): MethodEndpoint => ({
  name: 'operations.getVideosOperation',
  className: 'Operations',
  method,
  readSent: ([params], instance) => {
    const name = readText(readFields(readFields(params).operation).name);
    return asSent(name ?? '', { ...readParams({}, instance) });
  },
  readRequest: (call) =>
    omitUndefined<CallRequest>({
      ...readGoogleRequest(call, { operation: OPERATION.FETCH_RESPONSE }),
      retrieves: call.path,
    }),
  readResponse: readOperation,
  isPending: (result) => result.isFinal !== true,
});

/** The two ways to ask how far a video is. */
export const videoRetrievals: readonly MethodEndpoint[] = ['getVideosOperation', 'get'].map(retrieval);

function readVideoRequest(config: Fields): VideoRequest {
  const seconds = readNumber(config.durationSeconds);
  const resolution = readText(config.resolution)?.toLowerCase();
  return {
    milliseconds: Math.round((seconds ?? DEFAULT_VIDEO_SECONDS) * 1_000),
    isDurationStated: seconds !== undefined,
    variant: resolution === '720p' ? undefined : resolution,
  };
}

/** How far an operation is; what it made is priced where the request is known. */
function readOperation(body: unknown): CallResult {
  const operation = readFields(body);
  const { generatedVideos } = readFields(operation.response);
  const isFinal = operation.done === true;
  const error = operation.error === undefined || operation.error === null ? undefined : operation.error;
  return omitUndefined<CallResult>({
    usageStatus: 'missing',
    responseId: readText(operation.name),
    isFinal: isFinal ? true : undefined,
    errorType: error === undefined ? undefined : (readText(readFields(error).status) ?? '_OTHER'),
    state: readItems(generatedVideos).length,
  });
}

function readVideos(result: CallResult, request: CallRequest): CallResult {
  const { milliseconds, isDurationStated, variant } = request.state as VideoRequest;
  if (result.errorType !== undefined) return result;
  const count = Number(result.state);
  return omitUndefined<CallResult>({
    ...result,
    usageStatus: 'complete',
    usage: {
      units: { output_video_ms: count * milliseconds },
      ...(variant === undefined ? {} : { unitVariant: variant }),
    },
    estimatedReason: isDurationStated ? undefined : 'default_duration',
  });
}
