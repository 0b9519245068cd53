import { readImageSize } from './image-size.js';

/** An image of a request; the size is absent where it can only be fetched. */
export interface ImagePart {
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** As the request asks for it: `low`, `high`, `auto`, `original`. */
  readonly detail?: string;
}

/** What of a request becomes input tokens, whatever API it is for. */
export interface RequestPieces {
  /** Text of each message, system prompts included; calls of tools and their results as JSON. */
  readonly messages: readonly string[];
  /** Definitions of tools, and schemas that the answer must follow, as JSON. */
  readonly tools: readonly string[];
  readonly images: readonly ImagePart[];
  /** Parts that cannot be counted from outside: audio, video, files, tools that the provider runs. */
  readonly opaque: readonly string[];
  /** Whether it is nothing but messages of text: no tools, their calls or results, and no schema. */
  readonly isPlain: boolean;
  /** Limit of the answer that the request sets. */
  readonly maxOutputTokens?: number;
}

interface Collected {
  messages: string[];
  images: ImagePart[];
  opaque: string[];
  isPlain: boolean;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the known APIs keep messages, system prompts and the limit of the answer. */
const MESSAGES = [
  'system',
  'instructions',
  'systemInstruction',
  'messages',
  'message',
  'inputs',
  'texts',
  'input',
  'contents',
  'prompt',
] as const;
const LIMITS = [
  'max_completion_tokens',
  'max_output_tokens',
  'max_tokens',
  'maxOutputTokens',
  'maxTokens',
] as const;
const SETTINGS = ['config', 'generationConfig', 'inferenceConfig'] as const;
const OPAQUE_TYPES = /audio|video|file|document|^web_search|^code_|computer|^mcp|container/;
/** Calls of tools and their results; of these, what goes into the input as JSON. */
const CALLS =
  /^(?:tool_calls|function|functionCall|functionResponse|toolUse|toolResult|input|args|response|output|result)$/;
const CALL_DATA = /^(?:input|args|response|output|result)$/;
/** Gemini's files, in both spellings. */
const FILES = ['fileData', 'file_data', 'inlineData', 'inline_data'] as const;
/** Keys that a tool of the application has: without one it is the provider's, with a prompt of its own. */
const DEFINITIONS = [
  'input_schema',
  'parameters',
  'function',
  'inputSchema',
  'toolSpec',
  'functionDeclarations',
  'function_declarations',
] as const;
/** Services that bring what they find into the input. */
const SERVICES = [
  'mcp_servers',
  'container',
  'plugins',
  'web_search_options',
  'search_parameters',
  'documents',
  'context_management',
] as const;
/** A cycle would never end; no API takes deeper content. */
const MAX_DEPTH = 40;

/** Reads a request body as OpenAI (chat and responses), Anthropic, Gemini and those like them take it. */
export function readPieces(request: object): RequestPieces {
  // The types of the SDKs' parameters are interfaces, which are no maps to the compiler.
  const body: Fields = { ...request };
  const found: Collected = { messages: [], images: [], opaque: [], isPlain: true };
  for (const name of MESSAGES) {
    const value = body[name] ?? (isFields(body.config) ? body.config[name] : undefined);
    if (value === undefined || value === null) continue;
    const items = Array.isArray(value) && name !== 'prompt' ? value : [value];
    for (const item of items) collectMessage(item, found);
  }
  const maxOutputTokens = readLimit(body);
  const tools = readTools(body, found);
  const isPlain = found.isPlain && tools.length === 0;
  return { ...found, tools, isPlain, ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }) };
}

function collectMessage(message: unknown, found: Collected): void {
  const text: string[] = [];
  collectText(message, { text, found, depth: 0 });
  found.messages.push(text.join('\n'));
}

interface Place {
  readonly text: string[];
  readonly found: Collected;
  readonly depth: number;
}

function collectText(value: unknown, place: Place): void {
  const { text, found, depth } = place;
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    text.push(value);
    return;
  }
  const deeper = { ...place, depth: depth + 1 };
  if (Array.isArray(value)) {
    for (const item of value) collectText(item, deeper);
    return;
  }
  if (!isFields(value)) return;
  const image = readImage(value);
  if (image !== undefined) {
    found.images.push(image);
    return;
  }
  const type = typeof value.type === 'string' ? value.type : '';
  if (OPAQUE_TYPES.test(type) || FILES.some((name) => value[name] !== undefined)) {
    found.opaque.push(type === '' ? 'file' : type);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (/^(text|content|thinking|parts|name|arguments|summary)$/.test(key)) collectText(item, deeper);
    else if (CALLS.test(key) && item !== undefined) {
      found.isPlain = false;
      if (CALL_DATA.test(key)) text.push(typeof item === 'string' ? item : JSON.stringify(item));
      else collectText(item, deeper);
    }
  }
}

/** OpenAI's `image_url` and `input_image`, Anthropic's `image`, Gemini's `inlineData`, Converse's `image`. */
function readImage(part: Fields): ImagePart | undefined {
  const { type, image_url: url, source, image } = part;
  const inlineData = part.inlineData ?? part.inline_data;
  const isImage = type === 'image_url' || type === 'input_image' || (type === 'image' && isFields(source));
  if (isImage) {
    const address = isFields(url) ? url.url : url;
    const data = isFields(source) ? source.data : address;
    const detail = isFields(url) ? url.detail : part.detail;
    return toImage(data, typeof detail === 'string' ? detail : undefined);
  }
  if (isFields(inlineData) && String(inlineData.mimeType ?? inlineData.mime_type).startsWith('image/'))
    return toImage(inlineData.data, undefined);
  if (isFields(image) && isFields(image.source)) return toImage(image.source.bytes, undefined);
  return undefined;
}

const toImage = (data: unknown, detail: string | undefined): ImagePart => ({
  ...readImageSize(data),
  ...(detail === undefined ? {} : { detail }),
});

function readTools(body: Fields, found: Collected): string[] {
  const lists = [
    body.tools,
    isFields(body.config) ? body.config.tools : undefined,
    body.functions,
    isFields(body.toolConfig) ? body.toolConfig.tools : undefined,
  ];
  const tools = lists.flatMap((list) => (Array.isArray(list) ? list : [])).filter(isFields);
  for (const tool of tools) {
    const isHosted = typeof tool.type === 'string' && /search|:/.test(tool.type);
    if (!isHosted && DEFINITIONS.some((name) => tool[name] !== undefined)) continue;
    found.opaque.push(typeof tool.type === 'string' ? tool.type : Object.keys(tool).join());
  }
  found.opaque.push(...SERVICES.filter((name) => body[name] !== undefined && body[name] !== null));
  const schemas = [
    body.response_format,
    isFields(body.text) ? body.text.format : undefined,
    body.output_config,
  ].filter(isFields);
  return [...tools, ...schemas].map((tool) => JSON.stringify(tool));
}

function readLimit(body: Fields): number | undefined {
  const places = [body, ...SETTINGS.map((name) => body[name]).filter(isFields)];
  for (const place of places) {
    for (const name of LIMITS) {
      const limit = place[name];
      if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0) return limit;
    }
  }
  return undefined;
}
