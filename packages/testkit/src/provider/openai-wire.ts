import { type JsonObject, readNumber, readObject, withoutUndefined } from '../json.js';
import type { AnswerUsage, ErrorReply, RenderInput, WireEvent, WireReply } from './reply.js';

/** The usage object of chat and legacy completions; the latter has no detail objects. */
export function writeChatUsage(usage: AnswerUsage): JsonObject {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: withoutUndefined({
      cached_tokens: usage.cacheReadTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: usage.audioInputTokens ?? 0,
    }),
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens ?? 0,
      audio_tokens: usage.audioOutputTokens ?? 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    ...usage.extra,
  };
}

/** The headers of a good reply. */
export function openaiHeaders(input: RenderInput, contentType: string): Record<string, string> {
  return {
    'content-type': contentType,
    'x-request-id': `req_${input.responseId}`,
    'openai-processing-ms': '12',
    'x-ratelimit-remaining-requests': '29999',
  };
}

/** A reply of one JSON body. */
export function jsonReply(input: RenderInput, body: JsonObject, usage: JsonObject | undefined): WireReply {
  return {
    status: 200,
    headers: openaiHeaders(input, 'application/json'),
    events: [usage === undefined ? { bytes: JSON.stringify(body) } : { bytes: JSON.stringify(body), usage }],
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
  };
}

/** One `data:` event of the chat dialect, which names no event types. */
export function dataEvent(data: unknown, usage?: JsonObject): WireEvent {
  const bytes = `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
  return usage === undefined ? { bytes } : { bytes, usage };
}

/** Cuts a text into pieces the size of a few tokens, so that a stream has several chunks. */
export function splitText(text: string): string[] {
  return text.match(/\s*\S+/g) ?? (text === '' ? [] : [text]);
}

/** The requested `n`, at least 1. */
export function readChoiceCount(body: JsonObject): number {
  return Math.max(1, readNumber(body.n) ?? 1);
}

/** Where a stream states its usage: on a chunk of its own, on its last chunk beside the choices, or nowhere. */
export function readStreamUsagePlace({ request }: RenderInput): 'own' | 'last' | undefined {
  if (['groq', 'together', 'cerebras', 'perplexity'].includes(request.provider)) return 'last';
  const isAsked = readObject(request.body.stream_options).include_usage === true;
  return isAsked || request.provider === 'openrouter' ? 'own' : undefined;
}

/** The fields of the last chunk that hold the usage of a host which sends it there; Groq says it twice. */
export function lastChunkUsage({ request, responseId }: RenderInput, usage: JsonObject): JsonObject {
  return request.provider === 'groq' ? { x_groq: { id: responseId, usage }, usage } : { usage };
}

const errorDefaults: Readonly<Record<number, { type: string; code: string | null; message: string }>> = {
  400: { type: 'invalid_request_error', code: null, message: "Unsupported value: 'messages[0].role'." },
  401: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' },
  402: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'Payment required.' },
  403: {
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'Project has no access to this model.',
  },
  404: { type: 'invalid_request_error', code: 'model_not_found', message: 'The model does not exist.' },
  429: { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached. Please try again.' },
  500: {
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request.',
  },
  503: { type: 'server_error', code: null, message: 'The engine is currently overloaded.' },
};

/** The JSON body of an OpenAI error. */
export function writeOpenaiError(error: ErrorReply): JsonObject {
  const known = errorDefaults[error.status] ?? errorDefaults[500];
  return {
    error: {
      message: error.message ?? known?.message,
      type: error.type ?? known?.type,
      param: null,
      code: error.code ?? known?.code ?? null,
    },
  };
}
