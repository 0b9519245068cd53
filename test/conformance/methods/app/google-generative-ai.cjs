'use strict';
// What an application does with the older @google/generative-ai package.

const { describe, drain } = require('../../app/observe.cjs');

const prompt = 'canary-prompt: how far is the moon?';
const generation = { model: 'gemini-2.5-flash', generationConfig: { maxOutputTokens: 64 } };
const embedding = { model: 'gemini-embedding-001' };

/** Both the stream and the promise of the whole, and the promise alone. */
const streams = (open) => ({
  'stream-and-promise': async (t) => {
    const { stream, response } = await open(t.client);
    const read = await drain(stream);
    return { read, text: (await response).text?.() ?? describe(await response) };
  },
  'stream-promise-alone': async (t) => describe(await (await open(t.client)).response),
});
/** The promise of the whole rejects as well as the stream: nobody takes it here. */
const stopped = /^stream-(?:whole|break|throw-in-loop|return|status-429)$/;

module.exports = {
  createClient: (sdk, baseUrl) => {
    const client = new sdk.GoogleGenerativeAI('canary-key');
    return {
      model: client.getGenerativeModel(generation, { baseUrl }),
      embedder: client.getGenerativeModel(embedding, { baseUrl }),
    };
  },
  endpoints: {
    generateContent: {
      call: ({ model }) => model.generateContent(prompt),
      stream: async ({ model }) => (await model.generateContentStream(prompt)).stream,
      only: stopped,
      scenarios: streams(({ model }) => model.generateContentStream(prompt)),
    },
    sendMessage: {
      call: ({ model }) => model.startChat().sendMessage(prompt),
      stream: async ({ model }) => (await model.startChat().sendMessageStream(prompt)).stream,
      only: stopped,
      scenarios: streams(({ model }) => model.startChat().sendMessageStream(prompt)),
    },
    countTokens: { call: ({ model }) => model.countTokens(prompt) },
    embedContent: { call: ({ embedder }) => embedder.embedContent(prompt) },
  },
};
