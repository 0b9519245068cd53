import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, EventEndpoint } from '../../provider.js';
import { omitUndefined, readFields } from '../fields.js';
import { readHost } from '../hosts.js';
import { readAddressModel } from '../openai/realtime.js';
import { readTranscribed } from './endpoints.js';

const SESSION = 'session';

/** A transcription over a WebSocket: it begins with its session, and its last event has the usage. */
export const realtimeTranscription: EventEndpoint = {
  name: 'audio.transcriptions.realtime-stream',
  readStart: (event) =>
    readFields(event).type === 'session.created'
      ? { id: SESSION, sent: { path: '/audio/transcriptions/realtime', body: {} } }
      : undefined,
  readPart: (event) => (readFields(event).type === 'transcription.text.delta' ? SESSION : undefined),
  readEnd: (event) => (readFields(event).type === 'transcription.done' ? SESSION : undefined),
  readRequest: ({ client }) =>
    omitUndefined<CallRequest>({
      operation: OPERATION.GENERATE_CONTENT,
      ...readHost(client, PROVIDER.MISTRAL_AI),
      model: readAddressModel(client.baseUrl),
      isStream: true,
      attributes: { [ATTR.REQUEST_STREAM]: true, [ATTR.OUTPUT_TYPE]: 'text' },
    }),
  readResponse: readTranscribed,
  readChunk: (soFar) => soFar,
};
