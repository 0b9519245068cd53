import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isScrape, METRICS_CONTENT_TYPE } from '@costspan/aggregate';
import { type Address, renderOrigin } from './address.js';
import type { Processor } from './processor.js';

/** A client gets this long for its headers, and for its whole request: slow ones do not hold connections. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 1_000;

/** A server that listens. */
export interface Listening {
  /** `http://HOST:PORT` with the port that was taken. */
  readonly origin: string;
  /** Takes no more requests, lets those under way finish within the time, then cuts them off. */
  close(withinMs: number): Promise<void>;
}

/** Listens at the address; rejects with the error of the system when it cannot. */
export async function listen(address: Address, listener: RequestListener): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: 5_000,
    },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    origin: renderOrigin({ host: address.host, port }),
    close: (withinMs) => closeServer(server, withinMs),
  };
}

function closeServer(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** `/metrics`, `/healthz` (the process lives) and `/readyz` (it takes spans). */
export function createMetricsListener(processor: Processor, isReady: () => boolean): RequestListener {
  return (request, response) => {
    serveMetrics({ processor, isReady }, request, response).catch(() => response.destroy());
  };
}

async function serveMetrics(
  { processor, isReady }: { processor: Processor; isReady: () => boolean },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const path = (request.url ?? '/').split('?', 1)[0];
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET');
    replyText(response, 405, 'this takes GET\n');
  } else if (path === '/metrics') {
    response.setHeader('content-type', METRICS_CONTENT_TYPE);
    replyText(response, 200, await processor.renderMetrics(isScrape(request.headers)));
  } else if (path === '/healthz') replyText(response, 200, 'ok\n');
  else if (path === '/readyz')
    replyText(response, isReady() ? 200 : 503, isReady() ? 'ready\n' : 'closing\n');
  else replyText(response, 404, 'there is /metrics, /healthz and /readyz here\n');
}

function replyText(response: ServerResponse, httpStatus: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.writeHead(httpStatus, { 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
