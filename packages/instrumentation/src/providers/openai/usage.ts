import type { CacheTtl, ModalityTokens, Usage } from '@costspan/pricing';
import { PROVIDER } from '@costspan/semconv';
import { type Fields, omitEmpty, omitUndefined, readCount, readFields, readNumber } from '../fields.js';
import { readCostUsd } from './reported-cost.js';

/**
 * Usage of the OpenAI family, from the usage object of a response: `prompt/completion` (chat, completions,
 * embeddings) and `input/output` (responses) alike. `undefined` when it holds no count and no cost.
 *
 * What hosts add is told by the fields themselves and not by the host's name, so that a proxy in front of it
 * changes nothing. One thing no field tells: `provider` is who answered a chat.
 */
export function readUsage(value: unknown, provider?: string): Usage | undefined {
  const usage = addThoughts(readFields(value), provider);
  const inputDetails = readFields(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const outputDetails = readFields(usage.completion_tokens_details ?? usage.output_tokens_details);
  const reasoning = readCount(outputDetails.reasoning_tokens);
  const audioMs = readAudioMs(usage);
  return omitEmpty<Usage>({
    inputTokens: readInput(usage),
    cacheReadInputTokens: readCacheRead(usage, inputDetails),
    cacheWriteInputTokens: readCount(inputDetails.cache_write_tokens),
    cacheWriteByTtl: readCacheWriteByTtl(inputDetails),
    outputTokens: readOutput(usage, reasoning),
    reasoningOutputTokens: reasoning,
    input: readModalities(
      audioMs === undefined ? inputDetails : { ...inputDetails, audio_tokens: undefined },
    ),
    output: readModalities(outputDetails),
    toolRequests: readReportedTools(usage),
    units: omitEmpty<NonNullable<Usage['units']>>({ input_audio_ms: audioMs }),
    providerCostUsd: readCostUsd(usage, provider),
  });
}

/** Whose compatible endpoints name a Gemini model's thoughts in no part: only the total has them. */
const TOTALS_WITH_THOUGHTS: readonly unknown[] = [PROVIDER.GCP_GEMINI, PROVIDER.GCP_VERTEX_AI];

/** Thoughts are output and billed so. Google leaves out what is 0, so an answer that is all thoughts has no output. */
function addThoughts(usage: Fields, provider: string | undefined): Fields {
  if (!TOTALS_WITH_THOUGHTS.includes(provider)) return usage;
  const [total, input] = [readCount(usage.total_tokens), readInput(usage)];
  const details = readFields(usage.completion_tokens_details);
  if (total === undefined || input === undefined || details.reasoning_tokens !== undefined) return usage;
  const output = readCount(usage.completion_tokens) ?? 0;
  const thoughts = Math.max(0, total - input - output);
  return {
    ...usage,
    completion_tokens: output + thoughts,
    completion_tokens_details: { ...details, reasoning_tokens: thoughts || undefined },
  };
}

function readInput(usage: Fields): number | undefined {
  return readCount(usage.prompt_tokens) ?? readCount(usage.input_tokens);
}

/** Mistral bills what a model heard by the second, beside the prompt: its tokens are in none of the sums. */
function readAudioMs(usage: Fields): number | undefined {
  const seconds = readNumber(usage.prompt_audio_seconds);
  return seconds === undefined || seconds <= 0 ? undefined : Math.round(seconds * 1000);
}

/** DeepSeek, Together, Hugging Face and Moonshot have a field of their own, some beside the standard one. */
function readCacheRead(usage: Fields, details: Fields): number | undefined {
  return (
    readCount(details.cached_tokens) ??
    readCount(usage.prompt_cache_hit_tokens) ??
    readCount(usage.cached_tokens) ??
    readCount(usage.num_cached_tokens)
  );
}

function readCacheWriteByTtl(details: Fields): Partial<Record<CacheTtl, number>> | undefined {
  if (details.cache_write_tokens_details === undefined) return undefined;
  const split = readFields(details.cache_write_tokens_details);
  return omitEmpty<Partial<Record<CacheTtl, number>>>({
    '30m': readCount(split.ttl_30m_tokens),
    '12h': readCount(split.ttl_12h_tokens),
  });
}

/**
 * xAI's chat API leaves reasoning out of `completion_tokens`; `total_tokens` shows it: prompt + completion +
 * reasoning. Where reasoning is contained, the total is prompt + completion.
 */
function readOutput(usage: Fields, reasoning: number | undefined): number | undefined {
  const output = readCount(usage.completion_tokens) ?? readCount(usage.output_tokens);
  if (output === undefined || reasoning === undefined || reasoning === 0) return output;
  const sum = (readInput(usage) ?? 0) + output + reasoning;
  return readCount(usage.total_tokens) === sum ? output + reasoning : output;
}

function readModalities(details: Fields): ModalityTokens | undefined {
  return omitEmpty<ModalityTokens>({
    text: readCount(details.text_tokens),
    image: readCount(details.image_tokens),
    audio: readCount(details.audio_tokens),
  });
}

/** Field of our name ← fields of OpenRouter's `server_tool_use_details` and xAI's `server_side_tool_usage_details`. */
const REPORTED_TOOLS: readonly (readonly [string, string])[] = [
  ['web_search', 'web_search_requests'],
  ['web_search', 'web_search_calls'],
  ['x_search', 'x_search_calls'],
  ['code_interpreter', 'code_interpreter_calls'],
  ['file_search', 'file_search_calls'],
];

function readReportedTools(usage: Fields): Record<string, number> | undefined {
  const reported = usage.server_tool_use_details ?? usage.server_side_tool_usage_details;
  if (reported === undefined) return undefined;
  const details = readFields(reported);
  const tools: Record<string, number> = {};
  for (const [tool, field] of REPORTED_TOOLS) {
    const requests = readCount(details[field]);
    if (requests !== undefined) tools[tool] = requests;
  }
  return Object.keys(tools).length > 0 ? tools : undefined;
}

/**
 * Why a usage that came whole still under-reports: its own total is higher than its parts, or it tells of tools that
 * nothing else tells of. `undefined` when the parts add up, when the rest is billed by the second, or when the host
 * reported the cost itself.
 */
export function readUsageGap(value: unknown, usage: Usage): string | undefined {
  if (usage.providerCostUsd !== undefined) return undefined;
  const fields = readFields(value);
  if (hasUnnamedTools(fields, usage)) return 'tool_fees_missing';
  const total = readNumber(fields.total_tokens);
  if (total === undefined || usage.units?.input_audio_ms !== undefined) return undefined;
  return total > (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)
    ? 'usage_total_exceeds_parts'
    : undefined;
}

/** xAI says how many of its tools it used, and before it had tools, of how many sources. */
function hasUnnamedTools({ num_server_side_tools_used, num_sources_used }: Fields, usage: Usage): boolean {
  const named = Object.values(usage.toolRequests ?? {}).reduce((sum, requests) => sum + requests, 0);
  return (readCount(num_server_side_tools_used) ?? 0) > named || (readCount(num_sources_used) ?? 0) > 0;
}

/** Adds tool requests that were counted outside the usage object; what that reports of the same tool wins. */
export function addToolRequests(usage: Usage, counted: Readonly<Record<string, number>>): Usage {
  if (Object.keys(counted).length === 0) return usage;
  return omitUndefined<Usage>({ ...usage, toolRequests: { ...counted, ...usage.toolRequests } });
}
