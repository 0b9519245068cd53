import type { ModalityTokens, Usage } from '@costspan/pricing';
import type { PriceMode, UsageStatus } from '@costspan/semconv';
import type { CallResult } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readText,
  sumCounts,
} from '../fields.js';

/**
 * Normalised usage of a `usageMetadata`. The prompt holds what the cache gave; thoughts are not in the candidates, and
 * what tools put into the prompt is not in the prompt. `undefined` when it holds no count.
 */
export function readGoogleUsage(metadata: Fields): Usage | undefined {
  const prompt = readCount(metadata.promptTokenCount);
  const candidates = readCount(metadata.candidatesTokenCount ?? metadata.responseTokenCount);
  const thoughts = readCount(metadata.thoughtsTokenCount);
  // Google leaves out what is 0: where the total is there, nothing more was put out.
  const isCounted = prompt !== undefined && readCount(metadata.totalTokenCount) !== undefined;
  return omitEmpty<Usage>({
    inputTokens: sumCounts(prompt, readCount(metadata.toolUsePromptTokenCount)),
    contextInputTokens: readCount(metadata.initialPromptTokenCount),
    cacheReadInputTokens: readCount(metadata.cachedContentTokenCount),
    outputTokens: sumCounts(candidates, thoughts) ?? (isCounted ? 0 : undefined),
    reasoningOutputTokens: thoughts,
    input: readModalities(
      metadata.promptTokensDetails ?? metadata.promptTokenDetails,
      metadata.toolUsePromptTokensDetails,
    ),
    cacheRead: readModalities(metadata.cacheTokensDetails),
    output: readModalities(metadata.candidatesTokensDetails ?? metadata.responseTokensDetails),
  });
}

/** A document is read as images of its pages and billed as text. */
const MODALITIES: Readonly<Record<string, keyof ModalityTokens>> = {
  MODALITY_UNSPECIFIED: 'text',
  TEXT: 'text',
  DOCUMENT: 'text',
  IMAGE: 'image',
  AUDIO: 'audio',
  VIDEO: 'video',
};

/** Sums of lists of `{modality, tokenCount}` (`{modality, tokens}` in interactions). */
export function readModalities(...lists: readonly unknown[]): ModalityTokens | undefined {
  const sums: Partial<Record<keyof ModalityTokens, number>> = {};
  for (const item of lists.flatMap(readItems)) {
    const fields = readFields(item);
    const modality = MODALITIES[(readText(fields.modality) ?? '').toUpperCase()];
    const count = readCount(fields.tokenCount ?? fields.tokens);
    if (modality !== undefined && count !== undefined) sums[modality] = (sums[modality] ?? 0) + count;
  }
  return omitEmpty<ModalityTokens>({
    text: sums.text,
    image: sums.image,
    audio: sums.audio,
    video: sums.video,
  });
}

/** `complete` only when all input and all output is known and nothing more can come. */
export function readStatus(usage: Usage | undefined, isFinished: boolean): UsageStatus {
  if (usage === undefined) return 'missing';
  return isFinished && usage.inputTokens !== undefined && usage.outputTokens !== undefined
    ? 'complete'
    : 'partial';
}

const TRAFFIC_MODES: Readonly<Record<string, PriceMode>> = {
  ON_DEMAND: 'standard',
  ON_DEMAND_PRIORITY: 'priority',
  ON_DEMAND_FLEX: 'flex',
  PROVISIONED_THROUGHPUT: 'provisioned',
};
const TIER_MODES: Readonly<Record<string, PriceMode>> = {
  standard: 'standard',
  flex: 'flex',
  priority: 'priority',
  batch: 'batch',
};

/** Vertex states the kind of traffic, the Gemini API the tier that was used. */
export function readMode(
  trafficType: unknown,
  serviceTier: unknown,
): Pick<CallResult, 'mode' | 'estimatedReason'> {
  const traffic = readText(trafficType)?.replace('TRAFFIC_TYPE_UNSPECIFIED', '');
  const tier = readText(serviceTier)?.toLowerCase().replace('service_tier_', '').replace('unspecified', '');
  const stated = traffic || tier;
  const mode = TRAFFIC_MODES[traffic ?? ''] ?? TIER_MODES[tier ?? ''];
  return omitUndefined<Pick<CallResult, 'mode' | 'estimatedReason'>>({
    mode,
    estimatedReason: stated && mode === undefined ? 'unknown_tier' : undefined,
  });
}
