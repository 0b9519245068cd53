'use strict';
// Talks to providers over WebSockets, without an SDK.

const WebSocketOfWs = require('ws');
const { port } = require('./hosts.cjs');

const REALTIME = '/v1/realtime?model=gpt-realtime-mini';
const BIDI = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=canary-key';
const at = (host, path) => `ws://${host}:${port}${path}`;

const hear = (socket) =>
  new Promise((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => resolve(String(data)));
    socket.addEventListener('error', () => reject(new Error('the connection was not opened')));
  }).finally(() => socket.close());

async function byHand() {
  console.log(await hear(new WebSocketOfWs(at('api.openai.com', REALTIME))));
  console.log(await hear(new WebSocket(at('generativelanguage.googleapis.com', BIDI))));
  console.log(await hear(new WebSocketOfWs(at('api.deepgram.com', '/v1/listen?model=nova-3'))));
  console.log(await hear(new WebSocket(at('api.openai.com', '/v1/else'))));
  console.log(await hear(new WebSocketOfWs(at('example.com', REALTIME))));
}

byHand().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
