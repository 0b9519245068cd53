import type { Usage } from '@costspan/pricing';
import { ATTR, BILLED_UNITS, billedUnitsAttribute } from '@costspan/semconv';
import type { TokenPartition } from '../records.js';
import { readNumber, readText } from './attribute.js';

type Attributes = Readonly<Record<string, unknown>>;
const TOOL_REQUESTS = /^costspan\.usage\.([\w-]+)\.requests$/;
const REQUESTS = '.requests';

const readCount = (attributes: Attributes, name: string): number | undefined => {
  const value = readNumber(attributes[name]);
  return value === undefined ? undefined : Math.floor(value);
};

/**
 * Tokens of each kind that a call can have, and that all calls can have for which it stands: a thousand times what the
 * largest batches take. Whoever says more miscounts, and one such number would be all that a sum is made of ever after.
 */
export const MAX_CALL_TOKENS = 1e12;

/** Undefined, and `onCut` is told, where there are more than a call can have. */
export function boundTokens(
  tokens: TokenPartition | undefined,
  onCut: (() => void) | undefined,
): TokenPartition | undefined {
  if (tokens === undefined) return undefined;
  const { input, cacheRead, cacheWrite, output, reasoning } = tokens;
  if (Math.max(input, cacheRead, cacheWrite, output, reasoning) <= MAX_CALL_TOKENS) return tokens;
  onCut?.();
  return undefined;
}

/** The tokens of a span as a partition: parts that are contained in a total are taken out of it, never below 0. */
export function readTokens(attributes: Attributes): TokenPartition | undefined {
  const input = readCount(attributes, ATTR.USAGE_INPUT_TOKENS);
  const output = readCount(attributes, ATTR.USAGE_OUTPUT_TOKENS);
  const cacheRead = readCount(attributes, ATTR.USAGE_CACHE_READ_INPUT_TOKENS);
  const cacheWrite = readCount(attributes, ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS);
  const reasoning = readCount(attributes, ATTR.USAGE_REASONING_OUTPUT_TOKENS);
  const isTold = (input ?? output ?? cacheRead ?? cacheWrite ?? reasoning) !== undefined;
  if (!isTold) return undefined;
  return {
    input: Math.max(0, (input ?? 0) - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    cacheRead: cacheRead ?? 0,
    cacheWrite: cacheWrite ?? 0,
    output: Math.max(0, (output ?? 0) - (reasoning ?? 0)),
    reasoning: reasoning ?? 0,
  };
}

/** A count as it was sent, however wrong: pricing refuses with a reason what is no count. Some ints are sent as text. */
function readSentCount(attributes: Attributes, name: string): number | undefined {
  const value = attributes[name];
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The usage of a span as pricing takes it; undefined when it reports none. */
export function readUsage(attributes: Attributes): Usage | undefined {
  const usage: Mutable<Usage> = {};
  for (const [field, name] of COUNTS) {
    const count = readSentCount(attributes, name);
    if (count !== undefined) usage[field] = count;
  }
  const oneHour = readSentCount(attributes, ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS);
  if (oneHour !== undefined) usage.cacheWriteByTtl = { '1h': oneHour };
  const input = readEach(attributes, INPUT_MODALITIES);
  if (input !== undefined) usage.input = input;
  const cacheRead = readEach(attributes, CACHE_READ_MODALITIES);
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  const output = readEach(attributes, OUTPUT_MODALITIES);
  if (output !== undefined) usage.output = output;
  const toolRequests = readToolRequests(attributes);
  if (toolRequests !== undefined) usage.toolRequests = toolRequests;
  const units = readEach(attributes, UNITS);
  if (units !== undefined) usage.units = units;
  const unitVariant = readText(attributes[ATTR.USAGE_UNIT_VARIANT]);
  if (unitVariant !== undefined) usage.unitVariant = unitVariant;
  // Any one of them makes it a usage.
  for (const _ in usage) return usage;
  return undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const COUNTS = [
  ['inputTokens', ATTR.USAGE_INPUT_TOKENS],
  ['cacheReadInputTokens', ATTR.USAGE_CACHE_READ_INPUT_TOKENS],
  ['cacheWriteInputTokens', ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS],
  ['outputTokens', ATTR.USAGE_OUTPUT_TOKENS],
  ['reasoningOutputTokens', ATTR.USAGE_REASONING_OUTPUT_TOKENS],
  ['contextInputTokens', ATTR.USAGE_CONTEXT_INPUT_TOKENS],
] as const;

const INPUT_MODALITIES = [
  ['text', ATTR.USAGE_TEXT_INPUT_TOKENS],
  ['image', ATTR.USAGE_IMAGE_INPUT_TOKENS],
  ['audio', ATTR.USAGE_AUDIO_INPUT_TOKENS],
  ['video', ATTR.USAGE_VIDEO_INPUT_TOKENS],
] as const;

const CACHE_READ_MODALITIES = [
  ['text', ATTR.USAGE_TEXT_CACHE_READ_INPUT_TOKENS],
  ['image', ATTR.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS],
  ['audio', ATTR.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS],
] as const;

const OUTPUT_MODALITIES = [
  ['text', ATTR.USAGE_TEXT_OUTPUT_TOKENS],
  ['image', ATTR.USAGE_IMAGE_OUTPUT_TOKENS],
  ['audio', ATTR.USAGE_AUDIO_OUTPUT_TOKENS],
  ['video', ATTR.USAGE_VIDEO_OUTPUT_TOKENS],
] as const;

const UNITS = BILLED_UNITS.map((unit) => [unit, billedUnitsAttribute(unit)] as const);

/** The counts that the span reports, by their fields; undefined when it reports none of them. */
function readEach<Field extends string>(
  attributes: Attributes,
  names: readonly (readonly [Field, string])[],
): { [Key in Field]?: number } | undefined {
  let counts: { [Key in Field]?: number } | undefined;
  for (const [field, name] of names) {
    const count = readSentCount(attributes, name);
    if (count === undefined) continue;
    counts ??= {};
    counts[field] = count;
  }
  return counts;
}

function readToolRequests(attributes: Attributes): Record<string, number> | undefined {
  let requests: Record<string, number> | undefined;
  for (const name of Object.keys(attributes)) {
    if (!name.endsWith(REQUESTS)) continue;
    const tool = TOOL_REQUESTS.exec(name)?.[1];
    const count = tool === undefined ? undefined : readSentCount(attributes, name);
    if (tool === undefined || count === undefined) continue;
    requests ??= {};
    requests[tool] = count;
  }
  return requests;
}
