'use strict';
// An application that dies of what it does not catch, in the middle of its calls: `node uncaught.cjs <package> <how>`.

const [, , packageName, how] = process.argv;
const { OpenAI } = require(packageName);
const model = `chat.completions/${how === 'rejection' ? 'status-500-unhandled' : 'plain'}`;
const client = new OpenAI({
  apiKey: 'canary-key',
  baseURL: `${process.env.CONFORMANCE_ORIGIN}/v1`,
  maxRetries: 0,
  defaultHeaders: { 'x-scenario': model },
});

async function main() {
  const call = client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }] });
  // The rejection of a call that nobody awaits is the process's end; costspan must neither catch nor double it.
  if (how === 'rejection') return;
  await call;
  setImmediate(() => {
    throw new RangeError('nobody catches this');
  });
}

main();
