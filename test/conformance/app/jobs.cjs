'use strict';
// Work that goes on at the provider: `node jobs.cjs <package>` orders it and asks for it until it is done.

const { describe, sleep } = require('./observe.cjs');

const { OpenAI } = require(process.argv[2]);
const client = new OpenAI({
  apiKey: 'canary-key',
  baseURL: `${process.env.CONFORMANCE_ORIGIN}/v1`,
  maxRetries: 0,
});

async function main() {
  const video = await client.videos.create({
    model: 'sora-2',
    prompt: 'canary-prompt: a moon',
    seconds: '8',
  });
  const seen = [video];
  for (let polls = 0; polls < 3; polls += 1) seen.push(await client.videos.retrieve(video.id));
  const job = await client.fineTuning.jobs.create({
    model: 'gpt-4o-mini-2024-07-18',
    training_file: 'file-1',
  });
  seen.push(
    job,
    await client.fineTuning.jobs.retrieve(job.id),
    await client.fineTuning.jobs.retrieve(job.id),
  );
  const run = await client.evals.runs.create('eval_1', {
    data_source: { type: 'jsonl', source: { type: 'file_id', id: 'file-2' } },
  });
  for (let polls = 0; polls < 2; polls += 1)
    seen.push(await client.evals.runs.retrieve(run.id, { eval_id: 'eval_1' }));
  console.log(JSON.stringify({ scenario: 'jobs', observed: describe(seen) }));
  await sleep(250);
  process.exit(0);
}

void main();
