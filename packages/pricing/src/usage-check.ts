import type { ModalityTokens, Usage } from './usage.js';

/** Whether counts are whole, not negative, and no part is larger than its whole. Nested usage is not looked at. */
export function isValidUsage(usage: Usage): boolean {
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = usage;
  const cached = (cacheReadInputTokens ?? 0) + (cacheWriteInputTokens ?? 0);
  return (
    isCount(inputTokens) &&
    isCount(outputTokens) &&
    isCount(cacheReadInputTokens) &&
    isCount(cacheWriteInputTokens) &&
    isCount(usage.reasoningOutputTokens) &&
    isCount(usage.contextInputTokens) &&
    (inputTokens === undefined || cached <= inputTokens) &&
    isWithin(usage.reasoningOutputTokens, outputTokens) &&
    areCounts(usage.cacheWriteByTtl, cacheWriteInputTokens) &&
    areCounts(usage.input, inputTokens) &&
    areCounts(usage.output, outputTokens) &&
    areCounts(usage.cacheRead, cacheReadInputTokens) &&
    isModalityWithin(usage.cacheRead, usage.input) &&
    areCounts(usage.toolRequests, undefined) &&
    areCounts(usage.units, undefined)
  );
}

function isCount(count: number | undefined): boolean {
  return count === undefined || (Number.isSafeInteger(count) && count >= 0);
}

function isWithin(part: number | undefined, whole: number | undefined): boolean {
  return part === undefined || whole === undefined || part <= whole;
}

/** Each a count, and together not more than the whole where that is known. A loop: this runs on every call. */
function areCounts(split: object | undefined, whole: number | undefined): boolean {
  if (split === undefined) return true;
  const parts = split as Readonly<Record<string, number | undefined>>;
  let sum = 0;
  for (const name in parts) {
    const count = parts[name];
    if (!isCount(count)) return false;
    sum += count ?? 0;
  }
  return isWithin(sum, whole);
}

function isModalityWithin(part: ModalityTokens | undefined, whole: ModalityTokens | undefined): boolean {
  if (part === undefined || whole === undefined) return true;
  return (
    isWithin(part.text, whole.text) &&
    isWithin(part.image, whole.image) &&
    isWithin(part.audio, whole.audio) &&
    isWithin(part.video, whole.video)
  );
}
