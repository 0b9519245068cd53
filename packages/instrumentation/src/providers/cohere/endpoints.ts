import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, EndpointCall, MethodEndpoint } from '../../provider.js';
import { type DoorsOf, fernDoors } from '../fern.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';
import { readHost } from '../hosts.js';
import { unstatedReaders } from '../unstated.js';
import { renderPrompt } from './content.js';

interface Kind {
  readonly operation: string;
  readonly isStream: boolean;
}

const CLASSES = ['CohereClient', 'V2Client', 'V2'] as const;
/** Names of the methods → what they do. */
const METHODS: Readonly<Record<string, Kind>> = {
  chat: { operation: OPERATION.CHAT, isStream: false },
  chatStream: { operation: OPERATION.CHAT, isStream: true },
  generate: { operation: OPERATION.TEXT_COMPLETION, isStream: false },
  generateStream: { operation: OPERATION.TEXT_COMPLETION, isStream: true },
  embed: { operation: OPERATION.EMBEDDINGS, isStream: false },
  rerank: { operation: OPERATION.RERANK, isStream: false },
  classify: { operation: OPERATION.GENERATE_CONTENT, isStream: false },
  summarize: { operation: OPERATION.TEXT_COMPLETION, isStream: false },
};

/** Work that is billed although no answer says what it used. */
const UNSTATED = [
  ['TranscriptionsClient', 'create', 'transcriptions'],
  ['V2Client', 'parse', 'parsed documents'],
  ['BatchesClient', 'create', 'batches'],
  ['EmbedJobsClient', 'create', 'embed jobs'],
  ['FinetuningClient', 'createFinetunedModel', 'tuned models'],
] as const;

export const cohereEndpoints: readonly MethodEndpoint[] = [
  ...CLASSES.flatMap((className) =>
    Object.entries(METHODS).flatMap(([method, kind]) =>
      fernDoors(method).map((doors) => endpoint(className, { ...doors, name: method }, kind)),
    ),
  ),
  ...UNSTATED.flatMap(([className, method, what]) => {
    const name = `${className.replace('Client', '').toLowerCase()}.${method}`;
    const readers = unstatedReaders({ name, what: `${what} of Cohere`, provider: PROVIDER.COHERE });
    return fernDoors(method).map((doors) => ({ ...doors, ...readers, className }));
  }),
];

function endpoint(className: string, doors: DoorsOf & { readonly name: string }, kind: Kind): MethodEndpoint {
  return {
    ...doors,
    className,
    readRequest: (call) => readCohereRequest(call, kind),
    readResponse: kind.operation === OPERATION.EMBEDDINGS ? readEmbeddings : readAnswer,
    ...(kind.isStream ? { readChunk } : {}),
  };
}

/** A request, in the SDK's names. */
export function readCohereRequest(call: EndpointCall, { operation, isStream }: Kind): CallRequest {
  const body = readFields(call.body);
  const host = readHost(call.client, PROVIDER.COHERE);
  const isPrompted = operation === OPERATION.CHAT || operation === OPERATION.TEXT_COMPLETION;
  return omitUndefined<CallRequest>({
    operation,
    ...host,
    model: readText(body.model),
    isStream,
    attributes: {
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
      [ATTR.REQUEST_MAX_TOKENS]: readInteger(body.maxTokens),
      [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
      [ATTR.REQUEST_TOP_P]: readNumber(body.p),
      [ATTR.REQUEST_TOP_K]: readInteger(body.k),
      [ATTR.REQUEST_SEED]: readInteger(body.seed),
      [ATTR.REQUEST_FREQUENCY_PENALTY]: readNumber(body.frequencyPenalty),
      [ATTR.REQUEST_PRESENCE_PENALTY]: readNumber(body.presencePenalty),
      [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(body.stopSequences),
      [ATTR.OUTPUT_TYPE]: readFields(body.responseFormat).type === 'json_object' ? 'json' : undefined,
    },
    content: call.isContentCaptured === true && isPrompted ? () => renderPrompt(body) : undefined,
  });
}

/** What is billed, which the conventions want, and not what was processed: that has the provider's own words in it. */
function readUsage(value: Fields): Usage | undefined {
  const billed = readFields(value.billedUnits);
  return omitEmpty<Usage>({
    inputTokens: readCount(billed.inputTokens),
    outputTokens: readCount(billed.outputTokens),
    units: omitEmpty<NonNullable<Usage['units']>>({
      search: readCount(billed.searchUnits),
      input_image: readCount(billed.images),
      classification: readCount(billed.classifications),
    }),
  });
}

interface AnswerParts {
  readonly id: unknown;
  readonly reason: unknown;
  /** `usage` of version 2, `meta` of version 1. */
  readonly usage: Fields;
}

function readParts({ id, reason, usage }: AnswerParts): CallResult {
  const known = readUsage(usage);
  const finish = readText(reason);
  return omitUndefined<CallResult>({
    usageStatus: known === undefined ? 'missing' : 'complete',
    usage: known,
    responseId: readText(id),
    finishReasons: finish === undefined ? undefined : [finish],
    // Nobody says whether they are part of what is billed.
    estimatedReason: (readCount(usage.cachedTokens) ?? 0) > 0 ? 'cached_tokens' : undefined,
  });
}

/** A whole answer, in the SDK's names. */
export function readAnswer(value: unknown): CallResult {
  const body = readFields(value);
  return readParts({
    id: body.id ?? body.responseId ?? body.generationId,
    reason: body.finishReason,
    usage: readFields(body.usage ?? body.meta),
  });
}

function readEmbeddings(value: unknown): CallResult {
  const { responseId: _unwanted, ...read } = readAnswer(value);
  const { embeddings } = readFields(value);
  const [first] = readItems(Array.isArray(embeddings) ? embeddings : readFields(embeddings).float);
  return { ...read, attributes: { [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readItems(first).length || undefined } };
}

/** Version 2 tells the id first and the usage last; version 1 ends with the whole answer. */
export function readChunk(soFar: CallResult, chunk: unknown): CallResult {
  const event = readFields(chunk);
  if (event.type === 'message-start')
    return omitUndefined<CallResult>({ ...soFar, responseId: readText(event.id) });
  if (event.eventType === 'stream-start')
    return omitUndefined<CallResult>({ ...soFar, responseId: readText(event.generationId) });
  if (event.type === 'message-end') {
    const delta = readFields(event.delta);
    return readParts({ id: soFar.responseId, reason: delta.finishReason, usage: readFields(delta.usage) });
  }
  if (event.eventType !== 'stream-end') return soFar;
  const whole = readAnswer(event.response);
  const reason = readText(event.finishReason);
  return omitUndefined<CallResult>({
    ...whole,
    responseId: whole.responseId ?? soFar.responseId,
    finishReasons: whole.finishReasons ?? (reason === undefined ? undefined : [reason]),
  });
}
