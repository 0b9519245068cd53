import type { Usage } from '@costspan/pricing';
import { type Fields, omitEmpty, readCount, readFields, readNumber, readText, sumCounts } from '../fields.js';

/**
 * The counts as the AI SDK states them, in the shape of each of its majors: 4 (`promptTokens`), 5 (`inputTokens`), 6
 * and 7 (`inputTokens.total`). All of them say the whole input, cached tokens included, but 4 and 5 with Anthropic, whose
 * answers are read by its own reader. `undefined` when there is no count.
 */
export function readNormalisedUsage(value: unknown, metadata: Fields): Usage | undefined {
  const usage = readFields(value);
  const input = readFields(usage.inputTokens);
  const output = readFields(usage.outputTokens);
  return omitEmpty<Usage>({
    inputTokens: readCount(input.total) ?? readCount(usage.inputTokens) ?? readCount(usage.promptTokens),
    cacheReadInputTokens: readCount(input.cacheRead) ?? readCount(usage.cachedInputTokens),
    cacheWriteInputTokens: readCount(input.cacheWrite),
    outputTokens:
      readCount(output.total) ?? readCount(usage.outputTokens) ?? readCount(usage.completionTokens),
    reasoningOutputTokens: readCount(output.reasoning) ?? readCount(usage.reasoningTokens),
    providerCostUsd: readReportedCost(metadata),
  });
}

/** What Vercel's gateway says that it charged, USD as text, or Perplexity for embeddings. */
function readReportedCost(metadata: Fields): number | undefined {
  const perplexity = readFields(readFields(metadata.perplexity).cost);
  const cost =
    readFields(metadata.gateway).cost ?? (perplexity.currency === 'USD' ? perplexity.totalCost : undefined);
  const text = readText(cost);
  const usd = text === undefined ? readNumber(cost) : Number(text);
  return usd !== undefined && usd >= 0 ? usd : undefined;
}

/**
 * The provider's own usage object, which says more than the normalised counts: times to live, tiers, iterations, cost.
 * From major 6 on it stands in the usage, before that in the metadata of some providers.
 */
export function readRawUsage(value: unknown, metadata: Fields): Fields | undefined {
  const { raw } = readFields(value);
  const candidates = [
    raw,
    readFields(metadata.anthropic).usage,
    readFields(metadata.google).usageMetadata,
    readFields(metadata.vertex).usageMetadata,
    readFields(metadata.openrouter).usage,
  ];
  const found = candidates.map(readFields).find((fields) => Object.keys(fields).length > 0);
  return found ?? readAnthropicUsage(readFields(value), readFields(metadata.anthropic));
}

/** Major 4 keeps Anthropic's cached tokens out of the count and tells them in the metadata. */
function readAnthropicUsage(usage: Fields, anthropic: Fields): Fields | undefined {
  const written = readCount(anthropic.cacheCreationInputTokens);
  const read = readCount(anthropic.cacheReadInputTokens);
  if (sumCounts(written, read) === undefined) return undefined;
  return {
    input_tokens: readCount(usage.promptTokens) ?? readCount(usage.inputTokens),
    output_tokens: readCount(usage.completionTokens) ?? readCount(usage.outputTokens),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
  };
}
