import { type JsonObject, readObject, withoutUndefined } from '../json.js';
import { jsonReply, openaiHeaders, splitText } from './openai-wire.js';
import { makeToken } from './random.js';
import type { AnswerUsage, RenderInput, WireEvent, WireReply } from './reply.js';

/** `/v1/responses`: JSON or the named SSE events. A background response starts as `queued`; see server.ts. */
export function renderResponse(input: RenderInput): WireReply {
  if (input.request.isStream) return renderResponseStream(input);
  const usage = input.answer.usage === undefined ? undefined : writeResponseUsage(input.answer.usage);
  return jsonReply(input, finalResponse(input), usage);
}

/** A response that is not done yet: `queued` or `in_progress`, without output and usage. */
export function renderPendingResponse(input: RenderInput, status: 'queued' | 'in_progress'): WireReply {
  return jsonReply(input, writeResponse(input, { status, output: [] }), undefined);
}

/** The usage object of the Responses API. */
function writeResponseUsage(usage: AnswerUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: withoutUndefined({
      cached_tokens: usage.cacheReadTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens,
    }),
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...usage.extra,
  };
}

interface ResponseState {
  readonly status: string;
  readonly output: readonly JsonObject[];
  readonly usage?: JsonObject;
}

function writeResponse(input: RenderInput, state: ResponseState): JsonObject {
  const { body } = input.request;
  const { answer } = input;
  const isIncomplete = state.status === 'incomplete';
  const isFailed = state.status === 'failed';
  return {
    id: input.responseId,
    object: 'response',
    created_at: input.createdSeconds,
    status: state.status,
    background: body.background === true,
    error: isFailed ? { code: 'server_error', message: 'The model failed to generate a response.' } : null,
    incomplete_details: isIncomplete ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model: input.model,
    output: state.output,
    parallel_tool_calls: true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: answer.serviceTier ?? (state.usage === undefined ? 'auto' : 'default'),
    store: body.store !== false,
    temperature: 1,
    text: body.text ?? { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    ...((answer.usage?.webSearches ?? 0) > 0 && state.usage !== undefined
      ? { tool_usage: { web_search: { num_requests: answer.usage?.webSearches } } }
      : {}),
    top_p: 1,
    truncation: 'disabled',
    usage: state.usage ?? null,
    user: null,
    metadata: readObject(body.metadata),
  };
}

function finalResponse(input: RenderInput): JsonObject {
  const { answer } = input;
  return writeResponse(input, {
    status: answer.status ?? 'completed',
    output: writeOutput(input),
    ...(answer.usage === undefined ? {} : { usage: writeResponseUsage(answer.usage) }),
  });
}

function writeOutput(input: RenderInput): JsonObject[] {
  const { answer, responseId } = input;
  const items: JsonObject[] = [];
  const id = (prefix: string) => `${prefix}_${makeToken(`${responseId}/${items.length}`, 40)}`;
  if (answer.reasoningText !== undefined || (answer.usage?.reasoningTokens ?? 0) > 0) {
    items.push({ id: id('rs'), type: 'reasoning', summary: [] });
  }
  for (const call of answer.toolCalls ?? []) {
    items.push({
      id: id('fc'),
      type: 'function_call',
      status: 'completed',
      arguments: JSON.stringify(call.arguments),
      call_id: call.id ?? id('call'),
      name: call.name,
    });
  }
  const text = answer.texts?.[0];
  if (text !== undefined) {
    const content = [{ type: 'output_text', annotations: [], logprobs: [], text }];
    items.push({ id: id('msg'), type: 'message', status: 'completed', content, role: 'assistant' });
  }
  return items;
}

function renderResponseStream(input: RenderInput): WireReply {
  const usage = input.answer.usage === undefined ? undefined : writeResponseUsage(input.answer.usage);
  const status = input.answer.status ?? 'completed';
  const draft = writeResponse(input, { status: 'in_progress', output: [] });
  const payloads: JsonObject[] = [
    { type: 'response.created', response: draft },
    { type: 'response.in_progress', response: draft },
    ...writeOutput(input).flatMap(itemEvents),
    { type: `response.${status}`, response: finalResponse(input) },
  ];
  const events = payloads.map((payload, sequence): WireEvent => {
    const bytes = namedEvent({ ...payload, sequence_number: sequence });
    // Only the last event carries the usage.
    return usage !== undefined && sequence === payloads.length - 1 ? { bytes, usage } : { bytes };
  });
  return {
    status: 200,
    headers: openaiHeaders(input, 'text/event-stream; charset=utf-8'),
    events,
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
    errorEvent: namedEvent({
      type: 'error',
      code: 'server_error',
      message: 'The server had an error while processing your request.',
      param: null,
      sequence_number: payloads.length,
    }),
  };
}

function namedEvent(payload: JsonObject): string {
  return `event: ${String(payload.type)}\ndata: ${JSON.stringify(payload)}\n\n`;
}

function itemEvents(item: JsonObject, outputIndex: number): JsonObject[] {
  const at = { output_index: outputIndex, item_id: item.id };
  const done = { type: 'response.output_item.done', output_index: outputIndex, item };
  const added = (draft: JsonObject) => ({
    type: 'response.output_item.added',
    output_index: outputIndex,
    item: { ...item, ...draft },
  });
  if (item.type === 'function_call') {
    const text = String(item.arguments);
    return [
      added({ status: 'in_progress', arguments: '' }),
      ...(text.match(/.{1,12}/gs) ?? []).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        ...at,
        delta,
      })),
      { type: 'response.function_call_arguments.done', ...at, arguments: text, name: item.name },
      done,
    ];
  }
  if (item.type !== 'message') return [added({}), done];
  const part = (item.content as readonly { readonly text: string }[])[0];
  const text = part?.text ?? '';
  const inPart = { ...at, content_index: 0 };
  return [
    added({ status: 'in_progress', content: [] }),
    { type: 'response.content_part.added', ...inPart, part: { ...part, text: '' } },
    ...splitText(text).map((delta) => ({
      type: 'response.output_text.delta',
      ...inPart,
      delta,
      logprobs: [],
    })),
    { type: 'response.output_text.done', ...inPart, text, logprobs: [] },
    { type: 'response.content_part.done', ...inPart, part },
    done,
  ];
}
