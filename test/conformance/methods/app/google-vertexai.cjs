'use strict';
// What an application does with the older @google-cloud/vertexai package. It sends to https alone, so its requests
// are turned to the stand-in by the application's own fetch.

const { endpoints } = require('./google-generative-ai.cjs');

const { generateContent, sendMessage } = endpoints;
const realFetch = globalThis.fetch;
let origin = '';
globalThis.fetch = (input, init) => realFetch(String(input).replace(/^https:\/\/[^/]+/, origin), init);

/** A token without a request for it. */
const authClient = { getAccessToken: async () => 'canary-key' };

module.exports = {
  createClient: (sdk, baseUrl) => {
    origin = baseUrl;
    const vertex = new sdk.VertexAI({ project: 'example-project', location: 'global' });
    vertex.googleAuth = authClient;
    const model = vertex.getGenerativeModel({
      model: 'gemini-2.5-flash',
      generationConfig: { maxOutputTokens: 64 },
    });
    model.googleAuth = authClient;
    return { model };
  },
  endpoints: {
    generateContent,
    sendMessage,
    countTokens: {
      call: ({ model }) => model.countTokens({ contents: [{ role: 'user', parts: [{ text: 'canary' }] }] }),
    },
  },
};
