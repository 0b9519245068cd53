import type { ModuleGate } from '../../module-gate.js';

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
  'speech',
  // Batches: `jobs` of major 2 is `mistraljobs` of major 1.
  'jobs',
  'mistraljobs',
  'files',
  'judges',
  'records',
  'documents',
  'sessions',
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
    'Speech',
    'Jobs',
    'MistralJobs',
    'Files',
    'Judges',
    'Records',
    'Documents',
    'Sessions',
    'HTTPClient',
  ],
  signature: ['https://api.mistral.ai', 'speakeasy-sdk/typescript'],
};

/** Transcriptions of major 2 over a WebSocket that stays open. */
export const mistralSocketsModule: ModuleGate = {
  ...mistralModule,
  files: ['esm/extra/realtime/connection'],
  exportName: 'RealtimeConnection',
};
