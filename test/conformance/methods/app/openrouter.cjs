'use strict';
// What an application does with the @openrouter/sdk package.

const { attempt } = require('../../app/observe.cjs');
const { abort } = require('./scenarios.cjs');

const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const chat = { model: 'anthropic/claude-haiku-4.5', messages, maxTokens: 64, temperature: 0.5 };
const answer = { model: 'openai/gpt-5-mini', input: 'canary-prompt: how far is the moon?' };

module.exports = {
  createClient: ({ OpenRouter }, serverURL) =>
    new OpenRouter({ apiKey: 'canary-key', serverURL, retryConfig: { strategy: 'none' } }),
  endpoints: {
    'chat.send': {
      call: (client, { signal } = {}) => client.chat.send({ chatRequest: chat }, { signal }),
      stream: (client, { signal } = {}) =>
        client.chat.send({ chatRequest: { ...chat, stream: true } }, { signal }),
      takesSignal: true,
      abort,
      isReadable: true,
      last: 4,
      cuts: 5,
      scenarios: {
        'refused-by-the-sdk': (t) => attempt(() => t.call()),
        'retried-503': (t) =>
          t.client.chat
            .send(
              { chatRequest: chat },
              {
                retries: {
                  strategy: 'backoff',
                  backoff: { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 2_000 },
                },
              },
            )
            .then(({ id }) => id),
      },
    },
    'responses.send': {
      call: (client) => client.beta.responses.send({ responsesRequest: answer }),
      stream: (client, { signal }) =>
        client.beta.responses.send({ responsesRequest: { ...answer, stream: true } }, { signal }),
      abort,
      isReadable: true,
      last: 3,
      cuts: 2,
    },
    'embeddings.generate': {
      call: (client) =>
        client.embeddings.generate({
          requestBody: { model: 'openai/text-embedding-3-small', input: ['canary-prompt: moon'] },
        }),
    },
    'rerank.rerank': {
      call: (client) =>
        client.rerank.rerank({
          requestBody: { model: 'cohere/rerank-v3.5', query: 'canary-prompt: moon', documents: ['a', 'b'] },
        }),
    },
    'systemOne.create': {
      call: (client) =>
        client.systemOne.create({
          decisionsRequest: {
            model: 'typesafe/jev-1.13',
            state: 'canary-prompt: moon',
            questions: {
              far: { type: 'choice', instructions: 'canary', criteria: { far: 'far', near: 'near' } },
            },
          },
        }),
    },
    'stt.createTranscription': {
      call: (client) =>
        client.stt.createTranscription({
          sttRequest: {
            model: 'openai/whisper-large-v3',
            inputAudio: { data: 'aGk=', format: 'wav' },
          },
        }),
    },
    'images.generate': {
      call: (client) =>
        client.images.generate({
          imageGenerationRequest: { model: 'google/gemini-2.5-flash-image', prompt: 'canary-prompt: moon' },
        }),
    },
    'tts.createSpeech': {
      scenarios: {
        spoken: async (t) => {
          const sound = await t.client.tts.createSpeech({
            speechRequest: { model: 'openai/tts-1', input: 'canary-prompt: moon', voice: 'alloy' },
          });
          return (await new Response(sound).arrayBuffer()).byteLength;
        },
      },
    },
    'videoGeneration.generate': {
      scenarios: {
        'asked-until-done': async (t) => {
          const { id } = await t.client.videoGeneration.generate({
            videoGenerationRequest: { model: 'google/veo-3.1', prompt: 'canary-prompt: moon' },
          });
          const states = [];
          for (let asked = 0; asked < 3; asked += 1)
            states.push((await t.client.videoGeneration.getGeneration({ jobId: id })).status);
          return states;
        },
      },
    },
  },
};
