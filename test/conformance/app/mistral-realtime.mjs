// An application that has speech written down as it comes: `node mistral-realtime.mjs` talks to the server at
// CONFORMANCE_ORIGIN, first to the end of a transcription, then until the connection breaks.

import { createRequire } from 'node:module';
import { RealtimeTranscription } from 'mistral-2/extra/realtime';

const { describe, sleep } = createRequire(import.meta.url)('./observe.cjs');
const client = new RealtimeTranscription({ apiKey: 'canary-key', serverURL: process.env.CONFORMANCE_ORIGIN });

async function* speak() {
  yield new Uint8Array([1, 2, 3, 4]);
}

for (const model of ['voxtral-mini-transcribe-realtime-2602', 'broken']) {
  const seen = [];
  for await (const event of client.transcribeStream(speak(), model)) seen.push(describe(event));
  console.log(JSON.stringify({ scenario: model, observed: seen }));
}
await sleep(250);
process.exit(0);
