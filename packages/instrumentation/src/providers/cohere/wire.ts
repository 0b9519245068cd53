import { OPERATION, type Operation, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall } from '../../provider.js';
import { type Fields, readFields } from '../fields.js';
import { toCamelCase } from '../speakeasy.js';
import { unstatedReaders } from '../unstated.js';
import { readAnswer, readChunk, readCohereRequest } from './endpoints.js';

/** Work that is billed although no answer says what it used. */
const UNSTATED = [
  ['audio/transcriptions', 'transcriptions'],
  ['parse', 'parsed documents'],
  ['batches', 'batches'],
  ['embed-jobs', 'embed jobs'],
  ['finetuning/finetuned-models', 'tuned models'],
] as const;

/** What Cohere's endpoints are asked and answer by hand, in the names of its SDK as far as they are read. */
export const cohereByHand: readonly Endpoint[] = [
  byHand('chat', OPERATION.CHAT),
  byHand('generate', OPERATION.TEXT_COMPLETION),
  byHand('summarize', OPERATION.TEXT_COMPLETION),
  byHand('embed', OPERATION.EMBEDDINGS),
  byHand('rerank', OPERATION.RERANK),
  byHand('classify', OPERATION.GENERATE_CONTENT),
  ...UNSTATED.map(([path, what]) => ({
    ...unstatedReaders({ name: path, what: `${what} of Cohere`, provider: PROVIDER.COHERE }),
    method: 'post' as const,
    path: new RegExp(`^/v[12]/${path}$`),
  })),
];

function byHand(name: string, operation: Operation): Endpoint {
  return {
    name,
    method: 'post',
    path: new RegExp(`^/v[12]/${name}$`),
    readRequest: (call) => readRequest(call, operation),
    readResponse: (body) => readWhole(readFields(body)),
    readChunk: (soFar, chunk) => readChunk(soFar, toCamelCase(chunk)),
  };
}

function readRequest(call: EndpointCall, operation: Operation): CallRequest {
  const { model, stream, max_tokens, temperature, p, k, seed } = readFields(call.body);
  const body = toCamelCase({ model, max_tokens, temperature, p, k, seed });
  const isStream = stream === true;
  const request = readCohereRequest({ ...call, body }, { operation, isStream });
  // Version 2 streams events and says so; version 1 streams lines.
  return isStream ? { ...request, body: 'chunks' } : request;
}

/** Vectors and documents are nothing that is read. */
function readWhole({ id, generation_id, finish_reason, usage, meta }: Fields): CallResult {
  return readAnswer(toCamelCase({ id, generation_id, finish_reason, usage, meta }));
}
