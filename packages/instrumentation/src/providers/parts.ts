/**
 * Parts of messages in the JSON schema of the GenAI conventions (`gen_ai.input.messages`, `gen_ai.output.messages`).
 * Attributes of a span cannot hold structure, so they are JSON text.
 */
import { type Fields, readFields, readText } from './fields.js';

/** One part of a message. */
export type Part = Readonly<Record<string, unknown>> & { readonly type: string };

/** One message, input or output. */
export interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
  /** Output messages only. */
  readonly finish_reason?: string;
}

/** Plain text. */
export const textPart = (content: string): Part => ({ type: 'text', content });

/** What the model thought, as far as the provider shows it. */
export const reasoningPart = (content: string): Part => ({ type: 'reasoning', content });

/** A tool the model asks for; arguments that are JSON text are shown as what they say. */
export function toolCallPart(id: unknown, name: unknown, args: unknown): Part {
  return {
    type: 'tool_call',
    id: readText(id) ?? null,
    name: readText(name) ?? '',
    arguments: parseJson(args),
  };
}

/** What a tool answered. */
export function toolResponsePart(id: unknown, response: unknown): Part {
  return { type: 'tool_call_response', id: readText(id) ?? null, response: response ?? null };
}

/** An image, file or sound as a reference: a URL stays, inline data is left out whatever its size. */
export function mediaPart(
  modality: string,
  source: { readonly url?: unknown; readonly mimeType?: unknown },
): Part {
  const url = readText(source.url);
  if (url !== undefined && !url.startsWith('data:')) return { type: 'uri', modality, uri: url };
  const mimeType = readText(source.mimeType) ?? url?.slice('data:'.length).split(/[;,]/)[0] ?? null;
  return { type: 'blob', modality, mime_type: mimeType, content: '' };
}

/** Tool definitions, without what only the provider's API needs; `undefined` when there are none. */
export function renderTools(tools: readonly unknown[]): string | undefined {
  if (tools.length === 0) return undefined;
  return JSON.stringify(
    tools.map((tool) => {
      const fields = readFields(tool);
      const definition = readFields(fields.function ?? fields.custom ?? tool);
      const name = readText(definition.name) ?? readText(fields.type) ?? '';
      const description = readText(definition.description);
      const parameters = definition.parameters ?? definition.input_schema;
      return { type: readToolType(fields), name, description, parameters };
    }),
  );
}

/** What the request calls it; one of the application's own with a schema is a function, whatever its provider says. */
function readToolType({ type, input_schema }: Fields): string {
  return input_schema === undefined ? (readText(type) ?? 'function') : 'function';
}

/** The text of messages, or `undefined` when there are none. */
export function renderMessages(messages: readonly Message[]): string | undefined {
  return messages.length === 0 ? undefined : JSON.stringify(messages);
}

function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  // Arguments of a stream that was cut are half a document: they stay text.
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
