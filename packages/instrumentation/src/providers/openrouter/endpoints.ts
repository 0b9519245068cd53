import type { Usage } from '@costspan/pricing';
import { OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallReaders, MethodEndpoint } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readNumber,
  readText,
} from '../fields.js';
import { speech, transcriptions } from '../openai/audio.js';
import { chatCompletions } from '../openai/chat.js';
import { decisions } from '../openai/decisions.js';
import { embeddings } from '../openai/embeddings.js';
import { imagesGenerate } from '../openai/images.js';
import { videos, videosRetrieve } from '../openai/jobs.js';
import { rerank } from '../openai/rerank.js';
import { responses } from '../openai/responses.js';
import { readRefusedBody, toSnakeCase } from '../speakeasy.js';
import { unstatedMethod } from '../unstated.js';

/** A method of one of the client's resources. */
interface Place {
  readonly className: string;
  readonly method: string;
  /** Where the request's body stands in its first argument. */
  readonly body?: string;
}

/** Settings stand this deep; a conversation is looked into only where its content is wanted. */
const SETTINGS_DEPTH = 2;

/** An endpoint of OpenAI's API as a method of OpenRouter's SDK. */
function endpoint(readers: CallReaders, { className, method, body = 'requestBody' }: Place): MethodEndpoint {
  return {
    ...readers,
    className,
    method,
    readSent: ([request]) => ({ path: '', body: readFields(request)[body] }),
    readRefused: readRefusedBody,
    readRequest: (call) =>
      readers.readRequest({
        ...call,
        body: toSnakeCase(call.body, call.isContentCaptured === true ? undefined : SETTINGS_DEPTH),
        sdkProvider: PROVIDER.OPENROUTER,
      }),
    readResponse: (value, request) => readers.readResponse(toWire(value), request),
    ...(readers.readChunk === undefined
      ? {}
      : { readChunk: (soFar, chunk, request) => readers.readChunk!(soFar, toWire(chunk), request) }),
  };
}

/** Every cost is in USD, though the answers to some endpoints do not say what else tells OpenRouter's from others'. */
function toWire(value: unknown): unknown {
  const wire = readFields(toSnakeCase(value));
  const usage = readFields(wire.usage);
  return usage.cost === undefined ? wire : { ...wire, usage: { is_byok: false, ...usage } };
}

/** `stt`: what it costs, and the seconds or tokens that it read. */
const transcription: CallReaders = {
  ...transcriptions,
  readResponse(body, request) {
    const { usage, text: _unwanted, ...rest } = readFields(body);
    const read = readTranscription(readFields(usage));
    return omitUndefined({
      ...transcriptions.readResponse(rest, request),
      usageStatus: read === undefined ? 'missing' : 'complete',
      usage: read,
    });
  },
};

function readTranscription(usage: Fields): Usage | undefined {
  const seconds = readNumber(usage.seconds);
  return omitEmpty<Usage>({
    inputTokens: readCount(usage.input_tokens),
    outputTokens: readCount(usage.output_tokens),
    units: seconds === undefined ? undefined : { input_audio_ms: Math.round(seconds * 1_000) },
    providerCostUsd: readNumber(usage.cost),
  });
}

/** `videoGeneration.getGeneration`: its job's id is all that it sends. */
const videoRetrieval: MethodEndpoint = {
  ...endpoint(videosRetrieve, { className: 'VideoGeneration', method: 'getGeneration' }),
  readSent: ([request]) => ({
    path: `/videos/${encodeURIComponent(readText(readFields(request).jobId) ?? '')}`,
    body: undefined,
  }),
};

/** What is read out is sound, and says nothing of what it is billed by: the text does. */
const readSpeech = (className: string): MethodEndpoint => ({
  ...endpoint(speech, { className, method: 'createSpeech', body: 'speechRequest' }),
  readAnswer: () => undefined,
});

export const openrouterEndpoints: readonly MethodEndpoint[] = [
  endpoint(chatCompletions, { className: 'Chat', method: 'send', body: 'chatRequest' }),
  ...['Responses', 'BetaResponses'].map((className) =>
    endpoint(responses, { className, method: 'send', body: 'responsesRequest' }),
  ),
  endpoint(embeddings, { className: 'Embeddings', method: 'generate' }),
  endpoint(rerank, { className: 'Rerank', method: 'rerank' }),
  endpoint(imagesGenerate, { className: 'Images', method: 'generate', body: 'imageGenerationRequest' }),
  ...['STT', 'Stt'].flatMap((className) => [
    endpoint(transcription, { className, method: 'createTranscription', body: 'sttRequest' }),
    endpoint(transcription, { className, method: 'createTranscriptionMultipart' }),
  ]),
  readSpeech('TTS'),
  readSpeech('Tts'),
  endpoint(videos, { className: 'VideoGeneration', method: 'generate', body: 'videoGenerationRequest' }),
  videoRetrieval,
  ...['Decisions', 'SystemOne'].map((className) =>
    endpoint(decisions, { className, method: 'create', body: 'decisionsRequest' }),
  ),
  unstatedMethod('Interns', 'chat', {
    name: 'interns.chat',
    what: 'chats with interns of OpenRouter',
    provider: PROVIDER.OPENROUTER,
    operation: OPERATION.CHAT,
  }),
];
