import type { EventsProvider, MethodsProvider, StainlessProvider } from '../provider.js';
import { readFields, readText } from './fields.js';
import { batches, batchesRetrieve, filesDownload } from './google/batches.js';
import { cachesCreate, cachesUpdate } from './google/caches.js';
import {
  countTokens,
  embedContents,
  generateContent,
  generateContentStream,
  readGenaiBaseUrl,
} from './google/genai.js';
import {
  interactions,
  interactionsGet,
  interactionsPost,
  interactionsRetrieve,
} from './google/interactions.js';
import { liveMusic, liveTurn } from './google/live.js';
import { imageEndpoints, videoEndpoints, videoRetrievals } from './google/media.js';
import { genaiInteractionsModule, genaiLiveModule, genaiModule } from './google/module.js';
import { unstatedMethods } from './google/unstated.js';
import { readSpeakeasySignal } from './speakeasy.js';

/** The `@google/genai` package, for the Gemini API and for Vertex AI. */
export const googleGenai: MethodsProvider = {
  name: '@google/genai',
  module: genaiModule,
  client: {
    style: 'methods',
    readBaseUrl: readGenaiBaseUrl,
    // Interactions take it as another generator's clients do.
    readSignal: (args) => readFields(readFields(args[0]).config).abortSignal ?? readSpeakeasySignal(args),
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
    filesDownload,
    cachesCreate,
    cachesUpdate,
    ...unstatedMethods,
  ],
};

/** The interactions of its first major. */
export const googleGenaiInteractions: StainlessProvider = {
  name: '@google/genai',
  module: genaiInteractionsModule,
  client: { style: 'stainless' },
  endpoints: [interactionsPost, interactionsGet],
};

/** Its live sessions. Only the model's name is read of what the application sends. */
export const googleGenaiLive: EventsProvider = {
  name: '@google/genai live',
  module: genaiLiveModule,
  client: {
    style: 'events',
    hears: /BidiGenerateContent/,
    method: 'send',
    readEvent: ([text]) =>
      typeof text === 'string' && /^\s*\{\s*"setup"/.test(text) ? JSON.parse(text) : undefined,
    socket: {
      method: 'connect',
      find: (connection) => (connection as { ws?: EventTarget }).ws,
      // A `Blob` comes in browsers only.
      readMessage: (data) =>
        typeof data === 'string' || Buffer.isBuffer(data) ? JSON.parse(String(data)) : undefined,
    },
    // Its query holds the key.
    readBaseUrl: (connection) =>
      readText((connection as { url?: unknown }).url)
        ?.replace(/^ws/, 'http')
        .replace(/\?.*$/, ''),
  },
  endpoints: [liveTurn, liveMusic],
};
