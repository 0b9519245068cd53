import { type JsonObject, readNumber, readString } from '../json.js';
import { jsonReply, openaiHeaders, splitText } from './openai-wire.js';
import type { AnswerUsage, RenderInput, WireEvent, WireReply } from './reply.js';

/** A picture of one pixel. */
const IMAGE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function eventStream(input: RenderInput, payloads: readonly JsonObject[], usage: JsonObject | undefined) {
  const events = payloads.map((payload, position): WireEvent => {
    const bytes = `event: ${String(payload.type)}\ndata: ${JSON.stringify(payload)}\n\n`;
    return usage !== undefined && position === payloads.length - 1 ? { bytes, usage } : { bytes };
  });
  const reply: WireReply = {
    status: 200,
    headers: openaiHeaders(input, 'text/event-stream; charset=utf-8'),
    events,
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
    errorEvent: `event: error\ndata: {"type":"error","error":{"code":"server_error","message":"The server had an error.","type":"server_error","param":null}}\n\n`,
  };
  return reply;
}

/** `/v1/images/…`: tokens, or, of models billed by the image, nothing but the images. */
export function renderImages(input: RenderInput): WireReply {
  const { request, answer } = input;
  const count = Number(readString(request.body.n) ?? readNumber(request.body.n) ?? 1);
  const isBilledByImage = input.model.startsWith('dall-e') || request.provider !== 'openai';
  const usage = answer.usage === undefined ? undefined : writeImageUsage(answer.usage);
  const billed = isBilledByImage ? { images: count } : usage;
  if (request.isStream) {
    const kind = request.path.endsWith('edits') ? 'image_edit' : 'image_generation';
    const image = { b64_json: IMAGE, created_at: input.createdSeconds, size: '1024x1024', quality: 'high' };
    return eventStream(
      input,
      [
        { type: `${kind}.partial_image`, partial_image_index: 0, ...image },
        { type: `${kind}.partial_image`, partial_image_index: 1, ...image },
        { type: `${kind}.partial_image`, partial_image_index: 2, ...image },
        { type: `${kind}.completed`, ...image, ...(usage === undefined ? {} : { usage }) },
      ],
      usage,
    );
  }
  const data = Array.from({ length: count }, () => ({ b64_json: IMAGE }));
  const body = {
    created: input.createdSeconds,
    data,
    ...(isBilledByImage || usage === undefined ? {} : { size: '1024x1024', quality: 'high', usage }),
  };
  return jsonReply(input, body, billed);
}

function writeImageUsage(usage: AnswerUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      text_tokens: usage.inputTokens - (usage.imageInputTokens ?? 0),
      image_tokens: usage.imageInputTokens ?? 0,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { text_tokens: 0, image_tokens: usage.outputTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...usage.extra,
  };
}

/** `/v1/audio/transcriptions` and `translations`: by tokens, or by the seconds of the recording. */
export function renderTranscript(input: RenderInput): WireReply {
  const { answer, model, request } = input;
  const text = answer.texts?.[0] ?? '';
  const seconds = answer.audioSeconds;
  const usage =
    answer.usage === undefined
      ? undefined
      : {
          type: 'tokens',
          input_tokens: answer.usage.inputTokens,
          input_token_details: {
            text_tokens: answer.usage.inputTokens - (answer.usage.audioInputTokens ?? 0),
            audio_tokens: answer.usage.audioInputTokens ?? 0,
          },
          output_tokens: answer.usage.outputTokens,
          total_tokens: answer.usage.inputTokens + answer.usage.outputTokens,
        };
  if (request.isStream) {
    const deltas = splitText(text).map((delta) => ({ type: 'transcript.text.delta', delta, logprobs: [] }));
    const done = { type: 'transcript.text.done', text, ...(usage === undefined ? {} : { usage }) };
    return eventStream(input, [...deltas, done], usage);
  }
  if (seconds === undefined)
    return jsonReply(input, { text, ...(usage === undefined ? {} : { usage }) }, usage);
  // Translations say no usage, only in a verbose answer how long the recording is.
  const isVerbose = request.body.response_format === 'verbose_json';
  const isStated = request.endpoint !== 'audio.translations' && request.provider === 'openai';
  const stated = !isStated ? {} : { usage: { type: 'duration', seconds } };
  const body = {
    text,
    ...(isVerbose ? { task: 'translate', language: 'german', duration: seconds, segments: [] } : {}),
    ...stated,
  };
  return { ...jsonReply(input, body, { seconds }), model };
}

/** `/v1/audio/speech`: sound, whose bill is the characters that were read out. */
export function renderSpeech(input: RenderInput): WireReply {
  const characters = [...(readString(input.request.body.input) ?? '')].length;
  return {
    status: 200,
    headers: openaiHeaders(input, 'audio/mpeg'),
    events: [{ bytes: Uint8Array.from([0xff, 0xf3, 0x84, 0xc4, 0x00]) }, { bytes: new Uint8Array(256) }],
    billed: { characters },
    model: input.model,
    responseId: input.responseId,
  };
}

/** `/v1/moderations`. */
export function renderModeration(input: RenderInput): WireReply {
  const results = [{ flagged: false, categories: { hate: false }, category_scores: { hate: 0.0001 } }];
  return jsonReply(input, { id: input.responseId, model: input.model, results }, undefined);
}
