import type { ModuleGate } from '../../module-gate.js';

/** The `@cerebras/cerebras_cloud_sdk` package. */
export const cerebrasModule: ModuleGate = {
  package: '@cerebras/cerebras_cloud_sdk',
  versions: { from: '1.6.0', below: '2.0.0' },
  files: ['client', 'index'],
  exportName: 'Cerebras',
  signature: ['https://api.cerebras.ai', 'X-Stainless-Lang'],
};
