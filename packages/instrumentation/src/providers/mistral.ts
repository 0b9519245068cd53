import type { MethodsProvider } from '../provider.js';
import { mistralEndpoints } from './mistral/endpoints.js';
import { mistralModule } from './mistral/module.js';

/** The `@mistralai/mistralai` package. */
export const mistral: MethodsProvider = {
  name: 'mistral',
  module: mistralModule,
  client: {
    style: 'methods',
    readBaseUrl(instance) {
      const { _baseURL } = instance as { _baseURL?: unknown };
      return _baseURL instanceof URL ? _baseURL.href : undefined;
    },
  },
  endpoints: mistralEndpoints,
};
