'use strict';
// A voice application on live sessions: `node openai-live.cjs <package> <door> <class>` talks to the server at
// CONFORMANCE_ORIGIN until it closes the session, and prints the events that it saw.

const { connect } = require('node:net');
const { describe, sleep } = require('./observe.cjs');

const [, , packageName, door, className] = process.argv;
const { port } = new URL(process.env.CONFORMANCE_ORIGIN);

async function main() {
  const { OpenAI } = require(packageName);
  const { [className]: Connection } = require(`${packageName}/resources/live/${door}`);
  const client = new OpenAI({ apiKey: 'canary-key', baseURL: 'https://api.openai.com/v1' });
  // The connection is the SDK's own; only its last mile goes to the stand-in instead of the provider.
  const options = { createConnection: () => connect(Number(port), '127.0.0.1') };
  const connection =
    className === 'LiveWS'
      ? new Connection(client, options)
      : new Connection(client, { session_id: 'live_1' }, options);
  const seen = [];
  connection.on('event', (event) => seen.push(describe(event)));
  connection.on('error', (error) => seen.push(`error ${error.message}`));
  const closed = new Promise((resolve) => connection.on('close', resolve));
  await closed;
  console.log(JSON.stringify({ scenario: 'live', observed: seen }));
  await sleep(250);
  process.exit(0);
}

void main();
