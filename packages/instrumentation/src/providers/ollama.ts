import type { MethodsProvider } from '../provider.js';
import { readFields, readText } from './fields.js';
import { chat, embed, embeddings, generate, systemone } from './ollama/endpoints.js';
import { ollamaModule } from './ollama/module.js';

/** The `ollama` package. Local models have no list price: without `prices.overrides` their calls are unpriced. */
export const ollama: MethodsProvider = {
  name: 'ollama',
  module: ollamaModule,
  client: {
    style: 'methods',
    readBaseUrl: (instance) => readText(readFields((instance as { config?: unknown }).config).host),
  },
  endpoints: [chat, generate, embed, embeddings, systemone],
};
