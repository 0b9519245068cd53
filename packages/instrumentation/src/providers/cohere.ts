import type { MethodsProvider } from '../provider.js';
import { cohereEndpoints, readCohereUrl } from './cohere/endpoints.js';
import { cohereModule } from './cohere/module.js';

/** The `cohere-ai` package, versions 1 and 2 of the API. */
export const cohere: MethodsProvider = {
  name: 'cohere',
  module: cohereModule,
  client: { style: 'methods', readBaseUrl: readCohereUrl },
  endpoints: cohereEndpoints,
};
