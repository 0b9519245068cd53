import type { MethodsProvider } from '../provider.js';
import { fernClient } from './fern.js';
import { voyageEndpoints } from './voyage/endpoints.js';
import { voyageModule } from './voyage/module.js';

/** The `voyageai` package. */
export const voyage: MethodsProvider = {
  name: 'voyage',
  module: voyageModule,
  client: fernClient('https://api.voyageai.com/v1'),
  endpoints: voyageEndpoints,
};
