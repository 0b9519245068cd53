/** The answers of SQS to who receives and deletes: two messages in each queue that is asked for. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from './broker.ts';

/** How long who finds nothing waits. */
const EMPTY_MS = 50;

const readMessage = (queue: string, body: string) => ({
  MessageId: `${queue} ${body}`,
  ReceiptHandle: body,
  Body: body,
  MD5OfBody: createHash('md5').update(body).digest('hex'),
});

export async function startSqs(): Promise<Broker> {
  const asked = new Set<string>();
  const server = createServer(async (request, response) => {
    const { QueueUrl: queue } = (await json(request)) as { QueueUrl: string };
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    const isReceiving = String(request.headers['x-amz-target']).endsWith('ReceiveMessage');
    if (isReceiving && !asked.has(queue)) {
      asked.add(queue);
      const messages = ['done', 'fails'].map((body) => readMessage(queue, body));
      response.end(JSON.stringify({ Messages: messages }));
      return;
    }
    if (isReceiving) await sleep(EMPTY_MS);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
