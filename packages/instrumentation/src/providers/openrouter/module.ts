import type { ModuleGate } from '../../module-gate.js';

const FILES = [
  'chat',
  'responses',
  'betaresponses',
  'embeddings',
  'rerank',
  'images',
  'stt',
  'tts',
  'videogeneration',
  'decisions',
  'systemone',
  'interns',
];

/**
 * The `@openrouter/sdk` package, an ES module only. Before 0.13.7 it dropped what a chat had cost before anybody saw
 * it; the calls of such a version are recorded from what passes by, where the cost still stands.
 */
export const openrouterModule: ModuleGate = {
  package: '@openrouter/sdk',
  versions: { from: '0.13.7', below: '2.0.0' },
  files: [...FILES.map((file) => `esm/sdk/${file}`), 'esm/lib/http'],
  exportName: [
    'Chat',
    'Responses',
    'BetaResponses',
    'Embeddings',
    'Rerank',
    'Images',
    'STT',
    'Stt',
    'TTS',
    'Tts',
    'VideoGeneration',
    'Decisions',
    'SystemOne',
    'Interns',
    'HTTPClient',
  ],
  signature: ['https://openrouter.ai/api/v1', 'speakeasy-sdk/typescript'],
};
