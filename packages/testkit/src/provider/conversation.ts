import { isObject, type JsonObject, readArray, readObject, readString } from '../json.js';
import type { ProviderRequest } from './request.js';

/** A tool of the request, in one shape for the three dialects. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: JsonObject;
}

/** The turns of the request: chat `messages`, Responses `input`, or a legacy prompt as one turn. */
export function readTurns({ body }: ProviderRequest): readonly unknown[] {
  if (Array.isArray(body.messages)) return body.messages;
  const input = body.input ?? body.prompt;
  return Array.isArray(input) ? input : [{ role: 'user', content: input }];
}

/** All text the model is given, in order. */
export function readConversationText(request: ProviderRequest): string {
  const { body } = request;
  return [body.system, body.instructions, ...readTurns(request)].map(readText).join('\n');
}

/** The function tools on offer; server-side tools have no schema and are left out. */
export function readTools({ body }: ProviderRequest): OfferedTool[] {
  return readArray(body.tools).flatMap((tool) => {
    const outer = readObject(tool);
    const inner = isObject(outer.function) ? outer.function : outer;
    const name = readString(inner.name);
    const schema = inner.parameters ?? inner.input_schema;
    return name !== undefined && isObject(schema) ? [{ name, schema }] : [];
  });
}

/** Whether the last turn brings the result of a tool, so that the model has to answer now. */
export function hasToolResult(request: ProviderRequest): boolean {
  const last = readObject(readTurns(request).at(-1));
  const blocks = readArray(last.content).map(readObject);
  return (
    last.role === 'tool' ||
    last.type === 'function_call_output' ||
    blocks.some((block) => block.type === 'tool_result')
  );
}

/** The JSON schema the answer has to fit, wherever the dialect puts it. */
export function readAnswerSchema({ body }: ProviderRequest): JsonObject | undefined {
  const chat = readObject(readObject(body.response_format).json_schema).schema;
  const responses = readObject(readObject(body.text).format).schema;
  const anthropic = readObject(readObject(body.output_config).format).schema;
  const anthropicBeta = readObject(body.output_format).schema;
  const schema = chat ?? responses ?? anthropic ?? anthropicBeta;
  return isObject(schema) ? schema : undefined;
}

function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(readText).join('\n');
  if (!isObject(value)) return '';
  return [value.text, value.content, value.output].map(readText).filter(Boolean).join('\n');
}
