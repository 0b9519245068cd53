'use strict';
// What an application does with the @mistralai/mistralai package.

const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const request = { model: 'mistral-large-2512', messages, maxTokens: 64 };

module.exports = {
  createClient: ({ Mistral }, serverURL) =>
    new Mistral({ apiKey: 'canary-key', serverURL, retryConfig: { strategy: 'none' } }),
  endpoints: {
    'chat.complete': {
      call: (client) => client.chat.complete(request),
      stream: (client) => client.chat.stream(request),
      cuts: 4,
    },
    'fim.complete': {
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
