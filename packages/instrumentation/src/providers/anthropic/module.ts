import type { ModuleGate } from '../../module-gate.js';

/** The `@anthropic-ai/sdk` package. */
export const anthropicModule: ModuleGate = {
  package: '@anthropic-ai/sdk',
  versions: { from: '0.20.0', below: '2.0.0' },
  // The class moved from index to client during 0.x.
  files: ['client', 'index'],
  exportName: 'Anthropic',
  signature: ['https://api.anthropic.com', 'X-Stainless-Lang'],
};
