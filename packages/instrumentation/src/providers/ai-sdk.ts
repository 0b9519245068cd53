import type { MethodsProvider } from '../provider.js';
import { modelEndpoints, readModelUrl } from './ai-sdk/endpoints.js';
import type { ModelPackage } from './ai-sdk/packages.js';
import { readFields } from './fields.js';

/** A package of models for the AI SDK: they send for themselves, with `fetch`, through no other SDK. */
export const aiSdk = (own: ModelPackage): MethodsProvider => ({
  name: own.module.package,
  module: own.module,
  client: {
    style: 'methods',
    readBaseUrl: readModelUrl,
    readSignal: ([options]) => readFields(options).abortSignal,
  },
  endpoints: modelEndpoints(own),
});
