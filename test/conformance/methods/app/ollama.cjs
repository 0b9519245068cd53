'use strict';
// What an application does with the ollama package.

const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];

/** The package stops its streams itself. */
const abort = (stream) => stream.abort();

/** A recorded exchange, asked for again. */
const replay = ({ Ollama }, host, { path, body }) =>
  new Ollama({ host })[path.endsWith('/chat') ? 'chat' : 'generate'](body);

module.exports = {
  replay,
  createClient: ({ Ollama }, host) => new Ollama({ host }),
  endpoints: {
    chat: {
      call: (client) => client.chat({ model: 'llama3', messages, options: { temperature: 0.5 } }),
      stream: (client) => client.chat({ model: 'llama3', messages, stream: true }),
      last: 3,
      cuts: 4,
      abort,
    },
    generate: {
      call: (client) => client.generate({ model: 'llama3', prompt: 'canary-prompt: the moon is' }),
      stream: (client) => client.generate({ model: 'llama3', prompt: 'canary-prompt: the', stream: true }),
      last: 3,
      cuts: 4,
      abort,
    },
    embed: { call: (client) => client.embed({ model: 'llama3', input: ['canary-prompt: moon'] }) },
    embeddings: { call: (client) => client.embeddings({ model: 'llama3', prompt: 'canary-prompt: moon' }) },
    systemone: {
      call: (client) =>
        client.systemone({
          model: 'llama3',
          state: 'canary-prompt: the moon',
          questions: { isFar: { type: 'noul', question: 'canary-prompt: is it far?' } },
        }),
    },
  },
};
