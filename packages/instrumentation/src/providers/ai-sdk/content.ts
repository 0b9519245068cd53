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

/** Prompt of a model call, in the AI SDK's own form: the same in every major. */
export function renderPrompt(options: Fields): SpanAttributes {
  const messages = readItems(options.prompt).map(readMessage);
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(messages),
    [ATTR.TOOL_DEFINITIONS]: renderTools(readItems(options.tools ?? readFields(options.mode).tools)),
  };
}

function readMessage(value: unknown): Message {
  const { role, content } = readFields(value);
  const text = readText(content);
  const parts = text === undefined ? readItems(content).map(readContent) : [textPart(text)];
  return { role: readText(role) ?? 'user', parts };
}

function readContent(value: unknown): Part {
  const part = readFields(value);
  switch (part.type) {
    case 'text':
      return textPart(readText(part.text) ?? '');
    case 'reasoning':
      return reasoningPart(readText(part.text) ?? '');
    case 'tool-call':
      return toolCallPart(part.toolCallId, part.toolName, part.input ?? part.args);
    case 'tool-result':
      return toolResponsePart(part.toolCallId, part.output ?? part.result);
    default:
      return mediaPart(part.type === 'image' ? 'image' : 'file', {
        url: part.image ?? part.data,
        mimeType: part.mediaType ?? part.mimeType,
      });
  }
}

/** Adds one part, whole or a piece of one, to what was heard: `text`, `reasoning` and `calls`. */
export function hearPart(before: Fields | undefined, value: unknown): Fields {
  const part = readFields(value);
  const heard = before ?? {};
  const more = readText(part.delta) ?? readText(part.textDelta) ?? readText(part.text);
  if (part.type === 'text' || part.type === 'text-delta')
    return { ...heard, text: (readText(heard.text) ?? '') + (more ?? '') };
  if (part.type === 'reasoning' || part.type === 'reasoning-delta')
    return { ...heard, reasoning: (readText(heard.reasoning) ?? '') + (more ?? '') };
  if (part.type === 'tool-call') return { ...heard, calls: [...readItems(heard.calls), part] };
  return heard;
}

/** What was heard, as one output message. */
export function renderHeard(heard: Fields | undefined, reason: string | undefined): SpanAttributes {
  const { text, reasoning, calls } = heard ?? {};
  const parts: Part[] = [];
  if (readText(reasoning) !== undefined) parts.push(reasoningPart(readText(reasoning)!));
  if (readText(text) !== undefined) parts.push(textPart(readText(text)!));
  parts.push(...readItems(calls).map(readContent));
  const message = { role: 'assistant', parts, ...(reason === undefined ? {} : { finish_reason: reason }) };
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages([message]) };
}
