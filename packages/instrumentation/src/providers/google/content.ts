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

/** Pieces that candidates have said, newest first: a stream that is cut still shows what came. */
export interface HeardCandidates {
  readonly candidates: readonly unknown[];
  readonly before: HeardCandidates | undefined;
}

/** The prompt: contents are one or many texts, parts or contents. */
export function renderGoogleRequest({ contents, systemInstruction, tools }: Fields): SpanAttributes {
  const system = readParts(systemInstruction);
  const declarations = readItems(tools).flatMap((tool) => readItems(readFields(tool).functionDeclarations));
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(readMessages(contents)),
    [ATTR.SYSTEM_INSTRUCTIONS]: system.length === 0 ? undefined : JSON.stringify(system),
    [ATTR.TOOL_DEFINITIONS]: renderTools(declarations),
  };
}

function readMessages(contents: unknown): Message[] {
  if (!Array.isArray(contents)) return contents === undefined ? [] : [readMessage(contents)];
  const isWhole = (item: unknown): boolean => readFields(item).parts !== undefined;
  if (contents.some(isWhole)) return contents.map(readMessage);
  return [{ role: 'user', parts: contents.flatMap(readParts) }];
}

function readMessage(content: unknown): Message {
  const role = readText(readFields(content).role) ?? 'user';
  return { role: role === 'model' ? 'assistant' : role, parts: readParts(content) };
}

function readParts(value: unknown): Part[] {
  if (typeof value === 'string') return [textPart(value)];
  if (Array.isArray(value)) return value.flatMap(readParts);
  const fields = readFields(value);
  if (fields.parts !== undefined) return readItems(fields.parts).map((part) => readPart(readFields(part)));
  return Object.keys(fields).length === 0 ? [] : [readPart(fields)];
}

function readPart(part: Fields): Part {
  const call = readFields(part.functionCall);
  const answer = readFields(part.functionResponse);
  if (part.functionCall !== undefined) return toolCallPart(call.id ?? call.name, call.name, call.args);
  if (part.functionResponse !== undefined) return toolResponsePart(answer.id ?? answer.name, answer.response);
  const file = readFields(part.fileData);
  const data = readFields(part.inlineData);
  const mimeType = readText(file.mimeType ?? data.mimeType);
  if (mimeType !== undefined) return mediaPart(mimeType.split('/', 1)[0]!, { url: file.fileUri, mimeType });
  const text = readText(part.text) ?? '';
  return part.thought === true ? reasoningPart(text) : textPart(text);
}

/** What the candidates answered, a message each, their pieces put together. */
export function renderCandidates(heard: HeardCandidates | undefined): SpanAttributes {
  const byIndex = new Map<unknown, { parts: Part[]; reason: string | undefined }>();
  const pieces: (readonly unknown[])[] = [];
  for (let at = heard; at !== undefined; at = at.before) pieces.unshift(at.candidates);
  for (const candidate of pieces.flat()) {
    const { content, index, finishReason } = readFields(candidate);
    const known = byIndex.get(index ?? 0) ?? { parts: [], reason: undefined };
    known.parts.push(...readParts(content));
    known.reason = readText(finishReason)?.toLowerCase() ?? known.reason;
    byIndex.set(index ?? 0, known);
  }
  const messages = [...byIndex.values()].map(({ parts, reason }) => ({
    role: 'assistant',
    parts: joinTexts(parts),
    ...(reason === undefined ? {} : { finish_reason: reason }),
  }));
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages(messages) };
}

function joinTexts(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isText = part.type === 'text' || part.type === 'reasoning';
    if (isText && last?.type === part.type) {
      joined[joined.length - 1] = { ...last, content: `${String(last.content)}${String(part.content)}` };
    } else joined.push(part);
  }
  return joined;
}
