import { PROVIDER } from '@costspan/semconv';
import type { MethodEndpoint } from '../../provider.js';
import { readFields } from '../fields.js';
import { speech } from '../openai/audio.js';

/** `audio.speech.complete`, whole or as a stream: billed by the characters that are read out. */
export const mistralSpeech: MethodEndpoint = {
  className: 'Speech',
  method: 'complete',
  name: 'audio.speech.complete',
  readSent: ([body]) => ({ path: '', body }),
  readRequest(call) {
    const { stream, ...body } = readFields(call.body);
    const format = stream === true ? { stream_format: 'sse' } : {};
    return speech.readRequest({ ...call, body: { ...body, ...format }, sdkProvider: PROVIDER.MISTRAL_AI });
  },
  readResponse: speech.readResponse,
  readChunk: (soFar, event, request) =>
    readFields(readFields(event).data).type === 'speech.audio.done'
      ? speech.readResponse(undefined, request)
      : soFar,
};
