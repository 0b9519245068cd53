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
    // From major 7 on the SDK tells which of the application's functions a call is made for.
    featureChannel: {
      name: 'ai:telemetry',
      readFeature: (message) => readFields(readFields(message).event).functionId,
    },
  },
  endpoints: modelEndpoints(own),
});
