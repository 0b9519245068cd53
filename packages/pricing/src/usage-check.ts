import type { ModalityTokens, Usage } from './usage.js';

/** The counts that stand for themselves. */
const COUNTS = [
  'inputTokens',
  'outputTokens',
  'cacheReadInputTokens',
  'cacheWriteInputTokens',
  'reasoningOutputTokens',
  'contextInputTokens',
] as const satisfies readonly (keyof Usage)[];

const COUNT_RULE = 'a count is a whole number from 0 to 2^53 - 1';

/**
 * What is wrong with a usage, with its value and the rule that it breaks; undefined when counts are whole, not negative
 * and no part is larger than its whole. Nested usage is not looked at.
 */
export function findUsageProblem(usage: Usage): string | undefined {
  if (!hasCounts(usage)) return describeWrongCount(usage);
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = usage;
  const cached = (cacheReadInputTokens ?? 0) + (cacheWriteInputTokens ?? 0);
  if (!isWithin(cached, inputTokens))
    return `cacheReadInputTokens + cacheWriteInputTokens is ${cached}, inputTokens ${inputTokens}: what is cached is part of the input`;
  if (!isWithin(usage.reasoningOutputTokens, outputTokens))
    return `reasoningOutputTokens is ${usage.reasoningOutputTokens}, outputTokens ${outputTokens}: reasoning is part of the output`;
  return (
    findSplitProblem('cacheWriteByTtl', usage.cacheWriteByTtl, cacheWriteInputTokens) ??
    findSplitProblem('input', usage.input, inputTokens) ??
    findSplitProblem('output', usage.output, outputTokens) ??
    findSplitProblem('cacheRead', usage.cacheRead, cacheReadInputTokens) ??
    findModalityProblem(usage.cacheRead, usage.input) ??
    findSplitProblem('toolRequests', usage.toolRequests, undefined) ??
    findSplitProblem('units', usage.units, undefined)
  );
}

/** Each field by its name: this runs on every call, and a loop over names costs as much as all that follows. */
const hasCounts = (usage: Usage): boolean =>
  isCount(usage.inputTokens) &&
  isCount(usage.outputTokens) &&
  isCount(usage.cacheReadInputTokens) &&
  isCount(usage.cacheWriteInputTokens) &&
  isCount(usage.reasoningOutputTokens) &&
  isCount(usage.contextInputTokens);

function describeWrongCount(usage: Usage): string {
  const wrong = COUNTS.find((name) => !isCount(usage[name])) ?? COUNTS[0];
  return `${wrong} is ${String(usage[wrong])}: ${COUNT_RULE}`;
}

function isCount(count: number | undefined): boolean {
  return count === undefined || (Number.isSafeInteger(count) && count >= 0);
}

function isWithin(part: number | undefined, whole: number | undefined): boolean {
  return part === undefined || whole === undefined || part <= whole;
}

/** Each a count, and together not more than the whole where that is known. A loop: this runs on every call. */
function findSplitProblem(
  name: string,
  split: object | undefined,
  whole: number | undefined,
): string | undefined {
  if (split === undefined) return undefined;
  const parts = split as Readonly<Record<string, number | undefined>>;
  let sum = 0;
  for (const part in parts) {
    const count = parts[part];
    if (!isCount(count)) return `${name}.${part} is ${String(count)}: ${COUNT_RULE}`;
    sum += count ?? 0;
  }
  return isWithin(sum, whole) ? undefined : `${name} adds up to ${sum}, the whole is ${whole}`;
}

function findModalityProblem(
  part: ModalityTokens | undefined,
  whole: ModalityTokens | undefined,
): string | undefined {
  if (part === undefined || whole === undefined) return undefined;
  for (const name of ['text', 'image', 'audio', 'video'] as const) {
    if (!isWithin(part[name], whole[name]))
      return `cacheRead.${name} is ${part[name]}, input.${name} ${whole[name]}: what is cached is part of the input`;
  }
  return undefined;
}
