import type { MethodsProvider } from '../provider.js';
import { readFields, readText } from './fields.js';
import { generativeAiModule, vertexaiModule } from './google/module.js';
import { olderEmbeddings, olderEndpoints } from './google/older.js';

/** The `@google/generative-ai` package: Gemini API. */
export const generativeAi: MethodsProvider = {
  name: '@google/generative-ai',
  module: generativeAiModule,
  client: {
    style: 'methods',
    readBaseUrl: (instance) =>
      readText(readFields(readFields(instance)._requestOptions).baseUrl) ??
      'https://generativelanguage.googleapis.com',
    readSignal: ([, options]) => readFields(options).signal,
  },
  endpoints: [
    ...olderEndpoints({ isVertex: false, models: ['GenerativeModel'], sessions: ['ChatSession'] }),
    ...olderEmbeddings,
  ],
};

/** The `@google-cloud/vertexai` package. */
export const vertexai: MethodsProvider = {
  name: '@google-cloud/vertexai',
  module: vertexaiModule,
  client: {
    style: 'methods',
    readBaseUrl: (instance) => {
      const { apiEndpoint, location } = readFields(instance);
      const region = readText(location);
      const host = region === undefined || region === 'global' ? 'aiplatform' : `${region}-aiplatform`;
      return `https://${readText(apiEndpoint) ?? `${host}.googleapis.com`}`;
    },
  },
  endpoints: olderEndpoints({
    isVertex: true,
    models: ['GenerativeModel', 'GenerativeModelPreview'],
    sessions: ['ChatSession', 'ChatSessionPreview'],
  }),
};
