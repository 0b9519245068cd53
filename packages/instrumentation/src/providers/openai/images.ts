import type { NestedUsage, Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readText,
} from '../fields.js';
import { readErrorType, readOpenaiRequest } from './request.js';
import { readUsage } from './usage.js';

/** What is made where nothing else is asked for. */
const DEFAULT_SIZE = '1024x1024';
const DEFAULT_MODEL = 'dall-e-2';

/** What the request asked for: models that are billed by the image are billed by it. */
interface ImageState {
  readonly size: string | undefined;
  readonly quality: string | undefined;
}

function imageEndpoint(name: string, path: RegExp): Endpoint {
  return {
    name,
    method: 'post',
    path,
    readRequest: readImageRequest,
    readResponse: (body, request) => readImages(readFields(body), request),
    readChunk: readImageEvent,
  };
}

/** `images.generate`; OpenRouter has it at `/images`. */
export const imagesGenerate = imageEndpoint('images.generate', /^\/images(?:\/generations)?(?:\?.*)?$/);
/** `images.edit`. */
export const imagesEdit = imageEndpoint('images.edit', /^\/images\/edits(?:\?.*)?$/);
/** `images.createVariation`. */
export const imagesVariation = imageEndpoint('images.createVariation', /^\/images\/variations(?:\?.*)?$/);

function readImageRequest(call: EndpointCall): CallRequest {
  const body = readFields(call.body);
  const state: ImageState = { size: readText(body.size), quality: readText(body.quality) };
  const request = readOpenaiRequest(call, {
    operation: OPERATION.GENERATE_CONTENT,
    attributes: {
      [ATTR.OUTPUT_TYPE]: 'image',
      [ATTR.REQUEST_CHOICE_COUNT]: readChoiceCount(body.n),
    },
  });
  return { ...request, state };
}

function readChoiceCount(value: unknown): number | undefined {
  const count = readCount(value);
  return count === 1 || count === 0 ? undefined : count;
}

function readImages(fields: Fields, request: CallRequest): CallResult {
  const images = readItems(fields.data).length;
  const tokens = addVectorDrawing(readUsage(fields.usage), fields.svg_usage);
  const usage = tokens ?? (images > 0 ? countImages(images, fields, request) : undefined);
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : 'complete',
    usage,
    // An answer without tokens to a request without a model is the oldest model's.
    responseModel:
      readText(fields.model) ??
      (request.model === undefined && usage?.units !== undefined ? DEFAULT_MODEL : undefined),
    errorType: readErrorType(fields.error),
  });
}

/** Models without tokens are billed by the image, by quality and size. */
function countImages(images: number, fields: Fields, { state }: CallRequest): Usage {
  const asked = state as ImageState | undefined;
  const quality = readText(fields.quality) ?? asked?.quality;
  const size = readText(fields.size) ?? asked?.size ?? DEFAULT_SIZE;
  return {
    units: { output_image: images },
    unitVariant: quality === undefined || quality === 'auto' ? size : `${quality} ${size}`,
  };
}

/** A vector image is written by a language model, whose tokens are billed besides. */
function addVectorDrawing(usage: Usage | undefined, drawing: unknown): Usage | undefined {
  const fields = readFields(drawing);
  const model = readText(fields.model);
  if (usage === undefined || model === undefined) return usage;
  const tokens = omitEmpty<Usage>({
    inputTokens: readCount(fields.input_tokens),
    outputTokens: readCount(fields.output_tokens),
    reasoningOutputTokens: readCount(fields.reasoning_tokens),
  });
  const nested: NestedUsage[] = tokens === undefined ? [] : [{ model, usage: tokens }];
  return nested.length === 0 ? usage : { ...usage, nested };
}

/** Events of an image stream: previews, then one that has the image and the usage of all. */
function readImageEvent(soFar: CallResult, chunk: unknown): CallResult {
  const event = readFields(chunk);
  const type = readText(event.type);
  if (type === 'error') {
    return { ...soFar, errorType: readErrorType(event.error) ?? readErrorType(event) ?? '_OTHER' };
  }
  const usage = type?.endsWith('.completed') === true ? readUsage(event.usage) : undefined;
  return usage === undefined ? soFar : { ...soFar, usageStatus: 'complete', usage };
}
