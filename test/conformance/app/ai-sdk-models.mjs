// The newest kinds of models of the AI SDK's packages: a conversation of Mistral, an interaction of Google, whole and
// as streams, and an embedding of Perplexity.

import { createRequire } from 'node:module';
import { withFeature } from '@costspan/api';
import { embed, generateText, streamText } from 'ai-7';
import { createGoogle } from 'ai-sdk-google-4';
import { createMistral } from 'ai-sdk-mistral-4';
import { createPerplexity } from 'ai-sdk-perplexity-4';

const { sleep } = createRequire(import.meta.url)('./observe.cjs');
const baseURL = process.env.CONFORMANCE_ORIGIN;
const options = { apiKey: 'canary-key', baseURL };
const conversation = createMistral(options).conversation('mistral-large-2512');
const interaction = createGoogle(options).interactions('gemini-2.5-flash');
const prompt = 'canary-prompt: how far is the moon?';

const read = async (stream) => {
  let text = '';
  for await (const part of stream) text += part;
  return text;
};
const generate = async (model) => {
  const { text, usage } = await generateText({ model, prompt, maxRetries: 0 });
  return { text, usage };
};
const stream = (model) => read(streamText({ model, prompt, maxRetries: 0 }).textStream);
const calls = {
  conversation: () => generate(conversation),
  'conversation-stream': () => stream(conversation),
  interaction: () => generate(interaction),
  'interaction-stream': () => stream(interaction),
  embedding: async () => {
    const model = createPerplexity(options).embedding('pplx-embed-v1-0.6b');
    const { embedding, usage } = await embed({ model, value: prompt });
    return { dimensions: embedding.length, usage };
  },
};

for (const [feature, call] of Object.entries(calls)) {
  const observed = await withFeature(feature, call);
  console.log(JSON.stringify({ scenario: feature, observed }));
}
await sleep(250);
process.exit(0);
