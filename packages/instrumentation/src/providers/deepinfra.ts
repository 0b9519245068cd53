import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, type Operation, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint } from '../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readNumber,
  readText,
} from './fields.js';
import { readHost } from './hosts.js';

const PATH = /^\/v1\/inference\/(.+)$/;

/** DeepInfra's own API, which has every kind of model: each answer says what it cost, USD, and what it counted. */
export const deepinfraInference: Endpoint = {
  name: 'inference',
  method: 'post',
  path: PATH,
  readRequest(call) {
    const body = readFields(call.body);
    const isStream = body.stream === true;
    return omitUndefined<CallRequest>({
      operation: readOperation(body),
      ...readHost(call.client, PROVIDER.DEEPINFRA),
      model: PATH.exec(call.path)?.[1],
      isStream,
      attributes: { [ATTR.REQUEST_STREAM]: isStream ? true : undefined },
    });
  },
  readResponse: readAnswer,
  // The last event has what a whole answer has, by which names no page says: without them there is no usage.
  readChunk: (soFar, chunk) => {
    const read = readAnswer(chunk);
    return read.usage === undefined ? soFar : { ...soFar, ...read };
  },
};

function readOperation(body: Fields): Operation {
  if (body.inputs !== undefined) return OPERATION.EMBEDDINGS;
  if (body.documents !== undefined) return OPERATION.RERANK;
  return body.input === undefined ? OPERATION.GENERATE_CONTENT : OPERATION.TEXT_COMPLETION;
}

function readAnswer(body: unknown): CallResult {
  const answer = readFields(body);
  const status = readFields(answer.inference_status);
  // Embeddings and the last event of a stream count in places of their own.
  const usage = omitEmpty<Usage>({
    inputTokens: readCount(status.tokens_input ?? answer.input_tokens ?? answer.num_input_tokens),
    outputTokens: readCount(status.tokens_generated ?? answer.num_output_tokens),
    providerCostUsd: readNumber(status.cost ?? answer.estimated_cost),
  });
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : 'complete',
    usage,
    responseId: readText(answer.request_id),
    finishReasons: readReasons(answer.results),
  });
}

function readReasons(results: unknown): readonly string[] | undefined {
  const reasons = readItems(results).flatMap((one) => readText(readFields(one).stop_reason) ?? []);
  return reasons.length === 0 ? undefined : reasons;
}
