import type { MethodsProvider } from '../provider.js';
import { mistralEndpoints } from './mistral/endpoints.js';
import { mistralModule } from './mistral/module.js';
import { readSpeakeasyUrl, SPEAKEASY_ATTEMPTS } from './speakeasy.js';

/** The `@mistralai/mistralai` package. */
export const mistral: MethodsProvider = {
  name: 'mistral',
  module: mistralModule,
  client: { style: 'methods', readBaseUrl: readSpeakeasyUrl, attempts: SPEAKEASY_ATTEMPTS },
  endpoints: mistralEndpoints,
};
