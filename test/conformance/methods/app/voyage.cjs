'use strict';
// What an application does with the voyageai package.

const input = ['canary-prompt: how far is the moon?'];
const options = ({ signal } = {}) => ({ maxRetries: 0, abortSignal: signal });

module.exports = {
  createClient: ({ VoyageAIClient }, environment) =>
    new VoyageAIClient({ apiKey: 'canary-key', environment }),
  endpoints: {
    embed: {
      call: (client, given) =>
        client.embed({ input, model: 'voyage-3.5', outputDimension: 2 }, options(given)),
      takesSignal: true,
    },
    rerank: {
      call: (client) =>
        client.rerank({ query: 'canary-prompt: moon', documents: input, model: 'rerank-2.5' }, options()),
    },
    multimodalEmbed: {
      call: (client) =>
        client.multimodalEmbed(
          { inputs: [{ content: [{ type: 'text', text: input[0] }] }], model: 'voyage-multimodal-3' },
          options(),
        ),
    },
    contextualizedEmbed: {
      call: (client) => client.contextualizedEmbed({ inputs: [input], model: 'voyage-context-3' }, options()),
    },
  },
};
