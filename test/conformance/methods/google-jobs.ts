/** Work of Google that is ordered and asked for: videos, images and batches. */

import type { EndpointPlan, Known, WholeReply } from './family.ts';
import { answer, json, KNOWN, MODEL } from './google-answers.ts';

const OPERATION_NAME = 'models/veo-3.0-generate-001/operations/video-1';
const VIDEO = { gcsUri: 'gs://example/video.mp4', mimeType: 'video/mp4' };
/** Two videos of 4 seconds at 0.40 a second, priced once however often they are asked for. */
export const video = (provider: string, done: { readonly name: string }): EndpointPlan => ({
  provider,
  operation: 'generate_content',
  model: 'veo-3.0-generate-001',
  whole: json({ name: OPERATION_NAME }),
  known: { usageStatus: 'missing', responseId: OPERATION_NAME },
  scenarios: {
    waited: {
      replies: [json({ name: done.name }), json({ name: done.name }), json(done)],
      spans: [
        { known: { usageStatus: 'complete', costUsd: 3.2, responseId: done.name } },
        ...[1, 2, 3].map(() => ({
          known: { usageStatus: 'missing', responseId: done.name } as const,
          isFree: true,
          operation: 'fetch_response',
          hasNoModel: true,
        })),
      ],
    },
  },
});
export const VERTEX_DONE = {
  name: 'models/veo-3.0-generate-001/operations/video-2',
  done: true,
  response: { videos: [VIDEO, VIDEO] },
};
const SAMPLE = { video: { uri: 'https://example.com/video.mp4' } };
export const GEMINI_DONE = {
  name: 'models/veo-3.0-generate-001/operations/video-3',
  done: true,
  response: { generateVideoResponse: { generatedSamples: [SAMPLE, SAMPLE] } },
};

export const images = (provider: string): EndpointPlan => {
  const known: Known = { usageStatus: 'complete', costUsd: 0.08 };
  const made = { mimeType: 'image/png', bytesBase64Encoded: 'AAAA' };
  const whole = json({ predictions: [made, made] });
  return {
    provider,
    operation: 'generate_content',
    model: 'imagen-4.0-generate-001',
    whole,
    known,
    scenarios: { made: { replies: [whole], spans: [{ known }] } },
  };
};

const BATCH_NAME = 'batches/batch-1';
const BATCH = {
  name: BATCH_NAME,
  metadata: { name: BATCH_NAME, model: `models/${MODEL}`, state: 'BATCH_STATE_PENDING' },
};
const BATCH_DONE = {
  name: BATCH_NAME,
  done: true,
  metadata: {
    ...BATCH.metadata,
    state: 'BATCH_STATE_SUCCEEDED',
    output: {
      inlinedResponses: { inlinedResponses: [{ response: answer('One.') }, { response: answer('Two.') }] },
    },
  },
};
const BATCH_IN_FILE = {
  ...BATCH_DONE,
  metadata: {
    ...BATCH.metadata,
    state: 'BATCH_STATE_SUCCEEDED',
    output: { responsesFile: 'files/results-1' },
  },
};
const lines = (...items: readonly object[]): WholeReply => ({
  headers: { 'content-type': 'application/octet-stream' },
  body: items.map((item) => `${JSON.stringify(item)}\n`).join(''),
});
const RESULT_FILE = lines(
  { key: 'one', response: answer('One.') },
  { key: 'two', error: { code: 13, message: 'refused' } },
  { key: 'three', response: answer('Three.') },
);
const RESULT_FILE_OF_ANOTHER = lines({ text: 'one' }, { text: 'two' });
const VERTEX_JOB = {
  name: 'projects/1/locations/us-central1/batchPredictionJobs/7',
  model: `publishers/google/models/${MODEL}`,
  state: 'JOB_STATE_PENDING',
  outputConfig: { predictionsFormat: 'jsonl', gcsDestination: { outputUriPrefix: 'gs://example/out' } },
};
const VERTEX_END = { state: 'JOB_STATE_SUCCEEDED', completionStats: { successfulCount: '2' } };
/** Half the price but for what the cache gave, once however often it is read; of the feature that submitted it. */
const BATCHED: Known = { ...KNOWN, costUsd: (800 * 150_000 + 400 * 30_000 + 80 * 1_250_000) / 1e12 };

export const batches: EndpointPlan = {
  operation: 'generate_content',
  model: MODEL,
  whole: json(BATCH),
  known: { usageStatus: 'missing' },
  scenarios: {
    'submitted-and-read-twice': {
      replies: [json(BATCH), json(BATCH), json(BATCH_DONE)],
      spans: [{ known: BATCHED }, { known: BATCHED }],
    },
    'downloaded-twice': {
      replies: [json(BATCH), json(BATCH_IN_FILE), RESULT_FILE],
      spans: [{ known: BATCHED }, { known: BATCHED }],
    },
    'another-file': { replies: [RESULT_FILE_OF_ANOTHER], spans: [] },
  },
};

/** Vertex writes the results to storage: nothing that the SDK sees ever says what they used. */
export const vertexBatches: EndpointPlan = {
  provider: 'gcp.vertex_ai',
  warns: 'COSTSPAN_UNPRICED',
  operation: 'generate_content',
  model: MODEL,
  whole: json(VERTEX_JOB),
  known: { usageStatus: 'missing' },
  scenarios: {
    'to-storage': {
      replies: [json(VERTEX_JOB), json({ ...VERTEX_JOB, ...VERTEX_END })],
      spans: [{ known: { usageStatus: 'missing' } }],
    },
  },
};
