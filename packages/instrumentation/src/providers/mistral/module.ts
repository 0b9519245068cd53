import type { ModuleGate } from '../../provider.js';

/** Each resource of the client is a class in a file of its own; major 2 is an ES module only. */
const FILES = [
  'chat',
  'fim',
  'agents',
  'embeddings',
  'ocr',
  'transcriptions',
  'classifiers',
  'conversations',
];
/** Runs once for each request. */
const TRANSPORT = 'lib/http';

/** The `@mistralai/mistralai` package. */
export const mistralModule: ModuleGate = {
  package: '@mistralai/mistralai',
  versions: { from: '1.10.0', below: '3.0.0' },
  files: [...FILES.map((file) => `sdk/${file}`), TRANSPORT].flatMap((file) => [file, `esm/${file}`]),
  exportName: [
    'Chat',
    'Fim',
    'Agents',
    'Embeddings',
    'Ocr',
    'Transcriptions',
    'Classifiers',
    'Conversations',
    'HTTPClient',
  ],
  signature: ['https://api.mistral.ai', 'speakeasy-sdk/typescript'],
};
