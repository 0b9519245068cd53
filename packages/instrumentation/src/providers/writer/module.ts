import type { ModuleGate } from '../../module-gate.js';

/** The `writer-sdk` package. */
export const writerModule: ModuleGate = {
  package: 'writer-sdk',
  versions: { from: '2.3.2', below: '3.0.0' },
  files: ['client', 'index'],
  exportName: 'Writer',
  signature: ['https://api.writer.com', 'X-Stainless-Lang'],
};
