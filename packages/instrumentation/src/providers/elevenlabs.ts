import { PROVIDER } from '@costspan/semconv';
import type { Endpoint, EndpointCall } from '../provider.js';
import { readFields, readItems, readNumber, readText } from './fields.js';
import { speech, transcriptions } from './openai/audio.js';

/** What speaks where a request names nobody. */
const DEFAULT_VOICE_MODEL = 'eleven_multilingual_v2';

const toOpenai = (call: EndpointCall, body: object): EndpointCall => ({
  ...call,
  body,
  sdkProvider: PROVIDER.ELEVENLABS,
});

/** What ElevenLabs' SDKs, which send with `fetch`, and others ask of it: it bills as OpenAI's older models of sound do. */
export const elevenlabsByHand: readonly Endpoint[] = [
  {
    ...speech,
    name: 'text-to-speech',
    path: /^\/v1\/text-to-speech\/[^/]+(?:\/stream)?(?:\/with-timestamps)?$/,
    readRequest(call) {
      const { model_id, text } = readFields(call.body);
      return speech.readRequest(toOpenai(call, { model: model_id ?? DEFAULT_VOICE_MODEL, input: text }));
    },
  },
  {
    ...transcriptions,
    name: 'speech-to-text',
    path: /^\/v1\/speech-to-text$/,
    readRequest: (call) =>
      transcriptions.readRequest(toOpenai(call, { model: readText(readFields(call.body).model_id) })),
    // Each channel of several is transcribed, and billed.
    readResponse(body, request) {
      const answer = readFields(body);
      const channels = Math.max(1, readItems(answer.transcripts).length);
      const seconds = readNumber(answer.audio_duration_secs);
      const duration = seconds === undefined ? undefined : seconds * channels;
      return transcriptions.readResponse({ duration }, request);
    },
  },
];
