import type { MethodsProvider } from '../provider.js';
import { openrouterEndpoints } from './openrouter/endpoints.js';
import { openrouterModule } from './openrouter/module.js';
import { SPEAKEASY } from './speakeasy.js';

/** The `@openrouter/sdk` package: what its answers say a call has cost is what is billed. */
export const openrouter: MethodsProvider = {
  name: 'openrouter',
  module: openrouterModule,
  client: SPEAKEASY,
  endpoints: openrouterEndpoints,
};
