/** The figures that the recordings state, read from a span; `null` is what the provider does not report. */
export const FIGURES: Readonly<Record<string, string>> = {
  inputTotal: 'gen_ai.usage.input_tokens',
  outputTotal: 'gen_ai.usage.output_tokens',
  cacheRead: 'gen_ai.usage.cache_read.input_tokens',
  cacheWrite: 'gen_ai.usage.cache_write.input_tokens',
  reasoning: 'gen_ai.usage.reasoning.output_tokens',
};
