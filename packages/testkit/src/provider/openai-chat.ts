import type { JsonObject } from '../json.js';
import {
  dataEvent,
  jsonReply,
  lastChunkUsage,
  openaiHeaders,
  readChoiceCount,
  readStreamUsagePlace,
  splitText,
  writeChatUsage,
} from './openai-wire.js';
import { makeToken } from './random.js';
import type { RenderInput, WireEvent, WireReply } from './reply.js';

/** `/v1/chat/completions`: JSON or SSE, as the request asks. */
export function renderChat(input: RenderInput): WireReply {
  return input.request.isStream ? renderChatStream(input) : renderChatJson(input);
}

interface Choice {
  readonly text: string | undefined;
  readonly toolCalls: readonly JsonObject[];
  readonly finishReason: string;
}

function readChoices({ request, answer, responseId }: RenderInput): Choice[] {
  return Array.from({ length: readChoiceCount(request.body) }, (_, index) => {
    const toolCalls = (answer.toolCalls ?? []).map((call, position) => ({
      id: call.id ?? `call_${makeToken(`${responseId}/${index}/${position}`, 24)}`,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    return {
      text: answer.texts?.[index] ?? answer.texts?.[0],
      toolCalls,
      finishReason: answer.finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
    };
  });
}

function renderChatJson(input: RenderInput): WireReply {
  const usage = input.answer.usage === undefined ? undefined : writeChatUsage(input.answer.usage);
  const isOpenrouter = input.request.provider === 'openrouter';
  const body = {
    id: input.responseId,
    object: 'chat.completion',
    created: input.createdSeconds,
    model: input.model,
    ...(isOpenrouter ? { provider: 'OpenAI' } : {}),
    choices: readChoices(input).map((choice, index) => ({
      index,
      message: {
        role: 'assistant',
        content: choice.text ?? null,
        ...(choice.toolCalls.length > 0 ? { tool_calls: choice.toolCalls } : {}),
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    ...(usage === undefined ? {} : { usage }),
    service_tier: input.answer.serviceTier ?? 'default',
    system_fingerprint: 'fp_62a23a81ef',
  };
  return jsonReply(input, body, usage);
}

function renderChatStream(input: RenderInput): WireReply {
  const usage = input.answer.usage === undefined ? undefined : writeChatUsage(input.answer.usage);
  const place = usage === undefined ? undefined : readStreamUsagePlace(input);
  const sendsUsage = usage !== undefined && place === 'own';
  const isOpenrouter = input.request.provider === 'openrouter';
  const head = {
    id: input.responseId,
    object: 'chat.completion.chunk',
    created: input.createdSeconds,
    model: input.model,
    ...(isOpenrouter ? { provider: 'OpenAI' } : {}),
    service_tier: input.answer.serviceTier ?? 'default',
    system_fingerprint: 'fp_62a23a81ef',
  };
  // With include_usage OpenAI says `usage: null` on every other chunk; without it the field is absent.
  const tail = sendsUsage && !isOpenrouter ? { usage: null } : {};
  const events: WireEvent[] = isOpenrouter ? [{ bytes: ': OPENROUTER PROCESSING\n\n' }] : [];
  if (input.request.provider === 'azure') events.push(dataEvent(azureFilterChunk));
  const choices = readChoices(input);
  // Choices of one reply arrive interleaved, chunk by chunk.
  const rounds = interleave(choices.map(choiceDeltas));
  for (const [position, round] of rounds.entries()) {
    const choice = {
      index: round.index,
      delta: round.item.delta,
      logprobs: null,
      finish_reason: round.item.finish,
    };
    const isLast = position === rounds.length - 1 && usage !== undefined && place === 'last';
    events.push(
      isLast
        ? dataEvent({ ...head, choices: [choice], ...lastChunkUsage(input, usage) }, usage)
        : dataEvent({ ...head, choices: [choice], ...tail }),
    );
  }
  if (sendsUsage) events.push(dataEvent({ ...head, choices: usageChoices(isOpenrouter), usage }, usage));
  events.push({ bytes: 'data: [DONE]\n\n' });
  return {
    status: 200,
    headers: openaiHeaders(input, 'text/event-stream; charset=utf-8'),
    events,
    ...(usage === undefined ? {} : { billed: usage }),
    model: input.model,
    responseId: input.responseId,
    errorEvent: `data: ${JSON.stringify({
      error: {
        message: 'The server had an error while processing your request.',
        type: 'server_error',
        param: null,
        code: null,
      },
    })}\n\n`,
  };
}

/** OpenRouter's usage chunk carries an empty choice where OpenAI's carries none. */
function usageChoices(isOpenrouter: boolean): readonly JsonObject[] {
  if (!isOpenrouter) return [];
  return [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null, logprobs: null }];
}

const azureFilterChunk = {
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: [
    { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
  ],
};

interface Delta {
  readonly delta: JsonObject;
  readonly finish: string | null;
}

function choiceDeltas(choice: Choice): Delta[] {
  const deltas: JsonObject[] = [
    { role: 'assistant', content: choice.text === undefined ? null : '', refusal: null },
  ];
  for (const content of splitText(choice.text ?? '')) deltas.push({ content });
  choice.toolCalls.forEach((call, index) => {
    const { name, arguments: text } = call.function as { name: string; arguments: string };
    deltas.push({
      tool_calls: [{ index, id: call.id, type: 'function', function: { name, arguments: '' } }],
    });
    for (const piece of text.match(/.{1,12}/gs) ?? []) {
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  });
  return [...deltas.map((delta) => ({ delta, finish: null })), { delta: {}, finish: choice.finishReason }];
}

function interleave<T>(rows: readonly (readonly T[])[]): { index: number; item: T }[] {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, position) =>
    rows.flatMap((row, index) => {
      const item = row[position];
      return item === undefined ? [] : [{ index, item }];
    }),
  ).flat();
}
