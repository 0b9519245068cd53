import type { ModuleGate } from '../../provider.js';

/** The `cohere-ai` package: a client for each of its API's versions. Before 7.15 it kept some of its ids to itself. */
export const cohereModule: ModuleGate = {
  package: 'cohere-ai',
  versions: { from: '7.15.0', below: '9.0.0' },
  files: ['Client', 'api/resources/v2/client/Client'],
  exportName: ['CohereClient', 'V2Client', 'V2'],
  signature: ['https://api.cohere.com', 'X-Fern-SDK-Name'],
};
