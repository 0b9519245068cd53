'use strict';
// An application whose client changes what is sent, after `create` was called: `node changed-request.cjs <package>`.

const { OpenAI } = require(process.argv[2]);

class ChangingClient extends OpenAI {
  request(options, ...rest) {
    const change = ({ body, ...others }) => ({ ...others, body: { ...body, model: 'changed' } });
    return super.request(Promise.resolve(options).then(change), ...rest);
  }
}

const options = {
  apiKey: 'canary-key',
  baseURL: `${process.env.CONFORMANCE_ORIGIN}/v1`,
  maxRetries: 0,
  defaultHeaders: { 'x-scenario': 'chat.completions/plain' },
};
const body = { model: 'asked', messages: [{ role: 'user', content: 'hello' }] };

async function main() {
  await new ChangingClient(options).chat.completions.create(body);
  await new OpenAI(options).chat.completions.create(body);
  await new OpenAI(options).post('/chat/completions', Promise.resolve({ body }));
}

main();
