import type { MethodsProvider } from '../provider.js';
import { readFernUrl } from './fern.js';
import { voyageEndpoints } from './voyage/endpoints.js';
import { voyageModule } from './voyage/module.js';

/** The `voyageai` package. */
export const voyage: MethodsProvider = {
  name: 'voyage',
  module: voyageModule,
  client: {
    style: 'methods',
    readBaseUrl: (instance) => readFernUrl(instance, 'https://api.voyageai.com/v1'),
  },
  endpoints: voyageEndpoints,
};
