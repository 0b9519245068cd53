import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, type Operation, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall } from '../provider.js';
import {
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  sumCounts,
} from './fields.js';
import { readHost } from './hosts.js';
import { chatCompletions } from './openai/chat.js';
import { unstatedReaders } from './unstated.js';

/** Models by name, or by that of a deployment. */
const pathOf = (ends: string): RegExp => new RegExp(`^/ml/v1/(?:deployments/([^/]+)/)?${ends}$`);

const CHAT = pathOf('text/chat(_stream)?');
const GENERATION = pathOf('text/generation(_stream)?');

/** The model of a request, and whether it asks for a stream: the path tells. */
function readAsked({ path, body }: EndpointCall, pattern: RegExp) {
  const [, deployment, stream] = pattern.exec(path) ?? [];
  return { model: readText(readFields(body).model_id) ?? deployment, isStream: stream !== undefined };
}

/** OpenAI's form, but for the name of the model. */
const toOpenai = (body: unknown): object => ({ ...readFields(body), model: readFields(body).model_id });

const chat: Endpoint = {
  name: 'text.chat',
  method: 'post',
  path: CHAT,
  readRequest(call) {
    const { model, isStream } = readAsked(call, CHAT);
    return chatCompletions.readRequest({
      ...call,
      body: { ...readFields(call.body), model, stream: isStream },
    });
  },
  readResponse: (body, request, head) => chatCompletions.readResponse(toOpenai(body), request, head),
  readChunk: (soFar, chunk, request) => chatCompletions.readChunk!(soFar, toOpenai(chunk), request),
};

function readWatsonxRequest(
  call: EndpointCall,
  { operation, pattern }: { readonly operation: Operation; readonly pattern: RegExp },
): CallRequest {
  const { model, isStream } = readAsked(call, pattern);
  const parameters = readFields(readFields(call.body).parameters);
  return omitUndefined<CallRequest>({
    operation,
    ...readHost(call.client, PROVIDER.IBM_WATSONX_AI),
    model,
    isStream,
    attributes: {
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(parameters.max_new_tokens),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(parameters.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(parameters.top_p),
    },
  });
}

const generation: Endpoint = {
  name: 'text.generation',
  method: 'post',
  path: GENERATION,
  readRequest: (call) =>
    readWatsonxRequest(call, { operation: OPERATION.TEXT_COMPLETION, pattern: GENERATION }),
  readResponse: (body) => readGenerated(undefined, body),
  readChunk: (soFar, chunk) => readGenerated(soFar.usage, chunk),
};

/** An event counts all output so far; of the input the first one tells, and later ones say 0. */
function readGenerated(before: Usage | undefined, body: unknown): CallResult {
  const { model_id, results } = readFields(body);
  const texts = readItems(results).map(readFields);
  const largest = (known: number | undefined, told: number | undefined): number | undefined =>
    known === undefined || told === undefined ? (told ?? known) : Math.max(known, told);
  const usage = omitEmpty<Usage>({
    inputTokens: largest(
      before?.inputTokens,
      sumCounts(...texts.map((one) => readCount(one.input_token_count))),
    ),
    outputTokens: largest(
      before?.outputTokens,
      sumCounts(...texts.map((one) => readCount(one.generated_token_count))),
    ),
  });
  const reasons = texts.map((one) => readText(one.stop_reason));
  const isOver = reasons.length > 0 && !reasons.includes('not_finished');
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : isOver ? 'complete' : 'partial',
    usage,
    responseModel: readText(model_id),
    finishReasons: reasons.length === 0 ? undefined : isOver ? reasons : reasons.map(() => undefined),
  });
}

/** What is embedded and what is reranked: input alone. */
function counted(name: string, operation: Operation): Endpoint {
  const pattern = pathOf(`text/${name}`);
  return {
    name: `text.${name}`,
    method: 'post',
    path: pattern,
    readRequest: (call) => readWatsonxRequest(call, { operation, pattern }),
    readResponse(body) {
      const { model_id, input_token_count } = readFields(body);
      const usage = omitEmpty<Usage>({ inputTokens: readCount(input_token_count) });
      return omitUndefined<CallResult>({
        usageStatus: usage === undefined ? 'missing' : 'complete',
        usage,
        responseModel: readText(model_id),
      });
    },
  };
}

/** Work that goes on by itself, and forecasts. */
const unstated: Endpoint = {
  ...unstatedReaders({
    name: 'jobs',
    what: 'jobs and forecasts of watsonx.ai',
    provider: PROVIDER.IBM_WATSONX_AI,
  }),
  method: 'post',
  path: pathOf(
    '(?:text/(?:extractions|classifications|schemas/\\w+)|time_series/forecast|fine_tunings|tuning/synthetic_data)',
  ),
};

/** What watsonx.ai is asked and answers by hand, and by its SDK, which sends with `node:http`. */
export const watsonxByHand: readonly Endpoint[] = [
  chat,
  generation,
  counted('embeddings', OPERATION.EMBEDDINGS),
  counted('rerank', OPERATION.RERANK),
  unstated,
];
