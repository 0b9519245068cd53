import type { CacheTtl, Usage } from '@costspan/pricing';
import type { UsageStatus } from '@costspan/semconv';
import { type Fields, omitEmpty, readCount, readFields, readItems, sumCounts } from '../fields.js';

/** Converse and Nova: input that came from or went into the cache is not in `inputTokens`. */
export function readConverseUsage(usage: Fields): Usage | undefined {
  const cacheRead = readCount(usage.cacheReadInputTokens ?? usage.cacheReadInputTokenCount);
  const cacheWrite = readCount(usage.cacheWriteInputTokens ?? usage.cacheWriteInputTokenCount);
  const uncached = readCount(usage.inputTokens);
  return omitEmpty<Usage>({
    inputTokens: uncached === undefined ? undefined : sumCounts(uncached, cacheRead, cacheWrite),
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
    cacheWriteByTtl: readCacheDetails(usage.cacheDetails),
    outputTokens: readCount(usage.outputTokens),
  });
}

const TTLS: readonly CacheTtl[] = ['5m', '1h'];

function readCacheDetails(details: unknown): Usage['cacheWriteByTtl'] {
  const sums: Partial<Record<CacheTtl, number>> = {};
  for (const detail of readItems(details)) {
    const { ttl, inputTokens } = readFields(detail);
    const known = TTLS.find((name) => name === ttl);
    const count = readCount(inputTokens);
    if (known !== undefined && count !== undefined) sums[known] = (sums[known] ?? 0) + count;
  }
  return Object.keys(sums).length > 0 ? sums : undefined;
}

/** What the service counted itself, at the end of a stream. */
export const readMetrics = (metrics: Fields): Usage | undefined =>
  readConverseUsage({
    inputTokens: metrics.inputTokenCount,
    outputTokens: metrics.outputTokenCount,
    cacheReadInputTokens: metrics.cacheReadInputTokenCount,
    cacheWriteInputTokens: metrics.cacheWriteInputTokenCount,
  });

/** The same in the headers of a whole answer, where numbers are text. */
export function readHeaderUsage(header: (name: string) => unknown): Usage | undefined {
  const count = (name: string): number | undefined => {
    const text = header(`x-amzn-bedrock-${name}-token-count`);
    return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  return readConverseUsage({
    inputTokens: count('input'),
    outputTokens: count('output'),
    cacheReadInputTokens: count('cache-read-input'),
    cacheWriteInputTokens: count('cache-write-input'),
  });
}

/** `complete` only when all input and all output is known. */
export function readStatus(usage: Usage | undefined): UsageStatus {
  if (usage === undefined) return 'missing';
  const isKnown = usage.inputTokens !== undefined && usage.outputTokens !== undefined;
  return isKnown || usage.units !== undefined ? 'complete' : 'partial';
}
