import type { ModuleGate } from '../../module-gate.js';

/** The `sambanova` package. */
export const sambanovaModule: ModuleGate = {
  package: 'sambanova',
  versions: { from: '1.3.1', below: '2.0.0' },
  files: ['client', 'index'],
  exportName: 'SambaNova',
  signature: ['https://api.sambanova.ai', 'X-Stainless-Lang'],
};
