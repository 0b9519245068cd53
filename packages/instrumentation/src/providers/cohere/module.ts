import type { ModuleGate } from '../../module-gate.js';

/** The `cohere-ai` package: a client for each of its API's versions. Before 7.15 it kept some of its ids to itself. */
export const cohereModule: ModuleGate = {
  package: 'cohere-ai',
  versions: { from: '7.15.0', below: '9.0.0' },
  files: [
    'Client',
    ...['v2', 'audio/resources/transcriptions', 'batches', 'embedJobs', 'finetuning'].map(
      (resource) => `api/resources/${resource}/client/Client`,
    ),
  ],
  exportName: [
    'CohereClient',
    'V2Client',
    'V2',
    'TranscriptionsClient',
    'BatchesClient',
    'EmbedJobsClient',
    'FinetuningClient',
  ],
  signature: ['https://api.cohere.com', 'X-Fern-SDK-Name'],
};
