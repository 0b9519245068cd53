import { ATTR } from '@costspan/semconv';
import type { SpanAttributes } from '../../provider.js';
import { type Fields, readFields, readItems, readText } from '../fields.js';
import { type Message, renderMessages, renderTools, textPart } from '../parts.js';

/** The prompt: version 2 has messages, version 1 a message with a history, `generate` a prompt. */
export function renderPrompt(body: Fields): SpanAttributes {
  const history = readItems(body.messages ?? body.chatHistory).map(readMessage);
  const last = readText(body.message) ?? readText(body.prompt);
  const messages = last === undefined ? history : [...history, { role: 'user', parts: [textPart(last)] }];
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(messages),
    [ATTR.TOOL_DEFINITIONS]: renderTools(readItems(body.tools)),
  };
}

function readMessage(value: unknown): Message {
  const { role, content, message } = readFields(value);
  const text = readText(content) ?? readText(message);
  const parts =
    text === undefined
      ? readItems(content).map((part) => textPart(readText(readFields(part).text) ?? ''))
      : [textPart(text)];
  return { role: readText(role)?.toLowerCase() ?? 'user', parts };
}
