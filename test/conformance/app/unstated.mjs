// Work whose answers do not say what it used: `node unstated.mjs` orders it of each SDK, each under a feature of its own.

import { createRequire } from 'node:module';
import { withFeature } from '@costspan/api';
import { Mistral } from 'mistral-2';
import { Perplexity } from 'perplexity-0';

const require = createRequire(import.meta.url);
const { attempt, describe, settle, sleep } = require('./observe.cjs');
const origin = process.env.CONFORMANCE_ORIGIN;
const stainless = { apiKey: 'canary-key', baseURL: `${origin}/v1`, maxRetries: 0 };

const openai = new (require('openai-7').OpenAI)(stainless);
const anthropic = new (require('anthropic-1').Anthropic)({ ...stainless, baseURL: origin });
const together = new (require('together-0').Together)(stainless);
const perplexity = new Perplexity({ ...stainless, baseURL: origin });
const writer = new (require('writer-2').Writer)({ ...stainless, baseURL: origin });
const { CohereClient, CohereClientV2 } = require('cohere-8');
const cohere = new CohereClient({ token: 'canary-key', environment: origin });
const cohereV2 = new CohereClientV2({ token: 'canary-key', environment: origin });
const { GoogleGenAI } = require('genai-3');
const google = new GoogleGenAI({ vertexai: true, apiKey: 'canary-key', httpOptions: { baseUrl: origin } });
const gemini = new GoogleGenAI({ apiKey: 'canary-key', httpOptions: { baseUrl: origin } });
const mistral = new Mistral({ apiKey: 'canary-key', serverURL: origin, retryConfig: { strategy: 'none' } });

const calls = {
  'openai-session': () =>
    openai.beta.agents.sessions.create({
      agent_id: 'agent_1',
      input: 'canary',
      environment: { type: 'none' },
    }),
  'openai-events': () =>
    openai.beta.agents.sessions.events.create('session_1', { events: [{ type: 'message', text: 'canary' }] }),
  'openai-grader': () =>
    openai.fineTuning.alpha.graders.run({ grader: { type: 'score_model' }, model_sample: 'canary' }),
  'openai-realtime': () =>
    openai.realtime.clientSecrets.create({ session: { type: 'realtime', model: 'gpt-realtime' } }),
  'openai-live': () => openai.post('/live/sessions', { body: { session: { model: 'gpt-live' } } }),
  'openai-chatkit': () => openai.beta.chatkit.sessions.create({ user: 'canary', workflow: { id: 'wf_1' } }),
  'openai-telephone': () =>
    openai.realtime.calls.accept('rtc_1', { type: 'realtime', model: 'gpt-realtime' }),
  'openai-live-telephone': () => openai.post('/live/sessions/live_1/accept', { body: { model: 'gpt-live' } }),
  // Who listens hears what is used.
  'openai-listened': () => {
    require('openai-7/realtime/ws');
    return openai.realtime.calls.accept('rtc_2', { type: 'realtime', model: 'gpt-realtime' });
  },
  'anthropic-events': () =>
    anthropic.beta.sessions.events.send('session_1', {
      events: [{ type: 'user.message', content: 'canary' }],
    }),
  'anthropic-dream': () => anthropic.beta.dreams.create({ model: 'claude-sonnet-5', inputs: [] }),
  'together-tuning': () => together.fineTuning.create({ model: 'model-1', training_file: 'file-1' }),
  'perplexity-search': () => perplexity.search.create({ query: 'canary' }),
  'writer-question': () => writer.graphs.question({ graph_ids: ['graph-1'], question: 'canary' }),
  'cohere-embed-job': () =>
    cohere.embedJobs.create({ model: 'embed-v4.0', datasetId: 'data-1', inputType: 'search_document' }),
  'cohere-parse': () =>
    cohereV2.parse({
      model: 'parse-v5.0',
      document: { type: 'image_url', imageUrl: 'https://example.com/a.png' },
    }),
  'google-tuning': () =>
    google.tunings.tune({
      baseModel: 'gemini-2.5-flash',
      trainingDataset: { gcsUri: 'gs://example/in.jsonl' },
    }),
  'google-token': () =>
    gemini.authTokens.create({ config: { liveConnectConstraints: { model: 'gemini-live-2.5-flash' } } }),
  'mistral-session': () =>
    mistral.realtime.sessions.create({ purpose: 'realtime', model: 'voxtral-mini-transcribe-realtime-2602' }),
  'mistral-judge': () =>
    mistral.beta.observability.judges.judgeConversation({
      judgeId: 'judge-1',
      judgeConversationRequest: { messages: [] },
    }),
};

for (const [feature, call] of Object.entries(calls)) {
  const observed = await withFeature(feature, () => attempt(async () => describe(await call())));
  console.log(settle(JSON.stringify({ scenario: feature, observed })));
}
await sleep(250);
process.exit(0);
