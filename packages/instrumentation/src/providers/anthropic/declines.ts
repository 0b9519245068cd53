import type { CallResult } from '../../provider.js';
import { type Fields, omitUndefined, readCount, readFields, readText } from '../fields.js';

/**
 * Categories whose refusals are billed though nothing had been put out before. Those of any other, and of none, are not;
 * what had been put out is always billed. As Anthropic says of its own API in September 2026, and that it may change.
 */
const BILLED_CATEGORIES: ReadonlySet<unknown> = new Set(['bio', 'frontier_llm', 'reasoning_extraction']);

/** The model that a block says has declined before another took over, where that is billed whatever came of it. */
export function readBilledDecline(block: unknown): string | undefined {
  const { type, from, trigger } = readFields(block);
  if (type !== 'fallback' || !BILLED_CATEGORIES.has(readFields(trigger).category)) return undefined;
  return readText(readFields(from).model);
}

/** What is billed of an answer that the model refused: before it put anything out, only what others did for it. */
export function readUnbilled(
  { usage }: CallResult,
  { stopDetails }: { readonly stopDetails: Fields },
): Pick<CallResult, 'billedUsage' | 'estimatedReason'> {
  if (BILLED_CATEGORIES.has(stopDetails.category) || readCount(usage?.outputTokens) !== 0) return {};
  const billedUsage = omitUndefined({ inputTokens: 0, outputTokens: 0, nested: usage?.nested });
  return { billedUsage, estimatedReason: 'unbilled_refusal' };
}
