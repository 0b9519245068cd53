import type { ModuleGate } from '../../module-gate.js';

/** The `voyageai` package. From 0.2 on its client extends the generated one, which sends. */
export const voyageModule: ModuleGate = {
  package: 'voyageai',
  versions: { from: '0.0.3', below: '0.5.0' },
  files: ['Client', 'dist/cjs/Client', 'dist/esm/Client'],
  exportName: 'VoyageAIClient',
  signature: ['https://api.voyageai.com/v1', 'X-Fern-SDK-Name'],
};
