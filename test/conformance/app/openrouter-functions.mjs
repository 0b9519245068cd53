// An application that calls OpenRouter by the functions of its SDK, and by `callModel`, which sends through them: no
// class of the SDK is in between. The host is the real one; its name leads to the stand-in.

import dns from 'node:dns';
import { createRequire } from 'node:module';
import { withFeature } from '@costspan/api';
import { OpenRouter } from 'openrouter-1';
import { OpenRouterCore } from 'openrouter-1/core';
import { chatSend } from 'openrouter-1/funcs/chatSend.js';

const { describe, sleep } = createRequire(import.meta.url)('./observe.cjs');
const { port } = new URL(process.env.CONFORMANCE_ORIGIN);
const { lookup } = dns;
dns.lookup = (_name, options, done) => lookup('127.0.0.1', options, done);

const options = { apiKey: 'canary-key', serverURL: `http://openrouter.ai:${port}/api/v1` };
const model = 'openai/gpt-5-mini';
const calls = {
  function: async () => {
    const { ok, value } = await chatSend(new OpenRouterCore(options), {
      chatRequest: { model, messages: [{ role: 'user', content: 'canary-prompt' }] },
    });
    return { ok, value: describe(value) };
  },
  'call-model': () => new OpenRouter(options).callModel({ model, input: 'canary-prompt' }).getText(),
};

for (const [feature, call] of Object.entries(calls)) {
  const observed = await withFeature(feature, call);
  console.log(JSON.stringify({ scenario: feature, observed }));
}
await sleep(250);
process.exit(0);
