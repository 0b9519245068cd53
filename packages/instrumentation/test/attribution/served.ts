import http, { type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { expect } from 'vitest';

/** A response of a test server. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Serves on a free port of the loopback for the time of `use`. */
export async function serve<T>(server: Server, use: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    if (server instanceof http.Server) server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** A plain HTTP server for the time of `use`. */
export const servePlain = <T>(listener: RequestListener, use: (port: number) => Promise<T>): Promise<T> =>
  serve(http.createServer(listener), use);

/** One request; `POST` when there is a body. */
export function ask(
  port: number,
  path: string,
  options: { body?: string; agent?: http.Agent } = {},
): Promise<Answer> {
  const { body, agent } = options;
  return new Promise((done, fail) => {
    const read = (response: IncomingMessage): void => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => done({ status: response.statusCode ?? 0, body: text }));
      response.on('error', fail);
    };
    const method = body === undefined ? 'GET' : 'POST';
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    http.request({ host: '127.0.0.1', port, path, method, headers, agent }, read).on('error', fail).end(body);
  });
}

/** Waits until something holds; the end of a response is seen a moment after its last byte. */
export async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { interval: 5 }).toBe(true);
}
