import type { CacheTtl, NestedUsage, Usage } from '@costspan/pricing';
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

/** Names of the tools whose blocks are counted because the usage has no field for them. */
const CODE_EXECUTION_TOOLS: ReadonlySet<unknown> = new Set([
  'code_execution',
  'bash_code_execution',
  'text_editor_code_execution',
]);

/** Who worked on an answer. */
export interface Models {
  /** Whom the answer is by. */
  readonly served: string | undefined;
  readonly requested?: string | undefined;
  /** Those whose attempts are billed though they put nothing out. */
  readonly billedDeclines?: readonly string[];
}

/**
 * Normalised usage of an Anthropic usage object. Its `input_tokens` are the uncached ones only: the conventions
 * want the sum of uncached, read and written. `undefined` when it holds no count.
 */
export function readUsage(usage: Fields, models: Models): Usage | undefined {
  return omitEmpty<Usage>({
    ...readTokens(usage),
    reasoningOutputTokens: readCount(readFields(usage.output_tokens_details).thinking_tokens),
    toolRequests: readToolRequests(usage),
    nested: readNested(usage, models),
  });
}

type TokenUsage = Pick<
  Usage,
  'inputTokens' | 'cacheReadInputTokens' | 'cacheWriteInputTokens' | 'cacheWriteByTtl' | 'outputTokens'
>;

function readTokens(usage: Fields): TokenUsage {
  const cacheRead = readCount(usage.cache_read_input_tokens);
  const split = readFields(usage.cache_creation);
  const ttl = omitEmpty<Partial<Record<CacheTtl, number>>>({
    '5m': readCount(split.ephemeral_5m_input_tokens),
    '1h': readCount(split.ephemeral_1h_input_tokens),
  });
  const cacheWrite = readCount(usage.cache_creation_input_tokens) ?? sumCounts(ttl?.['5m'], ttl?.['1h']);
  const uncached = readCount(usage.input_tokens);
  return omitUndefined<TokenUsage>({
    inputTokens: uncached === undefined ? undefined : sumCounts(uncached, cacheRead, cacheWrite),
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
    cacheWriteByTtl: ttl,
    outputTokens: readCount(usage.output_tokens),
  });
}

function readToolRequests(usage: Fields): Record<string, number> | undefined {
  const tools = readFields(usage.server_tool_use);
  return omitEmpty<Record<string, number>>({
    web_search: readCount(tools.web_search_requests),
    web_fetch: readCount(tools.web_fetch_requests),
  });
}

/** Iterations that the totals do not contain, with the models that they are billed by. */
function readNested(usage: Fields, models: Models): NestedUsage[] | undefined {
  const nested: NestedUsage[] = [];
  const isFallback = readFallbackModel(usage) !== undefined;
  for (const item of readItems(usage.iterations)) {
    const iteration = readFields(item);
    const model = readNestedModel(iteration, models, isFallback);
    if (model !== undefined) nested.push({ model, usage: readTokens(iteration) });
  }
  return nested.length > 0 ? nested : undefined;
}

/**
 * Compactions are by the answer's model, advisors by their own. Where a fallback served, the totals are its own alone: an
 * attempt that another model broke off is billed beside them, unless it declined before it put anything out.
 */
function readNestedModel(iteration: Fields, models: Models, isFallback: boolean): string | undefined {
  const own = readText(iteration.model);
  if (iteration.type === 'compaction') return own ?? models.served;
  if (iteration.type === 'advisor_message') return own;
  if (iteration.type !== 'message' || !isFallback) return undefined;
  const model = own ?? models.requested;
  if (model === undefined || model === models.served) return undefined;
  const isBilled = readCount(iteration.output_tokens) !== 0 || models.billedDeclines?.includes(model);
  return isBilled === true ? model : undefined;
}

/** `complete` only when all input and all output is known. */
export function readUsageStatus(usage: Usage | undefined): UsageStatus {
  if (usage?.inputTokens !== undefined && usage.outputTokens !== undefined) return 'complete';
  return usage === undefined ? 'missing' : 'partial';
}

/** Number of code executions among content blocks: billed by container time, which no response states. */
export function isCodeExecution(block: unknown): boolean {
  const fields = readFields(block);
  return fields.type === 'server_tool_use' && CODE_EXECUTION_TOOLS.has(fields.name);
}

/** Adds the counted code executions. */
export function addCodeExecutions(usage: Usage | undefined, count: number): Usage | undefined {
  if (usage === undefined || count === 0) return usage;
  return { ...usage, toolRequests: { ...usage.toolRequests, code_execution: count } };
}

const TIER_MODES: Readonly<Record<string, PriceMode>> = {
  standard: 'standard',
  priority: 'priority',
  batch: 'batch',
};

/** What in a usage object selects the rate: speed, tier, region, and credits that cannot be worked out here. */
export function readRate(usage: Fields): Pick<CallResult, 'mode' | 'region' | 'estimatedReason'> {
  const tier = readText(usage.service_tier);
  const isKnown = tier === undefined || Object.hasOwn(TIER_MODES, tier);
  const geo = readText(usage.inference_geo);
  const credit = readFields(readFields(usage.fallback_credit).status).type;
  return omitUndefined<Pick<CallResult, 'mode' | 'region' | 'estimatedReason'>>({
    mode: usage.speed === 'fast' ? 'fast' : tier === undefined ? undefined : TIER_MODES[tier],
    region: geo === 'not_available' ? undefined : geo,
    // A redeemed credit reprices the cache of an earlier call; a refused one leaves the list price.
    estimatedReason:
      credit !== undefined && credit !== 'not_applied'
        ? 'fallback_credit'
        : isKnown
          ? undefined
          : 'unknown_tier',
  });
}

/** The model that served the answer when a fallback did: the totals are its own, billed at its rate. */
export function readFallbackModel(usage: Fields): string | undefined {
  for (const item of readItems(usage.iterations)) {
    const iteration = readFields(item);
    if (iteration.type === 'fallback_message') return readText(iteration.model);
  }
  return undefined;
}

/** A later usage object over an earlier one: counters are cumulative, so every value that is not `null` replaces. */
export function mergeUsage(earlier: Fields, later: Fields): Fields {
  const merged: Record<string, unknown> = { ...earlier };
  for (const key in later) {
    const value = later[key];
    if (value !== null && value !== undefined) merged[key] = value;
  }
  return merged;
}
