import type { ModuleGate } from '../../provider.js';

/** Each resource of the client is a class in a file of its own; major 2 is an ES module only. */
const FILES = ['chat', 'fim', 'agents', 'embeddings', 'ocr', 'transcriptions'];

/** The `@mistralai/mistralai` package. */
export const mistralModule: ModuleGate = {
  package: '@mistralai/mistralai',
  versions: { from: '1.10.0', below: '3.0.0' },
  files: [...FILES.map((file) => `sdk/${file}`), ...FILES.map((file) => `esm/sdk/${file}`)],
  exportName: ['Chat', 'Fim', 'Agents', 'Embeddings', 'Ocr', 'Transcriptions'],
  signature: ['https://api.mistral.ai', 'speakeasy-sdk/typescript'],
};
