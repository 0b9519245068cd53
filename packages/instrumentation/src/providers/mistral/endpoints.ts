import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type {
  CallReaders,
  CallRequest,
  CallResult,
  Endpoint,
  EndpointCall,
  MethodEndpoint,
} from '../../provider.js';
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
import { readHost } from '../hosts.js';
import { chatCompletions } from '../openai/chat.js';
import { renderChatRequest } from '../openai/chat-content.js';
import { embeddings as openaiEmbeddings } from '../openai/embeddings.js';
import { readOutputType, readSampling } from '../openai/request.js';
import { readRefusedBody, toCamelCase } from '../speakeasy.js';
import { unstatedMethod } from '../unstated.js';
import { mistralBatches } from './batches.js';
import { conversations } from './conversations.js';
import { mistralSpeech } from './speech.js';
import { toWire, toWireRequest } from './wire.js';

interface Kind {
  readonly operation: string;
  readonly isStream: boolean;
}

const readSent: MethodEndpoint['readSent'] = ([body]) => ({ path: '', body });

function readRequest(call: EndpointCall, { operation, isStream }: Kind): CallRequest {
  const body = toWireRequest(call.body);
  const host = readHost(call.client, PROVIDER.MISTRAL_AI);
  const isChat = operation === OPERATION.CHAT;
  return omitUndefined<CallRequest>({
    operation,
    ...host,
    model: readText(body.model) ?? readText(body.agentId),
    isStream,
    attributes: {
      ...readSampling(body),
      [ATTR.OUTPUT_TYPE]: readOutputType(body.response_format),
      [ATTR.REQUEST_REASONING_LEVEL]: readText(body.reasoning_effort),
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
    },
    content: call.isContentCaptured === true && isChat ? () => renderChatRequest(body) : undefined,
  });
}

/** A method that answers in the form of a completion, whole or as a stream. */
function completion(className: string, method: string, operation: string): MethodEndpoint {
  const isStream = /stream/i.test(method);
  const name = `${className.toLowerCase()}.${method}`;
  return {
    className,
    method,
    name,
    readSent,
    readRequest: (call) => readRequest(call, { operation, isStream }),
    readResponse: (body, request) => chatCompletions.readResponse(toWire(body), request),
    ...(isStream
      ? {
          readChunk: (soFar, event, request) =>
            chatCompletions.readChunk!(soFar, toWire(readFields(event).data), request),
        }
      : {}),
  };
}

/** `embeddings.create`: no output. */
const embeddings: MethodEndpoint = {
  className: 'Embeddings',
  method: 'create',
  name: 'embeddings.create',
  readSent,
  readRequest: (call) => readRequest(call, { operation: OPERATION.EMBEDDINGS, isStream: false }),
  readResponse(value, request) {
    const [first] = readItems(readFields(value).data);
    const dimensions = readItems(readFields(first).embedding).length;
    return {
      ...openaiEmbeddings.readResponse(toWire(value), request),
      attributes: { [ATTR.EMBEDDINGS_DIMENSION_COUNT]: dimensions || undefined },
    };
  },
};

/** `ocr.process`: billed by the page. */
const ocr: MethodEndpoint = {
  className: 'Ocr',
  method: 'process',
  name: 'ocr.process',
  readSent,
  readRequest: (call) => ({
    ...readRequest(call, { operation: OPERATION.GENERATE_CONTENT, isStream: false }),
    state: { isAnnotated: isAnnotated(readFields(call.body)) },
  }),
  readResponse(value, request) {
    const body = readFields(value);
    const pages = readCount(readFields(body.usageInfo).pagesProcessed);
    const unit = readFields(request.state).isAnnotated === true ? 'input_annotated_page' : 'input_page';
    return omitUndefined<CallResult>({
      usageStatus: pages === undefined ? 'missing' : 'complete',
      usage: pages === undefined ? undefined : { units: { [unit]: pages } },
      responseModel: readText(body.model),
    });
  },
};

/** The same by hand. */
export const mistralOcr: Endpoint = {
  name: 'ocr',
  method: 'post',
  path: /^\/ocr$/,
  readRequest(call) {
    const { model, document_annotation_format, bbox_annotation_format } = readFields(call.body);
    const body = toCamelCase({ model, document_annotation_format, bbox_annotation_format });
    return ocr.readRequest({ ...call, body });
  },
  readResponse(value, request) {
    const { model, usage_info } = readFields(value);
    return ocr.readResponse(toCamelCase({ model, usage_info }), request);
  },
};

/** Pages with annotations have a price of their own. */
const isAnnotated = ({ documentAnnotationFormat, bboxAnnotationFormat }: Fields): boolean =>
  [documentAnnotationFormat, bboxAnnotationFormat].some((format) => format !== undefined && format !== null);

/** `audio.transcriptions`: billed by the seconds of audio, where the answer states them. */
function transcription(method: string): MethodEndpoint {
  const isStream = method === 'stream';
  return {
    className: 'Transcriptions',
    method,
    name: `audio.transcriptions.${method}`,
    readSent,
    readRequest: (call) => readRequest(call, { operation: OPERATION.GENERATE_CONTENT, isStream }),
    readResponse: readTranscribed,
    readChunk(soFar, event) {
      const { data } = readFields(event);
      return readFields(data).usage === undefined ? soFar : readTranscribed(data);
    },
  };
}

/** What a transcription, or its last event, says when it is done. */
export function readTranscribed(value: unknown): CallResult {
  const body = readFields(value);
  const usage = readFields(body.usage);
  const seconds = readNumber(usage.promptAudioSeconds);
  const known: Usage | undefined =
    seconds === undefined
      ? omitEmpty<Usage>({
          inputTokens: readCount(usage.promptTokens),
          outputTokens: readCount(usage.completionTokens),
        })
      : { units: { input_audio_ms: Math.round(seconds * 1000) } };
  return omitUndefined<CallResult>({
    usageStatus: known === undefined ? 'missing' : 'complete',
    usage: known,
    responseModel: readText(body.model),
  });
}

/** `classifiers`: the answer says nothing of what it took. */
const classifier = (method: string): MethodEndpoint => ({
  className: 'Classifiers',
  method,
  name: `classifiers.${method}`,
  readSent,
  readRequest: (call) => readRequest(call, { operation: OPERATION.GENERATE_CONTENT, isStream: false }),
  readResponse: (body) => {
    const { id, model } = readFields(body);
    return omitUndefined<CallResult>({
      usageStatus: 'missing',
      responseId: readText(id),
      responseModel: readText(model),
    });
  },
});

/** The same by hand. */
export const mistralClassifiers: readonly Endpoint[] = ['moderations', 'classifications'].map((path) => ({
  ...readersOf(classifier(path)),
  method: 'post',
  path: new RegExp(`^(?:/chat)?/${path}$`),
}));

function readersOf({ name, readRequest, readResponse }: MethodEndpoint): CallReaders {
  return { name, readRequest, readResponse };
}

/** Every reader takes what the SDK has parsed: what it refused is given the same names. */
const readRefused = (error: unknown): unknown => toCamelCase(readRefusedBody(error));

const ENDPOINTS: readonly MethodEndpoint[] = [
  ...['complete', 'stream', 'parse', 'parseStream'].map((method) =>
    completion('Chat', method, OPERATION.CHAT),
  ),
  ...['complete', 'stream'].map((method) => completion('Agents', method, OPERATION.CHAT)),
  ...['complete', 'stream'].map((method) => completion('Fim', method, OPERATION.TEXT_COMPLETION)),
  embeddings,
  ocr,
  transcription('complete'),
  transcription('stream'),
  ...['moderate', 'moderateChat', 'classify', 'classifyChat'].map(classifier),
  ...conversations,
  ...mistralBatches,
  ...(
    [
      ['Judges', 'judgeConversation', 'judgements of conversations'],
      ['Records', 'judge', 'judgements of records'],
      ['Documents', 'upload', 'documents that libraries read'],
      ['Documents', 'reprocess', 'documents that libraries read'],
      ['Sessions', 'create', 'sessions of browsers'],
    ] as const
  ).map(([className, method, what]) =>
    unstatedMethod(className, method, {
      name: `${className.toLowerCase()}.${method}`,
      what: `${what} of Mistral`,
      provider: PROVIDER.MISTRAL_AI,
    }),
  ),
];

export const mistralEndpoints: readonly MethodEndpoint[] = [
  ...ENDPOINTS.map((endpoint) => ({ ...endpoint, readRefused })),
  // Billed by its request: a body without sound is no sign that it was.
  mistralSpeech,
];
