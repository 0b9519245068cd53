import type { JsonObject } from '../json.js';
import {
  dataEvent,
  jsonReply,
  lastChunkUsage,
  openaiHeaders,
  readChoiceCount,
  readStreamUsagePlace,
  splitText,
} from './openai-wire.js';
import type { AnswerUsage, RenderInput, WireEvent, WireReply } from './reply.js';

/** `/v1/completions`, the legacy endpoint: usage without details, text instead of messages. */
export function renderCompletion(input: RenderInput): WireReply {
  const { request, answer } = input;
  const usage = answer.usage === undefined ? undefined : writeCompletionUsage(answer.usage);
  const head = {
    id: input.responseId,
    object: 'text_completion',
    created: input.createdSeconds,
    model: input.model,
  };
  const finish = answer.finishReason ?? 'stop';
  const texts = Array.from(
    { length: readChoiceCount(request.body) },
    (_, index) => answer.texts?.[index] ?? answer.texts?.[0] ?? '',
  );
  if (!request.isStream) {
    const choices = texts.map((text, index) => ({ text, index, logprobs: null, finish_reason: finish }));
    return jsonReply(input, { ...head, choices, ...(usage === undefined ? {} : { usage }) }, usage);
  }
  const place = usage === undefined ? undefined : readStreamUsagePlace(input);
  const sendsUsage = usage !== undefined && place === 'own';
  const tail = sendsUsage ? { usage: null } : {};
  const events: WireEvent[] = texts.flatMap((text, index) => {
    const pieces = splitText(text);
    return pieces.map((piece, position) => {
      const isLast = position === pieces.length - 1;
      const choice = { text: piece, index, logprobs: null, finish_reason: isLast ? finish : null };
      if (isLast && usage !== undefined && place === 'last')
        return dataEvent({ ...head, choices: [choice], ...lastChunkUsage(input, usage) }, usage);
      return dataEvent({ ...head, choices: [choice], ...tail });
    });
  });
  if (sendsUsage) events.push(dataEvent({ ...head, choices: [], usage }, usage));
  events.push({ bytes: 'data: [DONE]\n\n' });
  return {
    status: 200,
    headers: openaiHeaders(input, 'text/event-stream; charset=utf-8'),
    events,
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
    errorEvent:
      'data: {"error":{"message":"The server had an error.","type":"server_error","param":null,"code":null}}\n\n',
  };
}

function writeCompletionUsage(usage: AnswerUsage): JsonObject {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...usage.extra,
  };
}
