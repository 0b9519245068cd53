import type { NestedUsage, Usage } from '@costspan/pricing';
import { type Fields, omitEmpty, readCount, readFields, readItems, readText } from '../fields.js';

/** What the tools that the provider hosts add to a response, outside its token usage. */
export interface HostedTools {
  /** Billable requests by tool. */
  readonly requests: Readonly<Record<string, number>>;
  /** Tokens of the image generation tool, at the image model's rate. */
  readonly nested?: NestedUsage;
  readonly estimatedReason?: string;
}

/** `tool_usage` where the API reports it (2026), else the output items are counted. */
export function readHostedTools(response: Fields): HostedTools {
  const reported = readFields(response.tool_usage);
  const items = readItems(response.output);
  const requests = countItems(items);
  const { web_search, ...others } = requests;
  const searches = readCount(readFields(reported.web_search).num_requests) ?? web_search;
  const named = searches === undefined ? others : { ...others, [readSearchTool(response)]: searches };
  const image = readImageUsage(readFields(reported.image_gen));
  if (image === undefined) return { requests: addImages(named, reported.image_gen, items) };
  const model = readImageModel(response);
  return model === undefined
    ? { requests: named, estimatedReason: 'image_model_unknown' }
    : { requests: named, nested: { model, usage: image } };
}

/** The search before this one is dearer where the model does not reason, and what it found is free then. */
function readSearchTool({ tools, model }: Fields): string {
  const isPreview = readItems(tools).some((tool) =>
    readText(readFields(tool).type)?.startsWith('web_search_preview'),
  );
  return isPreview && /^gpt-4/.test(readText(model) ?? '') ? 'web_search_preview' : 'web_search';
}

/** Images that no usage tells of have been paid for all the same: their number says that something is missing. */
function addImages(
  requests: HostedTools['requests'],
  reported: unknown,
  items: readonly unknown[],
): HostedTools['requests'] {
  const images = items.filter((item) => readFields(item).type === 'image_generation_call').length;
  return reported !== undefined || images === 0 ? requests : { ...requests, image_generation: images };
}

function countItems(items: readonly unknown[]): Record<string, number> {
  const requests: Record<string, number> = {};
  const containers = new Set<unknown>();
  for (const item of items) {
    const fields = readFields(item);
    if (fields.type === 'web_search_call' && isBillableSearch(fields)) add(requests, 'web_search');
    if (fields.type === 'x_search_call') add(requests, 'x_search');
    if (fields.type === 'file_search_call') add(requests, 'file_search');
    const container = readContainer(fields);
    if (container === undefined || containers.has(container)) continue;
    containers.add(container);
    add(requests, 'code_interpreter');
  }
  return requests;
}

/** A code interpreter, and a shell that is not the application's, is billed by the container it runs in, not by the call. */
function readContainer({ type, container_id, environment }: Fields): unknown {
  if (type === 'code_interpreter_call') return container_id ?? '';
  return type === 'shell_call' ? readFields(environment).container_id : undefined;
}

function add(requests: Record<string, number>, tool: string): void {
  requests[tool] = (requests[tool] ?? 0) + 1;
}

/** Opening a page and finding in it are free; older responses do not say what was done and only ever searched. */
function isBillableSearch(item: Fields): boolean {
  const action = readText(readFields(item.action).type);
  return action === undefined || action === 'search';
}

function readImageUsage(image: Fields): Usage | undefined {
  const input = readFields(image.input_tokens_details);
  const output = readFields(image.output_tokens_details);
  const cached = readFields(image.cached_tokens_details);
  const usage = omitEmpty<Usage>({
    inputTokens: readCount(image.input_tokens),
    outputTokens: readCount(image.output_tokens),
    cacheReadInputTokens: readCount(image.cached_tokens),
    input: omitEmpty({ text: readCount(input.text_tokens), image: readCount(input.image_tokens) }),
    output: omitEmpty({ text: readCount(output.text_tokens), image: readCount(output.image_tokens) }),
    cacheRead: omitEmpty({
      text: readCount(cached.cached_text_tokens),
      image: readCount(cached.cached_image_tokens),
    }),
  });
  return (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0) > 0 ? usage : undefined;
}

/** The response repeats its tools, and the image tool names its model. */
function readImageModel(response: Fields): string | undefined {
  for (const tool of [...readItems(response.output), ...readItems(response.tools)]) {
    const fields = readFields(tool);
    const isImage = fields.type === 'image_generation' || fields.type === 'image_generation_call';
    const model = isImage ? readText(fields.model) : undefined;
    if (model !== undefined) return model;
  }
  return undefined;
}
