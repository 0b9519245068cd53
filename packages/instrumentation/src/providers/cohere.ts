import type { MethodsProvider } from '../provider.js';
import { cohereEndpoints } from './cohere/endpoints.js';
import { cohereModule } from './cohere/module.js';
import { fernClient } from './fern.js';

/** The `cohere-ai` package, versions 1 and 2 of the API. */
export const cohere: MethodsProvider = {
  name: 'cohere',
  module: cohereModule,
  client: fernClient('https://api.cohere.com'),
  endpoints: cohereEndpoints,
};
