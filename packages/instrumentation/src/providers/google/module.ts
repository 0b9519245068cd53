import type { ModuleGate } from '../../module-gate.js';

/** The `@google/genai` package, Gemini API and Vertex AI. Every build of it is one file. */
export const genaiModule: ModuleGate = {
  package: '@google/genai',
  versions: { from: '1.0.0', below: '4.0.0' },
  files: ['dist/node/index', 'dist/index', 'dist/web/index'],
  exportName: [
    'Models',
    'Batches',
    'Caches',
    'Operations',
    'Tokens',
    'Tunings',
    'FileSearchStores',
    'ApiClient',
    'GeminiNextGenInteractions',
    'HTTPClient',
  ],
};

/** Its sessions, which stay open. */
export const genaiLiveModule: ModuleGate = { ...genaiModule, exportName: 'NodeWebSocket' };

/** Interactions of `@google/genai` 1 go through a client that Stainless made. */
export const genaiInteractionsModule: ModuleGate = {
  package: '@google/genai',
  versions: { from: '1.0.0', below: '2.0.0' },
  files: genaiModule.files,
  exportName: 'BaseGeminiNextGenAPIClient',
};

/** The older `@google/generative-ai` package, Gemini API only. */
export const generativeAiModule: ModuleGate = {
  package: '@google/generative-ai',
  versions: { from: '0.14.0', below: '1.0.0' },
  files: ['dist/index'],
  exportName: ['GenerativeModel', 'ChatSession'],
};

/** The older `@google-cloud/vertexai` package, Vertex AI only. */
export const vertexaiModule: ModuleGate = {
  package: '@google-cloud/vertexai',
  versions: { from: '1.0.0', below: '2.0.0' },
  files: ['build/src/models/generative_models', 'build/src/models/chat_session'],
  exportName: ['GenerativeModel', 'GenerativeModelPreview', 'ChatSession', 'ChatSessionPreview'],
};
