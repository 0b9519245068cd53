// Reranking by Together, and a completion of Perplexity that is asked for until it is there: the SDKs named as arguments.

import { createRequire } from 'node:module';

const { describe, sleep } = createRequire(import.meta.url)('./observe.cjs');
const [, , togetherName, perplexityName] = process.argv;
const { Together } = await import(togetherName);
const { Perplexity } = await import(perplexityName);
const options = { apiKey: 'canary-key', maxRetries: 0 };
const together = new Together({ ...options, baseURL: `${process.env.CONFORMANCE_ORIGIN}/v1` });
const perplexity = new Perplexity({ ...options, baseURL: process.env.CONFORMANCE_ORIGIN });

const seen = [
  await together.rerank.create({
    model: 'Salesforce/Llama-Rank-v1',
    query: 'canary-prompt: moon',
    documents: ['canary a', 'canary b'],
  }),
];
const job = await perplexity.async.chat.completions.create({
  request: { model: 'sonar', messages: [{ role: 'user', content: 'canary-prompt' }] },
});
seen.push(job);
for (let polls = 0; polls < 3; polls += 1) seen.push(await perplexity.async.chat.completions.get(job.id));
console.log(JSON.stringify({ scenario: 'compatible-jobs', observed: describe(seen) }));
await sleep(250);
process.exit(0);
