'use strict';
// Batches that one feature submits and another reads: `node batch-scopes.cjs`.

const { withAttributes, withFeature } = require('@costspan/api');
const { OpenAI } = require('openai-7');
const { Anthropic } = require('anthropic-1');
const { sleep } = require('./observe.cjs');

const origin = process.env.CONFORMANCE_ORIGIN;
const client = (name) => ({
  apiKey: 'canary-key',
  maxRetries: 0,
  defaultHeaders: { 'x-scenario': name },
});

async function main() {
  const openai = new OpenAI({ ...client('batches/batch-read'), baseURL: `${origin}/v1` });
  const anthropic = new Anthropic({ ...client('messages.batches/batch-read'), baseURL: origin });
  const submitted = await withFeature('nightly-digest', () =>
    withAttributes({ tenant: 'acme' }, async () => ({
      openai: await openai.batches.create({
        input_file_id: 'file-input',
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
      anthropic: await anthropic.messages.batches.create({ requests: [] }),
    })),
  );
  await withFeature('collector', async () => {
    const { output_file_id } = await openai.batches.retrieve(submitted.openai.id);
    await (await openai.files.content(output_file_id)).text();
    for await (const _result of await anthropic.messages.batches.results(submitted.anthropic.id));
  });
  await sleep(250);
  process.exit(0);
}

void main();
