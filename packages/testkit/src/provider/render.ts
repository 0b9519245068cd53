import { renderAnthropic, writeAnthropicError } from './anthropic.js';
import { renderOpenai } from './openai.js';
import { writeOpenaiError } from './openai-wire.js';
import { makeToken } from './random.js';
import type { Answer, BytesReply, ErrorReply, RenderInput, WireReply } from './reply.js';
import type { ProviderRequest } from './request.js';

/** The dated names behind the aliases, so that the answering model differs from the requested one as it does live. */
const datedModels: Readonly<Record<string, string>> = {
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'gpt-4.1-nano': 'gpt-4.1-nano-2025-04-14',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'gpt-5-nano': 'gpt-5-nano-2025-08-07',
  'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
  'claude-opus-4-5': 'claude-opus-4-5-20251101',
};

/** Renders an answer in the dialect of its request; `known` repeats an earlier answer with its id and time. */
export function renderAnswer(
  request: ProviderRequest,
  answer: Answer,
  known?: Pick<RenderInput, 'responseId' | 'createdSeconds'>,
): { input: RenderInput; wire: WireReply } {
  const input: RenderInput = {
    request,
    answer,
    model: answer.model ?? datedModels[request.model] ?? request.model,
    responseId: known?.responseId ?? answer.responseId ?? makeResponseId(request),
    createdSeconds: known?.createdSeconds ?? Math.floor(Date.now() / 1000),
  };
  return { input, wire: request.provider === 'anthropic' ? renderAnthropic(input) : renderOpenai(input) };
}

/** Renders what is not an answer: an error, given bytes, or a body cut in the middle of its JSON. */
export function renderReply(
  request: ProviderRequest,
  reply: ErrorReply | BytesReply | { readonly kind: 'malformed' },
): WireReply {
  if (reply.kind === 'error') return renderError(request, reply);
  if (reply.kind === 'malformed') {
    const headers = { 'content-type': 'application/json' };
    return { status: 200, headers, events: [{ bytes: '{"id":"cut-in-the-mid' }] };
  }
  const last = reply.chunks.length - 1;
  return {
    status: reply.status ?? 200,
    headers: reply.headers ?? { 'content-type': 'application/json' },
    events: reply.chunks.map((bytes, index) =>
      index === last && reply.usage !== undefined ? { bytes, usage: reply.usage } : { bytes },
    ),
    ...(reply.usage === undefined ? {} : { billed: reply.usage }),
    ...(reply.model === undefined ? {} : { model: reply.model }),
  };
}

function renderError(request: ProviderRequest, reply: ErrorReply): WireReply {
  const requestId = `req_${makeToken(nameRequest(request), 24)}`;
  const isAnthropic = request.provider === 'anthropic';
  const body = isAnthropic ? writeAnthropicError(reply, requestId) : writeOpenaiError(reply);
  return {
    status: reply.status,
    headers: {
      'content-type': 'application/json',
      [isAnthropic ? 'request-id' : 'x-request-id']: requestId,
      ...(reply.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(reply.retryAfterMs) }),
      ...(reply.retryAfterSeconds === undefined ? {} : { 'retry-after': String(reply.retryAfterSeconds) }),
      ...reply.headers,
    },
    events: [{ bytes: JSON.stringify(body) }],
  };
}

/**
 * Ids follow from the request and not from its place in the row: tool call ids come back in the next request, and
 * with them the whole conversation would depend on which of two parallel requests was first.
 */
function nameRequest({ path, body, repeat }: ProviderRequest): string {
  return `${path}/${repeat}/${JSON.stringify(body)}`;
}

function makeResponseId(request: ProviderRequest): string {
  const token = makeToken(nameRequest(request), 30);
  if (request.provider === 'anthropic') return `msg_01${token.slice(0, 22)}`;
  if (request.provider === 'openrouter') return `gen-${token}`;
  if (request.endpoint === 'responses') return `resp_${token}`;
  return `${request.endpoint === 'completions' ? 'cmpl' : 'chatcmpl'}-${token}`;
}
