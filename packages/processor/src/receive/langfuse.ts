import type { SpanView } from '@costspan/aggregate';
import { ATTR, DIALECT_ATTR, OPERATION } from '@costspan/semconv';
import { readProviderUsage, setCounts } from './provider-usage.js';
import { readCount, readField, readJson, type Translation } from './translation.js';

const OPERATION_OF_TYPE: Readonly<Record<string, string>> = {
  generation: OPERATION.CHAT,
  embedding: OPERATION.EMBEDDINGS,
  agent: OPERATION.INVOKE_AGENT,
  tool: OPERATION.EXECUTE_TOOL,
};

/** Keys under which usage stands: what a total of that kind holds. The first of each is the total or the plain part. */
const CACHE_READ = ['input_cached_tokens', 'cache_read_input_tokens', 'input_cache_read'];
const CACHE_WRITE = ['cache_creation_input_tokens', 'input_cache_creation'];
const REASONING = ['output_reasoning_tokens', 'output_reasoning'];
/** Keys that only the providers use: in OpenAI's chats and in its Responses. */
const PROVIDERS_OWN = ['prompt_tokens', 'input_tokens_details'];

/**
 * Spans of Langfuse's SDKs: usage is JSON, either as the provider sent it or in Langfuse's own words. There the parts
 * stand beside each other, so input without its cached part and output without its reasoning are made whole.
 */
export function readLangfuse(translation: Translation, { attributes }: SpanView): void {
  const operation = OPERATION_OF_TYPE[String(attributes[DIALECT_ATTR.LANGFUSE_TYPE])];
  if (operation === undefined) return;
  translation[ATTR.OPERATION_NAME] = operation;
  const cost = readCount(readField(readJson(attributes[DIALECT_ATTR.LANGFUSE_COST]), 'total'));
  if (cost !== undefined) translation[ATTR.USAGE_COST_AMOUNT] ??= cost;
  const usage = readJson(attributes[DIALECT_ATTR.LANGFUSE_USAGE]);
  if (usage === undefined) return;
  const isProviders = PROVIDERS_OWN.some((name) => readField(usage, name) !== undefined);
  if (isProviders) readProviderUsage(translation, usage);
  else readParts(translation, usage);
}

function readParts(translation: Translation, usage: unknown): void {
  const first = (names: readonly string[]) =>
    names.map((name) => readCount(readField(usage, name))).find((count) => count !== undefined);
  const input = first(['input', 'input_tokens']);
  const output = first(['output', 'output_tokens']);
  const cacheRead = first(CACHE_READ);
  const cacheWrite = first(CACHE_WRITE);
  const reasoning = first(REASONING);
  const isWhole = first(['total']) === (input ?? 0) + (output ?? 0);
  const add = (total: number | undefined, parts: number) =>
    total === undefined ? undefined : total + (isWhole ? 0 : parts);
  setCounts(translation, {
    [ATTR.USAGE_INPUT_TOKENS]: add(input, (cacheRead ?? 0) + (cacheWrite ?? 0)),
    [ATTR.USAGE_OUTPUT_TOKENS]: add(output, reasoning ?? 0),
    [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: cacheRead,
    [ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS]: cacheWrite,
    [ATTR.USAGE_REASONING_OUTPUT_TOKENS]: reasoning,
  });
}
