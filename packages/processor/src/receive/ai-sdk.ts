import type { SpanView } from '@costspan/aggregate';
import { ATTR, DIALECT_ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import { readCount, readField, readJson, type Translation } from './translation.js';

/** xAI bills in ten-thousand-millionths of a dollar. */
const XAI_TICKS_PER_USD = 1e10;

/**
 * The AI SDK's own spans, `ai.*`. An outer span (`ai.generateText`) holds the sums of its steps and is no call; the
 * inner one of each step (`ai.generateText.doGenerate`) is. Until version 5 usage is what each provider sends, and the
 * provider's metadata says what it means; from 6 on it has one form, known by its details.
 */
export function readAiSdk(translation: Translation, { attributes }: SpanView): void {
  const operation = readOperation(String(attributes[DIALECT_ATTR.AI_OPERATION_ID]));
  if (operation === undefined) return;
  translation[ATTR.OPERATION_NAME] = operation;
  const firstChunkMs = readCount(attributes[DIALECT_ATTR.AI_MS_TO_FIRST_CHUNK]);
  if (firstChunkMs !== undefined) translation[ATTR.RESPONSE_TIME_TO_FIRST_CHUNK] ??= firstChunkMs / 1000;
  const metadata = readJson(attributes[DIALECT_ATTR.AI_PROVIDER_METADATA]);
  const tier = readField(readField(metadata, 'openai'), 'serviceTier');
  if (tier !== undefined) translation[ATTR.OPENAI_RESPONSE_SERVICE_TIER] ??= tier;
  readAnthropic(translation, readField(readField(metadata, 'anthropic'), 'usage'));
  readBilled(translation, metadata);
  if (attributes[DIALECT_ATTR.AI_NO_CACHE_TOKENS] !== undefined) return;
  if (metadata !== undefined) readPlainUsage(translation, metadata);
  includeReasoning(translation, readCount(attributes[DIALECT_ATTR.AI_TOTAL_TOKENS]));
}

function readOperation(id: string): string | undefined {
  if (/\.do(Generate|Stream)$/.test(id)) return OPERATION.CHAT;
  if (id.endsWith('.doEmbed')) return OPERATION.EMBEDDINGS;
  if (id === 'ai.toolCall') return OPERATION.EXECUTE_TOOL;
  // As the SDK itself names it from version 7 on.
  return /^ai\.(generate|stream)(Text|Object)$/.test(id) ? OPERATION.INVOKE_AGENT : undefined;
}

/** The provider's own figures: all input is what was read, what was written and the rest. */
function readAnthropic(translation: Translation, usage: unknown): void {
  const input = readCount(readField(usage, 'input_tokens'));
  if (input === undefined) return;
  const cacheRead = readCount(readField(usage, 'cache_read_input_tokens')) ?? 0;
  const cacheWrite = readCount(readField(usage, 'cache_creation_input_tokens')) ?? 0;
  const oneHour = readCount(readField(readField(usage, 'cache_creation'), 'ephemeral_1h_input_tokens'));
  translation[ATTR.USAGE_INPUT_TOKENS] = input + cacheRead + cacheWrite;
  translation[ATTR.USAGE_CACHE_READ_INPUT_TOKENS] = cacheRead;
  translation[ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS] = cacheWrite;
  if (oneHour !== undefined) translation[ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS] = oneHour;
  const tier = readField(usage, 'service_tier');
  if (tier !== undefined) translation[DIALECT_ATTR.ANTHROPIC_SERVICE_TIER] ??= tier;
}

/** What gateways and providers say they charged, USD. */
function readBilled(translation: Translation, metadata: unknown): void {
  const ticks = readCount(readField(readField(metadata, 'xai'), 'costInUsdTicks'));
  const usd =
    readCount(readField(readField(readField(metadata, 'openrouter'), 'usage'), 'cost')) ??
    (ticks === undefined ? undefined : ticks / XAI_TICKS_PER_USD) ??
    readUsdText(readField(readField(metadata, 'gateway'), 'cost'));
  if (usd === undefined) return;
  translation[ATTR.USAGE_COST_AMOUNT] = usd;
  translation[ATTR.USAGE_COST_SOURCE] = 'provider';
}

const readUsdText = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d+(\.\d+)?(e-\d+)?$/.test(value) ? Number(value) : readCount(value);

/** Until version 5: what the usage leaves out, where the provider's metadata or the provider itself says so. */
function readPlainUsage(translation: Translation, metadata: unknown): void {
  const openai = readField(metadata, 'openai');
  const cached = readCount(readField(openai, 'cachedPromptTokens'));
  if (cached !== undefined) translation[ATTR.USAGE_CACHE_READ_INPUT_TOKENS] ??= cached;
  const reasoning = readCount(readField(openai, 'reasoningTokens'));
  if (reasoning !== undefined) translation[ATTR.USAGE_REASONING_OUTPUT_TOKENS] ??= reasoning;
  const bedrock = readField(readField(metadata, 'bedrock'), 'usage');
  if (String(translation[ATTR.PROVIDER_NAME]).includes('bedrock') && readCache(bedrock) !== undefined) {
    translation[ATTR.PROVIDER_NAME] = PROVIDER.AWS_BEDROCK;
    addCache(translation, readCache(bedrock));
  }
  // Of version 4: the metadata holds what stands beside the input, and no usage.
  const anthropic = readField(metadata, 'anthropic');
  if (readField(anthropic, 'usage') === undefined) addCache(translation, readCache(anthropic));
}

/** Tokens that were read from a cache and written to one. */
interface Cache {
  readonly read: number;
  readonly write: number;
}

function readCache(usage: unknown): Cache | undefined {
  const read = readCount(readField(usage, 'cacheReadInputTokens'));
  const write = readCount(
    readField(usage, 'cacheWriteInputTokens') ?? readField(usage, 'cacheCreationInputTokens'),
  );
  return read === undefined && write === undefined ? undefined : { read: read ?? 0, write: write ?? 0 };
}

/** Of usage whose input leaves the cache out. */
function addCache(translation: Translation, cache: Cache | undefined): void {
  if (cache === undefined) return;
  const input = readCount(translation[ATTR.USAGE_INPUT_TOKENS]) ?? 0;
  translation[ATTR.USAGE_INPUT_TOKENS] = input + cache.read + cache.write;
  translation[ATTR.USAGE_CACHE_READ_INPUT_TOKENS] = cache.read;
  translation[ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS] = cache.write;
}

/** Some providers count thoughts beside the output: their total says so. */
function includeReasoning(translation: Translation, totalTokens: number | undefined): void {
  const input = readCount(translation[ATTR.USAGE_INPUT_TOKENS]) ?? 0;
  const output = readCount(translation[ATTR.USAGE_OUTPUT_TOKENS]) ?? 0;
  const reasoning = readCount(translation[ATTR.USAGE_REASONING_OUTPUT_TOKENS]) ?? 0;
  if (reasoning > 0 && totalTokens === input + output + reasoning)
    translation[ATTR.USAGE_OUTPUT_TOKENS] = output + reasoning;
}
