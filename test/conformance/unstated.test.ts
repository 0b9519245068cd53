/** Work that is billed although no answer says what it used: each is a call without a price, and one warning of its kind. */
import type { Reply } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

/** Enough of each answer for its SDK. */
const ANSWER = {
  id: 'id-1',
  job_id: 'job-1',
  name: 'projects/1/locations/us-central1/tuningJobs/1',
  status: 'queued',
  state: 'JOB_STATE_PENDING',
  type: 'dream',
  analysis: 'Alpha.',
  answer: 'yes',
  data: [],
  results: [],
  purpose: 'realtime',
  expires_at: '2030-01-01T00:00:00Z',
  client_secret: { value: 'canary', expires_at: '2030-01-01T00:00:00Z' },
};

const reply = ({ path }: { path: string }): Reply => ({
  kind: 'bytes',
  // Mistral's SDK takes no other.
  status: path.endsWith('/client/sessions') ? 201 : 200,
  headers: { 'content-type': 'application/json' },
  chunks: [JSON.stringify(ANSWER)],
});

const FEATURES = [
  'openai-session',
  'openai-events',
  'openai-grader',
  'openai-realtime',
  'openai-live',
  'openai-chatkit',
  'openai-telephone',
  'openai-live-telephone',
  'openai-listened',
  'anthropic-events',
  'anthropic-dream',
  'together-tuning',
  'perplexity-search',
  'writer-question',
  'cohere-embed-job',
  'cohere-parse',
  'google-tuning',
  'google-token',
  'mistral-session',
  'mistral-judge',
];

/** Its connections tell what it used. */
const UNSTATED = FEATURES.filter((feature) => feature !== 'openai-listened');

it('counts each as one unpriced call, warns once of each kind, and changes nothing for the application', async () => {
  const [bare, recorded] = await Promise.all(
    [false, true].map((hasPreload) => runProgram('unstated.mjs', [], { hasPreload, script: reply })),
  );
  expect([...(bare?.transcript.keys() ?? [])]).toEqual(FEATURES);
  expect(recorded?.transcript).toEqual(bare?.transcript);
  expect(recorded?.exitCode).toBe(0);
  const rows = recorded?.spans.map(({ attributes }) => [
    attributes['costspan.feature'],
    attributes['costspan.cost.status'],
    attributes['costspan.cost.reason'],
    attributes['gen_ai.usage.cost.amount'],
  ]);
  expect(rows?.sort()).toEqual(
    UNSTATED.map((feature) => [feature, 'unpriced', 'results_elsewhere', undefined]).sort(),
  );
  const told = [
    ...(recorded?.stderr ?? '').matchAll(
      /COSTSPAN_UNPRICED\] CostspanWarning: costspan cannot price (.+?):/g,
    ),
  ];
  // OpenAI's sessions are begun and spoken to, and so are Anthropic's: one kind each. So are those of browsers, and
  // telephone calls.
  expect(new Set(told.map(([, what]) => what)).size).toBe(UNSTATED.length - 5);
  expect(told).toHaveLength(UNSTATED.length - 5);
});
