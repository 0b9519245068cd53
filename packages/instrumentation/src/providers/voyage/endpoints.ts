import { PROVIDER } from '@costspan/semconv';
import type { CallReaders, CallResult, MethodEndpoint } from '../../provider.js';
import { type DoorsOf, fernDoors } from '../fern.js';
import { readCount, readFields } from '../fields.js';
import { embeddings } from '../openai/embeddings.js';
import { rerank } from '../openai/rerank.js';
import { toSnakeCase } from '../speakeasy.js';

/** Names of the methods → what reads them; they answer with a list of vectors, or of documents by relevance. */
const METHODS: Readonly<Record<string, CallReaders>> = {
  embed: embeddings,
  multimodalEmbed: embeddings,
  contextualizedEmbed: embeddings,
  rerank,
};

export const voyageEndpoints: readonly MethodEndpoint[] = Object.entries(METHODS).flatMap(
  ([method, readers]) => fernDoors(method).map((doors) => endpoint(readers, method, doors)),
);

function endpoint(readers: CallReaders, name: string, doors: DoorsOf): MethodEndpoint {
  return {
    ...doors,
    className: 'VoyageAIClient',
    name,
    readRequest: ({ body, ...call }) => {
      const { model, outputDimension, encodingFormat } = readFields(body);
      return readers.readRequest({
        ...call,
        body: { model, dimensions: outputDimension, encoding_format: encodingFormat },
        sdkProvider: PROVIDER.VOYAGE,
      });
    },
    readResponse: readVoyageAnswer(readers),
  };
}

/** Of the answer the vectors are the most, and nothing in them is wanted. */
export function readVoyageAnswer(readers: CallReaders): MethodEndpoint['readResponse'] {
  return (value, request): CallResult => {
    const { model, usage } = readFields(value);
    const read = readers.readResponse({ model, usage: toSnakeCase(usage) }, request);
    // Images are billed by the pixel; the total has them as the tokens that they were read as.
    const hasImages = (readCount(readFields(usage).image_pixels) ?? 0) > 0;
    return hasImages ? { ...read, estimatedReason: 'image_pixels' } : read;
  };
}
