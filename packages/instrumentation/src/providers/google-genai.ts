import type { MethodsProvider, StainlessProvider } from '../provider.js';
import { batches, batchesRetrieve } from './google/batches.js';
import {
  countTokens,
  embedContents,
  generateContent,
  generateContentStream,
  readGenaiBaseUrl,
} from './google/genai.js';
import { interactions, interactionsPost, interactionsRetrieve } from './google/interactions.js';
import { imageEndpoints, videoEndpoints, videoRetrievals } from './google/media.js';
import { genaiInteractionsModule, genaiModule } from './google/module.js';

/** The `@google/genai` package, for the Gemini API and for Vertex AI. */
export const googleGenai: MethodsProvider = {
  name: '@google/genai',
  module: genaiModule,
  client: {
    style: 'methods',
    readBaseUrl: readGenaiBaseUrl,
    attempts: [
      { className: 'ApiClient', method: 'apiCall', fetchArgument: 5 },
      { className: 'HTTPClient', method: 'request' },
    ],
  },
  endpoints: [
    generateContent,
    generateContentStream,
    ...embedContents,
    countTokens,
    ...imageEndpoints,
    ...videoEndpoints,
    ...videoRetrievals,
    interactions,
    interactionsRetrieve,
    ...batches,
    batchesRetrieve,
  ],
};

/** The interactions of its first major. */
export const googleGenaiInteractions: StainlessProvider = {
  name: '@google/genai',
  module: genaiInteractionsModule,
  client: { style: 'stainless' },
  endpoints: [interactionsPost],
};
