'use strict';
// An assistant that asks for a tool: `node runs.cjs <package>` runs it once by asking for it, once as a stream.

const { describe, drain, sleep } = require('./observe.cjs');

const { OpenAI } = require(process.argv[2]);
const client = new OpenAI({
  apiKey: 'canary-key',
  baseURL: `${process.env.CONFORMANCE_ORIGIN}/v1`,
  maxRetries: 0,
});
const { runs } = client.beta.threads;
const params = { assistant_id: 'assistant_1', instructions: 'canary-prompt: be brief' };
const outputs = { tool_outputs: [{ tool_call_id: 'call_1', output: 'canary-prompt: sunny' }] };
// Since 5 the thread is named beside the outputs.
const isOld = process.argv[2] === 'openai-4';
const submit = (run, more = {}) =>
  isOld
    ? runs.submitToolOutputs('thread_1', run, { ...outputs, ...more })
    : runs.submitToolOutputs(run, { thread_id: 'thread_1', ...outputs, ...more });
const retrieve = (run) =>
  isOld ? runs.retrieve('thread_1', run) : runs.retrieve(run, { thread_id: 'thread_1' });

async function main() {
  const { id } = await runs.create('thread_1', params);
  const seen = [(await retrieve(id)).status, (await submit(id)).status];
  for (let asked = 0; asked < 2; asked += 1) seen.push(describe(await retrieve(id)));
  seen.push(await drain(await runs.create('thread_1', { ...params, stream: true })));
  seen.push(await drain(await submit('run_2', { stream: true })));
  console.log(JSON.stringify({ scenario: 'runs', observed: seen }));
  await sleep(250);
  process.exit(0);
}

void main();
