import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readNumber,
  readText,
} from '../fields.js';
import { readErrorType, readOpenaiRequest } from './request.js';

function listeningEndpoint(name: string, path: RegExp): Endpoint {
  return {
    name,
    method: 'post',
    path,
    readRequest: readListeningRequest,
    readResponse: (body) => readTranscript(readFields(body)),
    readChunk: readTranscriptEvent,
  };
}

/** `audio.transcriptions.create`. */
export const transcriptions = listeningEndpoint('audio.transcriptions', /^\/audio\/transcriptions(?:\?.*)?$/);
/** `audio.translations.create`. */
export const translations = listeningEndpoint('audio.translations', /^\/audio\/translations(?:\?.*)?$/);

function readListeningRequest(call: EndpointCall): CallRequest {
  const body = readFields(call.body);
  return readOpenaiRequest(call, {
    operation: OPERATION.GENERATE_CONTENT,
    attributes: {
      [ATTR.OUTPUT_TYPE]: 'text',
      [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
    },
  });
}

function readTranscript(fields: Fields): CallResult {
  const usage = readTranscriptionUsage(fields.usage) ?? readDuration(fields.duration);
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : 'complete',
    usage,
    responseModel: readText(fields.model),
    errorType: readErrorType(fields.error),
  });
}

/** Usage of a transcription: `tokens` of the newer models, `duration` of Whisper. Realtime states it the same way. */
export function readTranscriptionUsage(value: unknown): Usage | undefined {
  const usage = readFields(value);
  if (usage.type === 'duration') return readDuration(usage.seconds);
  // Mistral's, behind the same path.
  if (typeof usage.prompt_audio_seconds === 'number') return readDuration(usage.prompt_audio_seconds);
  const details = readFields(usage.input_token_details);
  return omitEmpty<Usage>({
    inputTokens: readCount(usage.input_tokens),
    outputTokens: readCount(usage.output_tokens),
    input: omitEmpty({ text: readCount(details.text_tokens), audio: readCount(details.audio_tokens) }),
  });
}

/** Seconds, as a number or its text: verbose formats say how long the recording was where no usage is stated. */
function readDuration(value: unknown): Usage | undefined {
  const seconds = readNumber(typeof value === 'string' && value !== '' ? Number(value) : value);
  const inputAudioMs = readCount(Math.round((seconds ?? Number.NaN) * 1_000));
  return inputAudioMs === undefined ? undefined : { units: { input_audio_ms: inputAudioMs } };
}

function readTranscriptEvent(soFar: CallResult, chunk: unknown): CallResult {
  const event = readFields(chunk);
  if (event.type === 'error') return { ...soFar, errorType: readErrorType(event.error) ?? '_OTHER' };
  const isDone = event.type === 'transcript.text.done' || event.type === 'transcription.done';
  const usage = isDone ? readTranscriptionUsage(event.usage) : undefined;
  return usage === undefined ? soFar : { ...soFar, usageStatus: 'complete', usage };
}

/**
 * `audio.speech.create`: the body is sound and says nothing. Some models are billed by the characters that they read
 * out; for the others only the event stream states tokens.
 */
export const speech: Endpoint = {
  name: 'audio.speech',
  method: 'post',
  path: /^\/audio\/speech(?:\?.*)?$/,
  readRequest(call) {
    const body = readFields(call.body);
    const isStream = body.stream_format === 'sse';
    const request = readOpenaiRequest(call, {
      operation: OPERATION.GENERATE_CONTENT,
      attributes: { [ATTR.OUTPUT_TYPE]: 'speech' },
    });
    const attributes = isStream ? { ...request.attributes, [ATTR.REQUEST_STREAM]: true } : request.attributes;
    const state = countCharacters(readText(body.input) ?? '');
    return { ...request, attributes, isStream, body: isStream ? 'events' : 'bytes', state };
  },
  readResponse: (_body, { state }) => readSpoken(state),
  readChunk(soFar, chunk, { state }) {
    const event = readFields(chunk);
    if (event.type !== 'speech.audio.done') return soFar;
    const usage = readTranscriptionUsage(event.usage);
    return usage === undefined ? readSpoken(state) : { ...soFar, usageStatus: 'complete', usage };
  },
};

function readSpoken(state: unknown): CallResult {
  const characters = readCount(state);
  if (characters === undefined || characters === 0) return { usageStatus: 'missing' };
  return { usageStatus: 'complete', usage: { units: { input_character: characters } } };
}

/** Characters as people count them: a pair of surrogates is one. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}
