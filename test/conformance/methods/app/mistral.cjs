'use strict';
// What an application does with the @mistralai/mistralai package.

const { Readable } = require('node:stream');
const { text } = require('node:stream/consumers');
const { attempt } = require('../../app/observe.cjs');
const { abort } = require('./scenarios.cjs');

const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const request = { model: 'mistral-large-2512', messages, maxTokens: 64 };

module.exports = {
  createClient: ({ Mistral }, serverURL) =>
    new Mistral({ apiKey: 'canary-key', serverURL, retryConfig: { strategy: 'none' } }),
  endpoints: {
    'chat.complete': {
      call: (client, { signal }) => client.chat.complete(request, { signal }),
      stream: (client, { signal }) => client.chat.stream(request, { signal }),
      takesSignal: true,
      abort,
      last: 3,
      cuts: 4,
      scenarios: {
        'refused-by-the-sdk': (t) => attempt(() => t.call()),
        'retried-503': async (t) => {
          const retries = {
            strategy: 'backoff',
            backoff: { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 2_000 },
          };
          return (await t.client.chat.complete(request, { retries, retryCodes: ['5XX'] })).id;
        },
      },
    },
    'agents.complete': {
      call: (client) => client.agents.complete({ agentId: 'agent-1', messages }),
      stream: (client) => client.agents.stream({ agentId: 'agent-1', messages }),
      last: 3,
      cuts: 4,
    },
    'conversations.start': {
      call: (client) => client.beta.conversations.start({ model: 'mistral-large-2512', inputs: messages }),
      // The options of `fetch` are another way to give it.
      stream: (client, { signal }) =>
        client.beta.conversations.startStream(
          { model: 'mistral-large-2512', inputs: messages },
          { fetchOptions: { signal } },
        ),
      abort,
      last: 3,
      cuts: 3,
      scenarios: {
        appended: async (t) => {
          const { conversationId } = await t.client.beta.conversations.append({
            conversationId: 'conversation-1',
            conversationAppendRequest: { inputs: messages },
          });
          return conversationId;
        },
      },
    },
    'classifiers.moderate': {
      call: (client) =>
        client.classifiers.moderate({ model: 'mistral-moderation-2411', inputs: ['canary-prompt'] }),
    },
    'audio.transcriptions.complete': {
      call: (client) =>
        client.audio.transcriptions.complete({
          model: 'voxtral-mini-2602',
          file: { fileName: 'canary.wav', content: new Uint8Array([1, 2, 3]) },
        }),
      stream: (client) =>
        client.audio.transcriptions.stream({
          model: 'voxtral-mini-2602',
          file: { fileName: 'canary.wav', content: new Uint8Array([1, 2, 3]) },
        }),
      last: 2,
      cuts: 2,
    },
    'audio.speech.complete': {
      call: (client) =>
        client.audio.speech.complete({ model: 'voxtral-mini-tts-2603', input: 'canary-prompt' }),
      stream: (client, { signal }) =>
        client.audio.speech.complete(
          { model: 'voxtral-mini-tts-2603', input: 'canary-prompt', stream: true },
          { signal },
        ),
      abort,
      last: 2,
      cuts: 2,
    },
    'batch.jobs': {
      scenarios: {
        'downloaded-twice': async (t) => {
          const { jobs } = t.client.batch;
          const { id } = await jobs.create({
            inputFiles: ['file-0'],
            model: 'mistral-large-2512',
            endpoint: '/v1/chat/completions',
          });
          const { outputFile } = await jobs.get({ jobId: id });
          const readFile = async () => {
            const parts = [];
            for await (const part of await t.client.files.download({ fileId: outputFile })) parts.push(part);
            return Buffer.concat(parts).toString();
          };
          return [await readFile(), await readFile()];
        },
        'downloaded-otherwise': async (t) => {
          const open = (fileId) => t.client.files.download({ fileId });
          const response = new Response(await open('file-4'));
          return [
            await new Response(await open('file-2')).text(),
            await text(Readable.fromWeb(await open('file-3'))),
            ...(await Promise.all([response.clone(), response].map((one) => one.text()))),
          ];
        },
      },
    },
    'fineTuning.jobs': {
      call: (client) =>
        client.fineTuning.jobs.create({
          model: 'ministral-8b-2410',
          trainingFiles: [{ fileId: 'file-1' }],
          hyperparameters: { trainingSteps: 10 },
        }),
    },
    'fim.complete': {
      stream: (client) =>
        client.fim.stream({ model: 'codestral-2508', prompt: 'canary-prompt: the moon is' }),
      last: 3,
      cuts: 4,
      call: (client) =>
        client.fim.complete({ model: 'codestral-2508', prompt: 'canary-prompt: the moon is' }),
    },
    'embeddings.create': {
      call: (client) => client.embeddings.create({ model: 'mistral-embed', inputs: ['canary-prompt: moon'] }),
    },
    'ocr.process': {
      call: (client) =>
        client.ocr.process({
          model: 'mistral-ocr-2512',
          document: { type: 'document_url', documentUrl: 'https://example.com/canary.pdf' },
        }),
    },
  },
};
