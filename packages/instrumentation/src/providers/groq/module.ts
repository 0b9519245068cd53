import type { ModuleGate } from '../../module-gate.js';

/** The `groq-sdk` package. */
export const groqModule: ModuleGate = {
  package: 'groq-sdk',
  versions: { from: '0.3.0', below: '2.0.0' },
  files: ['client', 'index'],
  exportName: 'Groq',
  signature: ['https://api.groq.com', 'X-Stainless-Lang'],
};
