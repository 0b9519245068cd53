'use strict';
// What an application does with Anthropic's clients for AWS, Google Cloud and Azure: each its own package, on a copy
// of Anthropic's own SDK.

const canary = 'canary-key';

const clients = {
  AnthropicBedrock: (AnthropicBedrock, baseURL) =>
    new AnthropicBedrock({
      baseURL,
      awsRegion: 'us-east-1',
      awsAccessKey: canary,
      awsSecretKey: canary,
      maxRetries: 0,
    }),
  AnthropicVertex: (AnthropicVertex, baseURL) =>
    new AnthropicVertex({
      baseURL,
      region: 'us-east5',
      projectId: 'example-project',
      authClient: { getRequestHeaders: async () => new Headers({ authorization: `Bearer ${canary}` }) },
      maxRetries: 0,
    }),
  AnthropicFoundry: (AnthropicFoundry, baseURL) =>
    new AnthropicFoundry({ baseURL, apiKey: canary, maxRetries: 0 }),
};

const models = { AnthropicBedrock: 'global.anthropic.claude-haiku-4-5-20251001-v1:0' };
const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const nameOf = (sdk) => Object.keys(clients).find((name) => name in sdk);
const request = (sdk) => ({ model: models[nameOf(sdk)] ?? 'claude-haiku-4-5', max_tokens: 64, messages });
const options = ({ signal }) => (signal === undefined ? undefined : { signal });

module.exports = {
  createClient: (sdk, baseUrl) => clients[nameOf(sdk)](sdk[nameOf(sdk)], baseUrl),
  endpoints: {
    messages: {
      call: (client, given, sdk) => client.messages.create(request(sdk), options(given)),
      stream: (client, given, sdk) =>
        client.messages.create({ ...request(sdk), stream: true }, options(given)),
      takesSignal: true,
      last: 4,
      cuts: 4,
      abort: (stream) => stream.controller.abort(),
    },
  },
};
