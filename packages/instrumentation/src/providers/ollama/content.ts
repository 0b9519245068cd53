import { ATTR } from '@costspan/semconv';
import type { SpanAttributes } from '../../provider.js';
import { type Fields, readFields, readItems, readText } from '../fields.js';
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

/** What an answer has said so far. */
export interface HeardText {
  readonly text: string;
  readonly thinking: string;
  readonly toolCalls: readonly unknown[];
}

/** Adds a chunk, or a whole answer: `chat` has a message, `generate` a response. */
export function hearChunk(before: HeardText | undefined, chunk: Fields): HeardText {
  const message = readFields(chunk.message);
  return {
    text: (before?.text ?? '') + (readText(message.content ?? chunk.response) ?? ''),
    thinking: (before?.thinking ?? '') + (readText(message.thinking ?? chunk.thinking) ?? ''),
    toolCalls: [...(before?.toolCalls ?? []), ...readItems(message.tool_calls)],
  };
}

/** The answer as one output message. */
export function renderAnswer({ text, thinking, toolCalls }: HeardText, reason?: string): SpanAttributes {
  const parts: Part[] = [];
  if (thinking !== '') parts.push(reasoningPart(thinking));
  if (text !== '') parts.push(textPart(text));
  parts.push(...toolCalls.map(readToolCall));
  const message: Message = {
    role: 'assistant',
    parts,
    ...(reason === undefined ? {} : { finish_reason: reason }),
  };
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages([message]) };
}

/** The prompt: `chat` has messages, `generate` a prompt and a system text. */
export function renderRequest(body: Fields): SpanAttributes {
  const messages = readItems(body.messages).map(readMessage);
  const prompt = readText(body.prompt);
  if (prompt !== undefined) messages.push({ role: 'user', parts: [textPart(prompt)] });
  const system = readText(body.system);
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(messages),
    [ATTR.SYSTEM_INSTRUCTIONS]: system === undefined ? undefined : JSON.stringify([textPart(system)]),
    [ATTR.TOOL_DEFINITIONS]: renderTools(readItems(body.tools)),
  };
}

function readMessage(value: unknown): Message {
  const message = readFields(value);
  const text = readText(message.content);
  const images = readItems(message.images).map(() => mediaPart('image', {}));
  const calls = readItems(message.tool_calls).map(readToolCall);
  const role = readText(message.role) ?? 'user';
  if (role === 'tool') return { role, parts: [toolResponsePart(message.tool_name, message.content)] };
  return { role, parts: [...(text === undefined ? [] : [textPart(text)]), ...images, ...calls] };
}

function readToolCall(value: unknown): Part {
  const { name, arguments: args } = readFields(readFields(value).function);
  return toolCallPart(undefined, name, args);
}
