/**
 * The shop's support service, an ordinary Express application: nothing in it knows that its calls are measured,
 * except the one route that says what its task is (tickets.ts). Started with the preload in front, see stack/service.ts.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { indexDocuments } from './retrieval.js';

async function start(): Promise<void> {
  await indexDocuments();
  const server = createServer(createApp());
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${port}` }));
  });
  process.once('SIGTERM', () => {
    server.close();
    server.closeIdleConnections();
  });
}

start().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
