import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Server as NetServer, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { acceptsGzip, isScrape, readMetricsFormat } from '@costspan/aggregate';
import type { Tls } from './access/access.js';
import type { Gate } from './access/gate.js';
import { type Address, renderOrigin } from './address.js';
import type { Processor } from './processor.js';
import { readVisitor } from './receive/http.js';
import { RequestError } from './receive/request-error.js';
import { takeTurns } from './turns.js';

/** A client gets this long for its headers, of the time that it has for its request: slow ones do not hold connections. */
const HEADERS_TIMEOUT_MS = 10_000;
export const KEEP_ALIVE_TIMEOUT_MS = 60_000;
/** Of one door. */
export const MAX_CONNECTIONS = 1_000;
/** Connections that are kept free: where fewer are, those with nothing under way make room for who comes. */
const FREE_CONNECTIONS = 100;
/** How soon a slow client is noticed. */
const CHECK_INTERVAL_MS = 1_000;

const timeouts = (requestTimeout: number) => ({
  headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout),
  requestTimeout,
  // Who does not take an answer for as long does not hold a connection either; a slow request is told of that before.
  timeout: requestTimeout + 2 * CHECK_INTERVAL_MS,
});
/** Who does not finish the handshake holds a connection no longer than who does not send headers. */
export const handshake = (requestTimeoutMs: number) => ({
  handshakeTimeout: timeouts(requestTimeoutMs).headersTimeout,
});
const SERVER_OPTIONS = {
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
};

/** A server that listens. */
export interface Listening {
  /** `http://HOST:PORT`, or `https:`, with the port that was taken. */
  readonly origin: string;
  /** New connections use other certificates; absent without TLS. */
  readonly changeTls?: (tls: Tls) => void;
  /** From now on a request may take so long to come. */
  readonly changeTimeout: (requestTimeoutMs: number) => void;
  /** Takes no more requests, lets those under way finish within the time, then cuts them off. */
  close(withinMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly requestTimeoutMs: number;
  readonly tls?: Tls | undefined;
  /** Told of each connection that is cut because its request did not come, or was none, or because there are too many. */
  readonly onCut: (reason: 'timed_out' | 'malformed' | 'too_many_connections') => void;
}

/** Listens at the address; rejects with the error of the system when it cannot. */
export async function listen(
  address: Address,
  listener: RequestListener,
  { requestTimeoutMs, tls, onCut }: ListenOptions,
): Promise<Listening> {
  const server =
    tls === undefined
      ? createServer({ ...SERVER_OPTIONS, ...timeouts(requestTimeoutMs) }, listener)
      : createHttpsServer(
          {
            ...SERVER_OPTIONS,
            ...timeouts(requestTimeoutMs),
            ...secureOptions(tls),
            ...handshake(requestTimeoutMs),
          },
          listener,
        );
  server.on('clientError', (error, socket) => {
    const isSlow = 'code' in error && SLOW.includes(String(error.code));
    if (isSlow || !('code' in error && error.code === 'ECONNRESET'))
      onCut(isSlow ? 'timed_out' : 'malformed');
    // Who has not finished the handshake is told nothing: it would wait for that to be finished.
    const isSecuring = 'secureConnecting' in socket && socket.secureConnecting === true;
    if (socket.writable && !isSecuring)
      socket.end(isSlow ? TIMED_OUT_ANSWER : MALFORMED_ANSWER, () => socket.destroy());
    else socket.destroy();
  });
  server.timeout = timeouts(requestTimeoutMs).timeout;
  const connections = limitConnections(server, { makeRoom: () => server.closeIdleConnections(), onCut });
  const taken = await bind(server, address);
  return {
    origin: renderOrigin(taken, tls !== undefined),
    ...('setSecureContext' in server
      ? { changeTls: (next: Tls) => server.setSecureContext(secureOptions(next)) }
      : {}),
    changeTimeout: (ms) => Object.assign(server, timeouts(ms)),
    close: (withinMs) => closeServer(server, connections, withinMs),
  };
}

/** Begins to listen; resolves to where. */
export async function bind(server: NetServer, { host, port }: Address): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
}

/** Errors of Node's for a request, and a handshake, that do not come. */
const SLOW: readonly string[] = ['ERR_HTTP_REQUEST_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT'];
const TIMED_OUT_ANSWER = 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n';
const MALFORMED_ANSWER = 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n';

/** With an authority of clients only those get in that have its certificate. */
export const secureOptions = ({ cert, key, ca }: Tls) => ({
  cert,
  key,
  minVersion: 'TLSv1.2' as const,
  ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
});

interface ConnectionLimit extends Pick<ListenOptions, 'onCut'> {
  /** Ends connections that have nothing under way. */
  readonly makeRoom: () => void;
}

/**
 * Holds a server to its limit: senders keep connections open between their requests, and however many they are each gets
 * in. Returns the connections that are open, also those that have said nothing yet, of which Node's servers know nothing.
 */
export function limitConnections(
  server: NetServer,
  { makeRoom, onCut }: ConnectionLimit,
): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', () => onCut('too_many_connections'));
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    if (connections.size > MAX_CONNECTIONS - FREE_CONNECTIONS) makeRoom();
  });
  return connections;
}

/** Cuts off what is still there after the time; to be cleared when nothing is. */
export const cutWithin = (withinMs: number, connections: ReadonlySet<Socket>): NodeJS.Timeout =>
  setTimeout(() => {
    for (const socket of connections) socket.destroy();
  }, withinMs);

function closeServer(
  server: Server | HttpsServer,
  connections: ReadonlySet<Socket>,
  withinMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const cut = cutWithin(withinMs, connections);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** What `/metrics` is served from. */
export interface MetricsDoor {
  readonly processor: Processor;
  readonly gate: Gate;
  readonly isReady: () => boolean;
}

/** `/metrics`, `/healthz` (the process lives) and `/readyz` (it takes spans); the last two tell nothing to guard. */
export function createMetricsListener(door: MetricsDoor): RequestListener {
  return (request, response) => {
    serveMetrics(door, request, response).catch(() => response.destroy());
  };
}

async function serveMetrics(
  { processor, gate, isReady }: MetricsDoor,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const path = (request.url ?? '/').split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    replyText(response, 405, 'this takes GET\n');
  } else if (path === '/metrics') {
    const refusal = findRefusal(gate, request);
    if (refusal !== undefined) {
      processor.countRejected(refusal.reason, 1);
      replyText(response, refusal.httpStatus, `${refusal.message}\n`);
      return;
    }
    await replyMetrics(processor, request, response);
  } else if (path === '/healthz') replyText(response, 200, 'ok\n');
  else if (path === '/readyz')
    replyText(response, isReady() ? 200 : 503, isReady() ? 'ready\n' : 'takes no spans now\n');
  else replyText(response, 404, 'there is /metrics, /healthz and /readyz here\n');
}

/** Compressed in a thread of Node's: fast, for text that repeats itself. */
const GZIP = { level: constants.Z_BEST_SPEED };

async function replyMetrics(
  processor: Processor,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const format = readMetricsFormat(headers);
  const isCompressed = acceptsGzip(headers);
  response.writeHead(200, {
    'content-type': format,
    vary: 'Accept, Accept-Encoding',
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  });
  // Who asks for the head alone sees no series: nothing is rendered, and none is taken as shown.
  if (method === 'HEAD') {
    response.end();
    return;
  }
  const text = takeTurns(await processor.renderMetrics(isScrape(headers), format));
  await (isCompressed ? pipeline(text, createGzip(GZIP), response) : pipeline(text, response));
}

function findRefusal(gate: Gate, request: IncomingMessage): RequestError | undefined {
  try {
    gate.admit(readVisitor(request), 'read');
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
}

function replyText(response: ServerResponse, httpStatus: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.writeHead(httpStatus, { 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
