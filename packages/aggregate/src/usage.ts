import type { ModalityTokens, Usage } from '@costspan/pricing';
import { ATTR, BILLED_UNITS, billedUnitsAttribute } from '@costspan/semconv';
import { readNumber, readText } from './attribute.js';
import type { TokenPartition } from './records.js';

type Attributes = Readonly<Record<string, unknown>>;
const TOOL_REQUESTS = /^costspan\.usage\.([\w-]+)\.requests$/;

const readCount = (attributes: Attributes, name: string): number | undefined => {
  const value = readNumber(attributes[name]);
  return value === undefined ? undefined : Math.floor(value);
};

/** The tokens of a span as a partition: parts that are contained in a total are taken out of it, never below 0. */
export function readTokens(attributes: Attributes): TokenPartition | undefined {
  const input = readCount(attributes, ATTR.USAGE_INPUT_TOKENS);
  const output = readCount(attributes, ATTR.USAGE_OUTPUT_TOKENS);
  const cacheRead = readCount(attributes, ATTR.USAGE_CACHE_READ_INPUT_TOKENS);
  const cacheWrite = readCount(attributes, ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS);
  const reasoning = readCount(attributes, ATTR.USAGE_REASONING_OUTPUT_TOKENS);
  if ([input, output, cacheRead, cacheWrite, reasoning].every((count) => count === undefined))
    return undefined;
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
  const oneHour = readSentCount(attributes, ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS);
  const toolRequests = readToolRequests(attributes);
  const usage = withoutUndefined({
    inputTokens: readSentCount(attributes, ATTR.USAGE_INPUT_TOKENS),
    cacheReadInputTokens: readSentCount(attributes, ATTR.USAGE_CACHE_READ_INPUT_TOKENS),
    cacheWriteInputTokens: readSentCount(attributes, ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS),
    cacheWriteByTtl: oneHour === undefined ? undefined : { '1h': oneHour },
    outputTokens: readSentCount(attributes, ATTR.USAGE_OUTPUT_TOKENS),
    reasoningOutputTokens: readSentCount(attributes, ATTR.USAGE_REASONING_OUTPUT_TOKENS),
    input: readModalities(attributes, [
      ATTR.USAGE_TEXT_INPUT_TOKENS,
      ATTR.USAGE_IMAGE_INPUT_TOKENS,
      ATTR.USAGE_AUDIO_INPUT_TOKENS,
      ATTR.USAGE_VIDEO_INPUT_TOKENS,
    ]),
    output: readModalities(attributes, [
      ATTR.USAGE_TEXT_OUTPUT_TOKENS,
      ATTR.USAGE_IMAGE_OUTPUT_TOKENS,
      ATTR.USAGE_AUDIO_OUTPUT_TOKENS,
      ATTR.USAGE_VIDEO_OUTPUT_TOKENS,
    ]),
    contextInputTokens: readSentCount(attributes, ATTR.USAGE_CONTEXT_INPUT_TOKENS),
    toolRequests,
    units: readUnits(attributes),
    unitVariant: readText(attributes[ATTR.USAGE_UNIT_VARIANT]),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

function readModalities(
  attributes: Attributes,
  [text, image, audio, video]: readonly [string, string, string, string],
): ModalityTokens | undefined {
  const tokens = withoutUndefined({
    text: readSentCount(attributes, text),
    image: readSentCount(attributes, image),
    audio: readSentCount(attributes, audio),
    video: readSentCount(attributes, video),
  });
  return Object.keys(tokens).length === 0 ? undefined : tokens;
}

function readUnits(attributes: Attributes): Usage['units'] {
  const units = BILLED_UNITS.flatMap((unit) => {
    const quantity = readSentCount(attributes, billedUnitsAttribute(unit));
    return quantity === undefined ? [] : [[unit, quantity] as const];
  });
  return units.length === 0 ? undefined : Object.fromEntries(units);
}

function readToolRequests(attributes: Attributes): Record<string, number> | undefined {
  const requests: [string, number][] = [];
  for (const name of Object.keys(attributes)) {
    const tool = TOOL_REQUESTS.exec(name)?.[1];
    const count = tool === undefined ? undefined : readSentCount(attributes, name);
    if (tool !== undefined && count !== undefined) requests.push([tool, count]);
  }
  return requests.length === 0 ? undefined : Object.fromEntries(requests);
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** `exactOptionalPropertyTypes`: absent, not undefined. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
