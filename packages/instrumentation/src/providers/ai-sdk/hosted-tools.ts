import { type Fields, readFields, readText } from '../fields.js';

/** A tool that the provider hosts was used, in the form of the provider's own answer. */
export interface HostedItem extends Fields {
  readonly type: string;
  /** The tool's type in the request, where it is another than the item tells. */
  readonly tool?: string;
}

/** The part of a stream that tells of code that Anthropic has run: whatever the tool is called, its input says what it is. */
const RUNS_CODE = /^\{"type":"(?:bash_code_execution|text_editor_code_execution|programmatic-tool-call)"/;

/** What a part of a stream of Anthropic tells of a tool that no usage has a field for. */
export function readServerTool(part: Fields): HostedItem | undefined {
  if (part.type !== 'tool-call' || part.providerExecuted !== true) return undefined;
  const { type } = readFields(readFields(part.providerMetadata).anthropic);
  const isCode = part.toolName === 'code_execution' || RUNS_CODE.test(readText(part.input) ?? '');
  return isCode && type !== 'mcp-tool-use' ? { type: 'server_tool_use', name: 'code_execution' } : undefined;
}

/**
 * What a part of a stream of OpenAI's responses tells of a hosted tool. The application may name its tools as it likes,
 * so that they are known by what they answer, and by the usual names where that is nothing.
 */
export function readHostedTool(part: Fields): HostedItem | undefined {
  const name = readText(part.toolName) ?? '';
  if (part.type === 'tool-call' && part.providerExecuted === true) {
    const container = readContainer(part.input);
    return container === undefined ? undefined : { type: 'code_interpreter_call', container_id: container };
  }
  if (part.type !== 'tool-result') return undefined;
  const { action, queries, result } = readFields(part.result);
  if (Array.isArray(queries)) return { type: 'file_search_call' };
  if (typeof result === 'string') return { type: 'image_generation_call' };
  if (action === undefined && !name.startsWith('web_search')) return undefined;
  return { type: 'web_search_call', action, ...(name.endsWith('_preview') ? { tool: name } : {}) };
}

/** The input of a code interpreter, which is JSON: it says where the code runs. */
function readContainer(input: unknown): string | undefined {
  const text = readText(input);
  if (text === undefined || !text.includes('"containerId"')) return undefined;
  try {
    return readText(readFields(JSON.parse(text)).containerId);
  } catch {
    return undefined;
  }
}
