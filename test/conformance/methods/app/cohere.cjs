'use strict';
// What an application does with the cohere-ai package: version 1 of the API and, on a client of its own, version 2.

const { abort } = require('./scenarios.cjs');

const message = 'canary-prompt: how far is the moon?';
const messages = [{ role: 'user', content: message }];
const model = 'command-a-03-2025';
const once = { maxRetries: 0 };
const options = ({ signal }) => ({ ...once, abortSignal: signal });

module.exports = {
  createClient({ CohereClient, CohereClientV2 }, environment) {
    const options = { token: 'canary-key', environment };
    return { v1: new CohereClient(options), v2: CohereClientV2 && new CohereClientV2(options) };
  },
  endpoints: {
    chat: {
      call: ({ v1 }, given) => v1.chat({ model, message }, options(given)),
      stream: ({ v1 }, given) => v1.chatStream({ model, message }, options(given)),
      takesSignal: true,
      abort,
      last: 4,
      cuts: 4,
    },
    'v2.chat': {
      call: ({ v2 }, given) => v2.chat({ model, messages }, options(given)),
      stream: ({ v2 }, given) => v2.chatStream({ model, messages }, options(given)),
      takesSignal: true,
      abort,
      last: 5,
      cuts: 5,
    },
    embed: {
      call: ({ v1 }) =>
        v1.embed({ model: 'embed-v4.0', texts: ['canary-prompt: moon'], inputType: 'search_query' }, once),
    },
    classify: {
      call: ({ v1 }) =>
        v1.classify(
          {
            model: 'embed-english-v3.0',
            inputs: ['canary-prompt: moon'],
            examples: [{ text: 'moon', label: 'moon' }],
          },
          once,
        ),
    },
    summarize: {
      call: ({ v1 }) => v1.summarize({ model: 'command-a-03-2025', text: 'canary-prompt: moon' }, once),
    },
    rerank: {
      call: ({ v1 }) =>
        v1.rerank({ model: 'rerank-v3.5', query: 'canary-prompt: moon', documents: ['a', 'b'] }, once),
    },
  },
};
