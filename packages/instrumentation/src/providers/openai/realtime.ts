import type { ModalityTokens, Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, EventEndpoint, Sent } from '../../provider.js';
import { type Fields, omitEmpty, omitUndefined, readCount, readFields, readText } from '../fields.js';
import { readTranscriptionUsage } from './audio.js';
import { readErrorType, readOpenaiRequest } from './request.js';
import { responses } from './responses.js';

/** What the events of a session have said of it. */
interface Session {
  readonly model: string | undefined;
  /** The model that writes down what the user says. */
  readonly transcriber: string | undefined;
}

/** Realtime sessions say their models when they begin and whenever they change; the beta in other places. */
function readSession(soFar: unknown, event: unknown): Session | undefined {
  const before = soFar as Session | undefined;
  const { type, session } = readFields(event);
  if (type !== 'session.created' && type !== 'session.updated') return before;
  const fields = readFields(session);
  const audio = readFields(readFields(fields.audio).input);
  const transcription = readFields(audio.transcription ?? fields.input_audio_transcription);
  return {
    model: readText(fields.model) ?? before?.model,
    transcriber: readText(transcription.model) ?? before?.transcriber,
  };
}

/** The model in the address of the connection, for sessions that have not said theirs. */
export const readAddressModel = (baseUrl: string | undefined): string | undefined => {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const { searchParams } = new URL(baseUrl);
  return readText(searchParams.get('model')) ?? readText(searchParams.get('deployment'));
};

/** One response of a realtime session. */
export const realtime: EventEndpoint = {
  name: 'realtime',
  remember: readSession,
  readStart(event, session) {
    const { type, response } = readFields(event);
    const id = type === 'response.created' ? readText(readFields(response).id) : undefined;
    return id === undefined
      ? undefined
      : { id, sent: toSent('/realtime', (session as Session | undefined)?.model) };
  },
  readPart: (event) => readText(readFields(event).response_id),
  readEnd(event) {
    const { type, response } = readFields(event);
    return type === 'response.done' ? readText(readFields(response).id) : undefined;
  },
  readRequest(call) {
    const address = readAddressModel(call.client.baseUrl);
    const said = readText(readFields(call.body).model);
    const request = readOpenaiRequest(call, {
      operation: OPERATION.CHAT,
      attributes: { [ATTR.REQUEST_STREAM]: true },
    });
    return omitUndefined<CallRequest>({ ...request, model: address ?? said, isStream: true, state: said });
  },
  readResponse(event, { state }) {
    const response = readFields(readFields(event).response);
    const usage = readRealtimeUsage(readFields(response.usage));
    const status = readText(response.status);
    const details = readFields(response.status_details);
    return omitUndefined<CallResult>({
      usageStatus: usage === undefined ? 'missing' : 'complete',
      usage,
      responseId: readText(response.id),
      responseModel: readText(state),
      finishReasons:
        status === undefined
          ? undefined
          : [status === 'completed' ? 'stop' : (readText(details.reason) ?? status)],
      errorType: status === 'failed' ? (readErrorType(details.error) ?? '_OTHER') : undefined,
      status,
    });
  },
  // What the parts say is in the whole as well: they only tell that the response has begun.
  readChunk: (soFar) => soFar,
};

const toSent = (path: string, model: string | undefined): Sent => ({
  path,
  body: model === undefined ? {} : { model },
});

function readRealtimeUsage(usage: Fields): Usage | undefined {
  const input = readFields(usage.input_token_details);
  const output = readFields(usage.output_token_details);
  return omitEmpty<Usage>({
    inputTokens: readCount(usage.input_tokens),
    outputTokens: readCount(usage.output_tokens),
    cacheReadInputTokens: readCount(input.cached_tokens),
    input: readModalities(input),
    output: readModalities(output),
    cacheRead: readModalities(readFields(input.cached_tokens_details)),
  });
}

const readModalities = (details: Fields): ModalityTokens | undefined =>
  omitEmpty<ModalityTokens>({
    text: readCount(details.text_tokens),
    image: readCount(details.image_tokens),
    audio: readCount(details.audio_tokens),
  });

/** What the user said, written down by a model of its own, at that model's price. */
export const realtimeTranscription: EventEndpoint = {
  name: 'realtime.transcription',
  remember: readSession,
  readStart(event, session) {
    const id = readTranscribed(event);
    return id === undefined
      ? undefined
      : { id, sent: toSent('/realtime/transcription', (session as Session | undefined)?.transcriber) };
  },
  readEnd: readTranscribed,
  readRequest: (call) =>
    readOpenaiRequest(call, {
      operation: OPERATION.GENERATE_CONTENT,
      attributes: { [ATTR.OUTPUT_TYPE]: 'text' },
    }),
  readResponse(event) {
    const usage = readTranscriptionUsage(readFields(event).usage);
    return omitUndefined<CallResult>({
      usageStatus: usage === undefined ? 'missing' : 'complete',
      usage,
    });
  },
};

function readTranscribed(event: unknown): string | undefined {
  const { type, item_id, content_index } = readFields(event);
  return type === 'conversation.item.input_audio_transcription.completed'
    ? `${String(item_id)} ${String(content_index)}`
    : undefined;
}

const FINAL: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** A response over a connection: the events of a response stream. */
export const socketResponses: EventEndpoint = {
  name: 'responses.socket',
  readStart(event) {
    const { type, response } = readFields(event);
    const { id, model, object } = readFields(response);
    const text = type === 'response.created' && object === 'response' ? readText(id) : undefined;
    return text === undefined ? undefined : { id: text, sent: toSent('/responses', readText(model)) };
  },
  readEnd(event) {
    const { type, response } = readFields(event);
    return FINAL.has(type) ? readText(readFields(response).id) : undefined;
  },
  readRequest: (call) => responses.readRequest(call),
  readResponse: (event, request) => responses.readResponse(readFields(event).response, request),
};
