/** Where every variant's exporter sends: an OTLP/HTTP receiver that counts the inference spans of JSON bodies. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface CountingSink {
  readonly endpoint: string;
  /** Spans since the last call of it. */
  takeCount(): number;
  close(): void;
}

/** Listens on a free loopback port, in the runner's process: its CPU is nobody's measured CPU. */
export async function startCountingSink(): Promise<CountingSink> {
  let count = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const bytes = Buffer.concat(parts);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      if (request.url === '/v1/traces') count += body.toString('latin1').split('"spanId"').length - 1;
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeCount: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
