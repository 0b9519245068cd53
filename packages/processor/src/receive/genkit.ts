import type { SpanView } from '@costspan/aggregate';
import { ATTR, DIALECT_ATTR, OPERATION } from '@costspan/semconv';
import { readProviderUsage, setCounts } from './provider-usage.js';
import { readCount, readField, readJson, type Translation } from './translation.js';

/** What else there is (`generate`, tools, prompts) holds the sum of these, or asks no model. */
const OPERATION_OF_SUBTYPE: Readonly<Record<string, string>> = {
  model: OPERATION.CHAT,
  embedder: OPERATION.EMBEDDINGS,
  flow: OPERATION.INVOKE_WORKFLOW,
};
/** The whole answer as JSON; for Go with the request in it, so that it is as long as the prompt. Characters. */
const MAX_OUTPUT_CHARS = 4_194_304;

/**
 * Spans of Genkit, of JavaScript and Go: usage stands in the answer, which is JSON. For JavaScript the provider's own
 * answer stands beside Genkit's counts, which have no parts.
 */
export function readGenkit(translation: Translation, { attributes }: SpanView): void {
  const operation = OPERATION_OF_SUBTYPE[String(attributes[DIALECT_ATTR.GENKIT_SUBTYPE])];
  const name = attributes[DIALECT_ATTR.GENKIT_NAME];
  if (operation === undefined || typeof name !== 'string') return;
  translation[ATTR.OPERATION_NAME] = operation;
  if (operation === OPERATION.INVOKE_WORKFLOW) {
    translation[ATTR.WORKFLOW_NAME] ??= name;
    return;
  }
  const slash = name.indexOf('/');
  translation[ATTR.PROVIDER_NAME] ??= name.slice(0, Math.max(0, slash));
  translation[ATTR.REQUEST_MODEL] ??= name.slice(slash + 1);
  const output = readJson(attributes[DIALECT_ATTR.GENKIT_OUTPUT], MAX_OUTPUT_CHARS);
  const answer = readField(output, 'raw') ?? readField(output, 'custom');
  readAnswer(translation, answer);
  readUsage(translation, readField(output, 'usage'));
}

/** Of OpenAI or Anthropic; others have other names in it, and Genkit's counts then. */
function readAnswer(translation: Translation, answer: unknown): void {
  const usage = readField(answer, 'usage');
  for (const [name, value] of [
    [ATTR.RESPONSE_ID, readField(answer, 'id')],
    [ATTR.RESPONSE_MODEL, readField(answer, 'model')],
    [ATTR.OPENAI_RESPONSE_SERVICE_TIER, readField(answer, 'service_tier')],
    [DIALECT_ATTR.ANTHROPIC_SERVICE_TIER, readField(usage, 'service_tier')],
  ] as const)
    if (typeof value === 'string') translation[name] ??= value;
  readProviderUsage(translation, usage);
}

/** Thoughts that the total counts beside the output, as Gemini's, are added to it. */
function readUsage(translation: Translation, usage: unknown): void {
  const count = (name: string) => readCount(readField(usage, name));
  const [input, output, thoughts] = [count('inputTokens'), count('outputTokens'), count('thoughtsTokens')];
  const isBeside = count('totalTokens') === (input ?? 0) + (output ?? 0) + (thoughts ?? 0);
  setCounts(translation, {
    [ATTR.USAGE_INPUT_TOKENS]: input,
    [ATTR.USAGE_OUTPUT_TOKENS]: output === undefined || !isBeside ? output : output + (thoughts ?? 0),
    [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: count('cachedContentTokens'),
    [ATTR.USAGE_REASONING_OUTPUT_TOKENS]: thoughts,
  });
}
