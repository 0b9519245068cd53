import type { ModuleGate } from '../../module-gate.js';

/** The `together-ai` package. */
export const togetherModule: ModuleGate = {
  package: 'together-ai',
  versions: { from: '0.6.0', below: '1.0.0' },
  files: ['client', 'index'],
  exportName: 'Together',
  signature: ['https://api.together.', 'X-Stainless-Lang'],
};
