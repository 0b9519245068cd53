'use strict';
// An application with two copies of one SDK, as node_modules have them: `node two-copies.cjs <package> <package>`.

const [, , ...packageNames] = process.argv;

async function main() {
  for (const name of packageNames) {
    const { OpenAI } = require(name);
    const scenario = `chat.completions/${name}`;
    const client = new OpenAI({
      apiKey: 'canary-key',
      baseURL: `${process.env.CONFORMANCE_ORIGIN}/v1`,
      defaultHeaders: { 'x-scenario': scenario },
    });
    const messages = [{ role: 'user', content: 'hello' }];
    const { id } = await client.chat.completions.create({ model: scenario, messages });
    process.stdout.write(`${JSON.stringify({ scenario, id })}\n`);
  }
}

main();
