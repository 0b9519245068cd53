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

/** Prompt of a response: instructions apart, input items as messages. */
export function renderResponsesRequest(body: Fields): SpanAttributes {
  const input = body.input;
  const messages: Message[] =
    typeof input === 'string'
      ? [{ role: 'user', parts: [textPart(input)] }]
      : readItems(input).map(readInputItem);
  const instructions = readText(body.instructions);
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(messages),
    [ATTR.SYSTEM_INSTRUCTIONS]:
      instructions === undefined ? undefined : JSON.stringify([textPart(instructions)]),
    [ATTR.TOOL_DEFINITIONS]: renderTools(readItems(body.tools)),
  };
}

/** Output items as one message: a response has one 'choice'. */
export function renderResponsesOutput(items: readonly unknown[], status: string | undefined): SpanAttributes {
  const parts = items.flatMap((item) => readItemParts(readFields(item)));
  const message: Message = {
    role: 'assistant',
    parts,
    finish_reason: status === 'completed' ? 'stop' : status === 'incomplete' ? 'length' : 'error',
  };
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages([message]) };
}

function readInputItem(item: unknown): Message {
  const fields = readFields(item);
  const isAnswer = /_output$/.test(readText(fields.type) ?? '');
  const isModel = fields.type === 'reasoning' || /_call$/.test(readText(fields.type) ?? '');
  const role = readText(fields.role) ?? (isAnswer ? 'tool' : isModel ? 'assistant' : 'user');
  return { role, parts: readItemParts(fields) };
}

function readItemParts(item: Fields): Part[] {
  const type = readText(item.type);
  switch (type) {
    case 'function_call':
      return [toolCallPart(item.call_id, item.name, item.arguments)];
    case 'function_call_output':
      return [toolResponsePart(item.call_id, item.output)];
    case 'reasoning':
      return readItems(item.summary).map((part) => reasoningPart(readText(readFields(part).text) ?? ''));
    case undefined:
    case 'message':
      return readContent(item.content);
    default:
      // Hosted tools: what was called is worth a line, what came back may be megabytes.
      return [toolCallPart(item.id, type.replace(/_call$/, ''), item.action ?? item.queries ?? null)];
  }
}

function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [textPart(content)];
  return readItems(content).map((part) => {
    const fields = readFields(part);
    switch (fields.type) {
      case 'input_image':
        return mediaPart('image', { url: fields.image_url });
      case 'input_file':
        return mediaPart('document', { url: fields.file_url });
      case 'input_audio':
        return mediaPart('audio', {});
      default:
        return textPart(readText(fields.text) ?? readText(fields.refusal) ?? '');
    }
  });
}
