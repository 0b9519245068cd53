import { ATTR } from '@costspan/semconv';
import type { SpanAttributes } from '../../provider.js';
import { type Fields, readCount, readFields, readItems, readText } from '../fields.js';
import {
  type Message,
  mediaPart,
  type Part,
  reasoningPart,
  renderMessages,
  renderTools,
  textPart,
  toolCallPart,
  toolResponsePart,
} from '../parts.js';
import type { ChoiceRenderer } from './completion.js';

/** Prompt of a chat completion. System messages stay in their place among the others: their order has a meaning. */
export function renderChatRequest(body: Fields): SpanAttributes {
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(readItems(body.messages).map(readMessage)),
    [ATTR.TOOL_DEFINITIONS]: renderTools(readItems(body.tools)),
  };
}

/** Completion of a chat, whole or from its chunks. */
export const CHAT_RENDERER: ChoiceRenderer = {
  renderChoices: (choices) => renderOutput(choices.map((choice) => readChoice(readFields(choice)))),
  renderChunks: (choices) => renderOutput(mergeDeltas(choices)),
};

function renderOutput(messages: readonly Message[]): SpanAttributes {
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages(messages) };
}

function readMessage(message: unknown): Message {
  const fields = readFields(message);
  const role = readText(fields.role) ?? 'user';
  if (role === 'tool' || role === 'function') {
    return { role: 'tool', parts: [toolResponsePart(fields.tool_call_id, fields.content)] };
  }
  return { role, parts: readParts(fields) };
}

function readChoice(choice: Fields): Message {
  const message = readFields(choice.message);
  return {
    role: readText(message.role) ?? 'assistant',
    parts: readParts(message),
    finish_reason: readText(choice.finish_reason) ?? 'error',
  };
}

function readParts(message: Fields): Part[] {
  const parts: Part[] = [];
  const reasoning = readText(message.reasoning_content) ?? readText(message.reasoning);
  if (reasoning !== undefined) parts.push(reasoningPart(reasoning));
  const content = message.content;
  if (typeof content === 'string') parts.push(textPart(content));
  for (const item of readItems(content)) parts.push(readContentPart(readFields(item)));
  const refusal = readText(message.refusal);
  if (refusal !== undefined) parts.push(textPart(refusal));
  for (const call of readItems(message.tool_calls)) {
    const fields = readFields(call);
    const tool = readFields(fields.function ?? fields.custom);
    parts.push(toolCallPart(fields.id, tool.name, tool.arguments ?? tool.input));
  }
  return parts;
}

function readContentPart(part: Fields): Part {
  switch (part.type) {
    case 'image_url':
      return mediaPart('image', { url: readFields(part.image_url).url });
    case 'input_audio':
      return mediaPart('audio', { mimeType: `audio/${readText(readFields(part.input_audio).format)}` });
    case 'file':
      return mediaPart('document', {});
    default:
      return textPart(readText(part.text) ?? readText(part.refusal) ?? '');
  }
}

interface GrowingCall {
  id: unknown;
  name: string;
  args: string;
}
interface GrowingMessage {
  reasoning: string;
  content: string;
  calls: Map<number, GrowingCall>;
  reason: string | undefined;
}

function mergeDeltas(choices: readonly unknown[]): Message[] {
  const growing = new Map<number, GrowingMessage>();
  for (const choice of choices) {
    const fields = readFields(choice);
    const index = readCount(fields.index) ?? 0;
    let message = growing.get(index);
    if (message === undefined) {
      message = { reasoning: '', content: '', calls: new Map(), reason: undefined };
      growing.set(index, message);
    }
    addDelta(message, readFields(fields.delta));
    message.reason = readText(fields.finish_reason) ?? message.reason;
  }
  return [...growing.values()].map(finishMessage);
}

function addDelta(message: GrowingMessage, delta: Fields): void {
  message.reasoning += readText(delta.reasoning_content) ?? readText(delta.reasoning) ?? '';
  message.content += readText(delta.content) ?? readText(delta.refusal) ?? '';
  for (const call of readItems(delta.tool_calls)) {
    const fields = readFields(call);
    const tool = readFields(fields.function);
    const index = readCount(fields.index) ?? message.calls.size;
    const known = message.calls.get(index) ?? { id: undefined, name: '', args: '' };
    known.id ??= fields.id;
    known.name += readText(tool.name) ?? '';
    known.args += readText(tool.arguments) ?? '';
    message.calls.set(index, known);
  }
}

function finishMessage({ reasoning, content, calls, reason }: GrowingMessage): Message {
  const parts: Part[] = [];
  if (reasoning !== '') parts.push(reasoningPart(reasoning));
  if (content !== '') parts.push(textPart(content));
  for (const call of calls.values()) parts.push(toolCallPart(call.id, call.name, call.args));
  return { role: 'assistant', parts, finish_reason: reason ?? 'error' };
}
