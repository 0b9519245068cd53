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

/** Content events of a stream, newest first. */
export interface HeardEvents {
  readonly event: Fields;
  readonly before: HeardEvents | undefined;
}

/** Prompt of a message: system apart, as the API has it. */
export function renderAnthropicRequest(body: Fields): SpanAttributes {
  const system = readParts(body.system);
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(readItems(body.messages).map(readInputMessage)),
    [ATTR.SYSTEM_INSTRUCTIONS]: system.length > 0 ? JSON.stringify(system) : undefined,
    [ATTR.TOOL_DEFINITIONS]: renderTools(readItems(body.tools)),
  };
}

/** The answer's content blocks as one message. */
export function renderBlocks(blocks: readonly unknown[], stopReason: string | undefined): SpanAttributes {
  const message: Message = {
    role: 'assistant',
    parts: readParts(blocks),
    finish_reason: stopReason ?? 'error',
  };
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages([message]) };
}

/** The same from the events of a stream, as far as it came. */
export function renderEvents(last: HeardEvents, stopReason: string | undefined): SpanAttributes {
  const events: Fields[] = [];
  for (let heard: HeardEvents | undefined = last; heard !== undefined; heard = heard.before)
    events.push(heard.event);
  const blocks = new Map<number, Record<string, unknown>>();
  for (const event of events.reverse()) {
    const index = readCount(event.index) ?? 0;
    if (event.type === 'content_block_start') blocks.set(index, { ...readFields(event.content_block) });
    else addDelta(blocks.get(index) ?? {}, readFields(event.delta));
  }
  return renderBlocks([...blocks.values()], stopReason);
}

/** Field of the block that a delta's field adds to. */
const DELTA_FIELDS: readonly (readonly [string, string])[] = [
  ['text', 'text'],
  ['thinking', 'thinking'],
  ['partial_json', 'input'],
];

function addDelta(block: Record<string, unknown>, delta: Fields): void {
  for (const [from, to] of DELTA_FIELDS) {
    const piece = readText(delta[from]);
    if (piece === undefined) continue;
    // A tool's input starts as an empty object and comes as pieces of JSON text.
    block[to] = (typeof block[to] === 'string' ? block[to] : '') + piece;
  }
}

function readInputMessage(message: unknown): Message {
  const fields = readFields(message);
  return { role: readText(fields.role) ?? 'user', parts: readParts(fields.content) };
}

function readParts(content: unknown): Part[] {
  if (typeof content === 'string') return [textPart(content)];
  return readItems(content).map((block) => readPart(readFields(block)));
}

function readPart(block: Fields): Part {
  const type = readText(block.type) ?? 'text';
  if (type === 'text') return textPart(readText(block.text) ?? '');
  if (type === 'thinking') return reasoningPart(readText(block.thinking) ?? '');
  if (type.endsWith('tool_use')) return toolCallPart(block.id, block.name, block.input);
  if (type.endsWith('tool_result')) return toolResponsePart(block.tool_use_id, readToolAnswer(block));
  const source = readFields(block.source);
  const reference = { url: source.url, mimeType: source.media_type };
  if (type === 'image' || type === 'document') return mediaPart(type, reference);
  return { type };
}

/** An answer of text stays; one of blocks becomes parts, so that images in it lose their data too. */
function readToolAnswer(block: Fields): unknown {
  const { content } = block;
  return Array.isArray(content) ? readParts(content) : (readText(content) ?? null);
}
