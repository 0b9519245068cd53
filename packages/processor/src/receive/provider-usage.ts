import { ATTR } from '@costspan/semconv';
import { readCount, readField, type Translation } from './translation.js';

/**
 * Usage as a provider sends it, which some emitters pass on whole: OpenAI's chat and Responses, Anthropic's messages, and
 * what LiteLLM makes of any. What the span tells itself stays.
 */
export function readProviderUsage(translation: Translation, usage: unknown): void {
  const count = (...path: string[]): number | undefined => readCount(path.reduce(readField, usage));
  const cacheRead =
    count('prompt_tokens_details', 'cached_tokens') ??
    count('input_tokens_details', 'cached_tokens') ??
    count('cache_read_input_tokens');
  const cacheWrite = count('cache_creation_input_tokens');
  // Anthropic's input alone leaves out what was cached; LiteLLM's `prompt_tokens` holds it.
  const isPlain = readField(usage, 'input_tokens_details') === undefined;
  const input = count('input_tokens');
  const whole = input === undefined || !isPlain ? input : input + (cacheRead ?? 0) + (cacheWrite ?? 0);
  setCounts(translation, {
    [ATTR.USAGE_INPUT_TOKENS]: count('prompt_tokens') ?? whole,
    [ATTR.USAGE_OUTPUT_TOKENS]: count('completion_tokens') ?? count('output_tokens'),
    [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: cacheRead,
    [ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS]: cacheWrite,
    [ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS]:
      count('cache_creation', 'ephemeral_1h_input_tokens') ??
      count('prompt_tokens_details', 'cache_creation_token_details', 'ephemeral_1h_input_tokens'),
    [ATTR.USAGE_REASONING_OUTPUT_TOKENS]:
      count('completion_tokens_details', 'reasoning_tokens') ??
      count('output_tokens_details', 'reasoning_tokens'),
  });
}

/** Counts that are known, where the span does not tell them itself. */
export function setCounts(
  translation: Translation,
  counts: Readonly<Record<string, number | undefined>>,
): void {
  for (const [name, count] of Object.entries(counts)) if (count !== undefined) translation[name] ??= count;
}
