import { type JsonObject, withoutUndefined } from '../json.js';
import { splitText } from './openai-wire.js';
import { makeToken } from './random.js';
import type { AnswerUsage, ErrorReply, RenderInput, WireEvent, WireReply } from './reply.js';

/** `/v1/messages` (plain and `?beta=true`) and `/v1/messages/count_tokens`, JSON or SSE. */
export function renderAnthropic(input: RenderInput): WireReply {
  if (input.request.endpoint === 'messages.count_tokens') return renderCount(input);
  return input.request.isStream ? renderMessageStream(input) : renderMessage(input);
}

/**
 * Anthropic's usage object: `input_tokens` is the uncached rest only, writes are split by time to live.
 */
function writeMessageUsage(usage: AnswerUsage): JsonObject {
  const read = usage.cacheReadTokens ?? 0;
  const write5m = usage.cacheWriteTokens ?? 0;
  const write1h = usage.cacheWrite1hTokens ?? 0;
  const searches = usage.webSearches ?? 0;
  return withoutUndefined({
    input_tokens: usage.inputTokens - read - write5m - write1h,
    cache_creation_input_tokens: write5m + write1h,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
    output_tokens: usage.outputTokens,
    output_tokens_details:
      usage.reasoningTokens === undefined ? undefined : { thinking_tokens: usage.reasoningTokens },
    server_tool_use: searches === 0 ? undefined : { web_search_requests: searches, web_fetch_requests: 0 },
    service_tier: 'standard',
    inference_geo: 'not_available',
    ...usage.extra,
  });
}

function renderCount(input: RenderInput): WireReply {
  const body = { input_tokens: input.answer.usage?.inputTokens ?? 0 };
  return {
    status: 200,
    headers: anthropicHeaders(input, 'application/json'),
    events: [{ bytes: JSON.stringify(body) }],
    model: input.model,
  };
}

function anthropicHeaders(input: RenderInput, contentType: string): Record<string, string> {
  return {
    'content-type': contentType,
    'request-id': `req_${makeToken(input.responseId, 24)}`,
    'anthropic-ratelimit-requests-remaining': '9999',
  };
}

function writeContent({ answer, responseId }: RenderInput): JsonObject[] {
  const blocks: JsonObject[] = [];
  if (answer.reasoningText !== undefined) {
    const signature = makeToken(`${responseId}/signature`, 64);
    blocks.push({ type: 'thinking', thinking: answer.reasoningText, signature });
  }
  const text = answer.texts?.[0];
  if (text !== undefined) blocks.push({ type: 'text', text });
  (answer.toolCalls ?? []).forEach((call, index) => {
    const id = call.id ?? `toolu_${makeToken(`${responseId}/${index}`, 24)}`;
    blocks.push({ type: 'tool_use', id, name: call.name, input: call.arguments });
  });
  return blocks;
}

function stopReason({ answer }: RenderInput): string {
  return answer.finishReason ?? ((answer.toolCalls ?? []).length > 0 ? 'tool_use' : 'end_turn');
}

function writeMessage(
  input: RenderInput,
  state: { content: JsonObject[]; stop: string | null; usage: unknown },
) {
  return withoutUndefined({
    model: input.model,
    id: input.responseId,
    type: 'message',
    role: 'assistant',
    content: state.content,
    stop_reason: state.stop,
    stop_sequence: null,
    usage: state.usage,
  });
}

function renderMessage(input: RenderInput): WireReply {
  const usage = input.answer.usage === undefined ? undefined : writeMessageUsage(input.answer.usage);
  const body = writeMessage(input, { content: writeContent(input), stop: stopReason(input), usage });
  const bytes = JSON.stringify(body);
  return {
    status: 200,
    headers: anthropicHeaders(input, 'application/json'),
    events: [usage === undefined ? { bytes } : { bytes, usage }],
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
  };
}

function renderMessageStream(input: RenderInput): WireReply {
  const usage = input.answer.usage === undefined ? undefined : writeMessageUsage(input.answer.usage);
  const first = usage === undefined ? undefined : startUsage(usage);
  // The first output count is a placeholder: nobody knows the output before `message_delta` states it.
  const { output_tokens: _placeholder, ...known } = first ?? {};
  const start = writeMessage(input, { content: [], stop: null, usage: first });
  const content = writeContent(input).flatMap(blockEvents);
  // The ping comes after the first block has been opened, as the recordings show it.
  content.splice(1, 0, { type: 'ping' });
  const final = {
    type: 'message_delta',
    delta: { stop_reason: stopReason(input), stop_sequence: null },
    ...(usage === undefined ? {} : { usage: deltaUsage(usage) }),
  };
  const events: WireEvent[] = [
    {
      bytes: namedEvent({ type: 'message_start', message: start }),
      ...(first === undefined ? {} : { usage: known }),
    },
    ...content.map((payload) => ({ bytes: namedEvent(payload) })),
    { bytes: namedEvent(final), ...(usage === undefined ? {} : { usage }) },
    { bytes: namedEvent({ type: 'message_stop' }) },
  ];
  return {
    status: 200,
    headers: anthropicHeaders(input, 'text/event-stream; charset=utf-8'),
    events,
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
    errorEvent: namedEvent({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  };
}

/** What `message_start` knows: the input in full, of the output the first token; no output details yet. */
function startUsage(usage: JsonObject): JsonObject {
  const {
    output_tokens_details: _details,
    server_tool_use: _tools,
    iterations: _iterations,
    ...known
  } = usage;
  return { ...known, output_tokens: Math.min(1, Number(usage.output_tokens)) };
}

/** `message_delta` counts cumulatively, and has neither the cache split nor tier, geo and speed. */
function deltaUsage(usage: JsonObject): JsonObject {
  const {
    cache_creation: _split,
    service_tier: _tier,
    inference_geo: _geo,
    speed: _speed,
    ...counts
  } = usage;
  return counts;
}

function namedEvent(payload: JsonObject): string {
  return `event: ${String(payload.type)}\ndata: ${JSON.stringify(payload)}\n\n`;
}

function blockEvents(block: JsonObject, index: number): JsonObject[] {
  const stop = { type: 'content_block_stop', index };
  const open = (content_block: JsonObject) => ({ type: 'content_block_start', index, content_block });
  const delta = (fields: JsonObject) => ({ type: 'content_block_delta', index, delta: fields });
  if (block.type === 'tool_use') {
    const json = JSON.stringify(block.input);
    const pieces = ['', ...(json.match(/.{1,12}/gs) ?? [])];
    return [
      open({ ...block, input: {} }),
      ...pieces.map((partial_json) => delta({ type: 'input_json_delta', partial_json })),
      stop,
    ];
  }
  if (block.type === 'thinking') {
    return [
      open({ type: 'thinking', thinking: '', signature: '' }),
      ...splitText(String(block.thinking)).map((thinking) => delta({ type: 'thinking_delta', thinking })),
      delta({ type: 'signature_delta', signature: block.signature }),
      stop,
    ];
  }
  return [
    open({ type: 'text', text: '' }),
    ...splitText(String(block.text)).map((text) => delta({ type: 'text_delta', text })),
    stop,
  ];
}

const errorDefaults: Readonly<Record<number, readonly [string, string]>> = {
  400: ['invalid_request_error', 'messages.0: Input does not match the expected shape.'],
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'model: not-found'],
  413: ['request_too_large', 'Request exceeds the maximum allowed number of bytes.'],
  429: ['rate_limit_error', 'This request would exceed your rate limit.'],
  500: ['api_error', 'Internal server error'],
  529: ['overloaded_error', 'Overloaded'],
};

/** The JSON body of an Anthropic error. */
export function writeAnthropicError(error: ErrorReply, requestId: string): JsonObject {
  const [type, message] = errorDefaults[error.status] ?? ['api_error', 'Internal server error'];
  return {
    type: 'error',
    error: { type: error.type ?? type, message: error.message ?? message },
    request_id: requestId,
  };
}
