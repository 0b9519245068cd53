'use strict';
// A voice application on realtime connections: `node realtime.cjs <package> <door>` talks to the server at
// CONFORMANCE_ORIGIN and prints the events that it saw.

const { connect } = require('node:net');
const { describe, sleep } = require('./observe.cjs');

const [, , packageName, door] = process.argv;
const { port } = new URL(process.env.CONFORMANCE_ORIGIN);

async function main() {
  const { OpenAI } = require(packageName);
  const { OpenAIRealtimeWS } = require(`${packageName}/${door}`);
  const client = new OpenAI({ apiKey: 'canary-key', baseURL: 'https://us.api.openai.com/v1' });
  // The connection is the SDK's own; only its last mile goes to the stand-in instead of the provider.
  const options = { createConnection: () => connect(Number(port), '127.0.0.1') };
  const rt = new OpenAIRealtimeWS({ model: 'gpt-realtime-alias', options }, client);
  const seen = [];
  rt.on('event', (event) => seen.push(event.type));
  rt.on('error', (error) => seen.push(`error ${error.message}`));
  const done = new Promise((resolve) => rt.on('response.done', resolve));
  await new Promise((resolve) => rt.socket.once('open', resolve));
  rt.send({ type: 'response.create' });
  const { response } = await done;
  rt.send({ type: 'response.create' });
  await new Promise((resolve) => rt.socket.once('close', resolve));
  console.log(JSON.stringify({ scenario: 'realtime', observed: { seen, response: describe(response) } }));
  await sleep(250);
}

void main();
