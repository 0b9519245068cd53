import type { ModuleGate } from '../../module-gate.js';

/** The `@perplexity-ai/perplexity_ai` package. */
export const perplexityModule: ModuleGate = {
  package: '@perplexity-ai/perplexity_ai',
  versions: { from: '0.11.0', below: '1.0.0' },
  files: ['dist/client', 'client', 'index'],
  exportName: 'Perplexity',
  signature: ['https://api.perplexity.ai', 'PERPLEXITY_API_KEY'],
};
