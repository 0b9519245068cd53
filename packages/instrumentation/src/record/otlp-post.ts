import type { Agent, ClientRequestArgs, IncomingMessage } from 'node:http';
import { type NetConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { requireLazily } from '../lazy.js';
import { runUnwatched } from '../net/watch.js';
import { type OtelApi, readOtelRegistry } from '../otel-door.js';
import { setTimeout } from '../timers.js';
import { readConnection } from './connection.js';
import type { OtlpTarget } from './endpoint.js';

/** What became of a post. `retry` says that the receiver may take the same body later. */
export type PostResult =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly error: Error; readonly afterMs?: number }
  | { readonly kind: 'refused'; readonly error: Error };

/** A process that has nothing more to do waits for the answer to a post that is under way: this part of the exit's wait. */
const HOLD_SHARE = 0.4;
/** Statuses that the OTLP specification calls retryable. */
const RETRYABLE = [429, 502, 503, 504];
/** Where `@opentelemetry/core` marks a context whose requests are not traced. */
const SUPPRESS_TRACING_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Posts OTLP bodies. Unlike OpenTelemetry's own exporter it holds no timer on the event loop and its socket for
 * a moment only ({@link HOLD_SHARE}), so that a receiver that is down or silent never keeps a process from ending, and one that
 * answers gets nothing twice.
 */
export class OtlpPost {
  readonly #target: OtlpTarget;
  #agent: Agent | undefined;

  constructor(target: OtlpTarget) {
    this.#target = target;
  }

  /** Sends one body of JSON; never rejects. */
  send(body: Uint8Array): Promise<PostResult> {
    return new Promise((resolve) => {
      try {
        runUntraced(() => this.#send(body, resolve));
      } catch (error) {
        resolve({ kind: 'refused', error: error as Error });
      }
    });
  }

  /**
   * Writes bodies to a connection that is open, at once and without an answer: what the system has taken it delivers
   * when the process is gone. Nothing where none is open, or a proxy lies between.
   */
  writeLast(bodies: readonly Uint8Array[]): void {
    const { url, headers, isGzip } = this.#target;
    const socket = this.#findOpenSocket();
    if (socket === undefined) return;
    const { host, pathname, search } = new URL(url);
    for (const body of bodies) {
      const bytes = isGzip ? compress(body) : body;
      const all = Object.entries({ host, ...headers, ...bodyHeaders(bytes, isGzip) });
      const lines = [
        `POST ${pathname}${search} HTTP/1.1`,
        ...all.map(([name, value]) => `${name}: ${value}`),
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      socket.write(bytes);
    }
  }

  /** One that waits, else one whose request has left: receivers answer one after the other. */
  #findOpenSocket(): Socket | undefined {
    if (this.#agent === undefined || 'proxyEnv' in readConnection(this.#target)) return undefined;
    const { freeSockets, sockets } = this.#agent;
    const all = [freeSockets, sockets].flatMap((byName) => Object.values(byName).flat());
    return all.find(
      (socket) => socket?.writable === true && !socket.connecting && socket.writableLength === 0,
    );
  }

  #send(body: Uint8Array, resolve: (result: PostResult) => void): void {
    const { url, headers, timeoutMs, exitWaitMs, isGzip } = this.#target;
    const ClientRequest = findClientRequest(requireLazily('node:http') as typeof import('node:http'));
    const bytes = isGzip ? compress(body) : body;
    const options: ClientRequestArgs = {
      ...urlToHttpOptions(new URL(url)),
      method: 'POST',
      agent: this.#findAgent(),
      timeout: timeoutMs,
      headers: { ...headers, ...bodyHeaders(bytes, isGzip) },
    };
    const post = runUnwatched(() => new ClientRequest(options));
    post.on('socket', (socket) => setTimeout(() => letGo(socket), exitWaitMs * HOLD_SHARE).unref());
    post.on('response', (response) => readReply(response, resolve));
    post.on('timeout', () => post.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    post.on('error', (error) => resolve({ kind: 'retry', error }));
    post.end(bytes);
  }

  /** An application that has put an agent of another kind in place of Node's leads all its requests through it: a proxy. */
  #findAgent(): Agent {
    const { Agent, globalAgent } = loadClient(this.#target.url);
    if (globalAgent.constructor !== Agent) return globalAgent;
    if (this.#agent === undefined) {
      const connection = readConnection(this.#target);
      this.#agent = new Agent({ keepAlive: true, ...connection });
      // TLS and proxies need what Node's own does.
      if (this.#target.url.startsWith('http:') && !('proxyEnv' in connection))
        Object.assign(this.#agent, { createConnection });
    }
    return this.#agent;
  }
}

/**
 * Node's own class of requests. Tests of the application put their own `request()` in place of Node's, as nock and MSW
 * do, and their own class: a proxy of it or one that inherits from it. Either way Node's stands in the prototypes.
 */
function findClientRequest({
  ClientRequest,
  OutgoingMessage,
}: typeof import('node:http')): typeof ClientRequest {
  let prototype = ClientRequest.prototype as object;
  for (let above: object | null = prototype; above !== OutgoingMessage.prototype; ) {
    if (above === null) return ClientRequest;
    prototype = above;
    above = Object.getPrototypeOf(above) as object | null;
  }
  return prototype.constructor as typeof ClientRequest;
}

/** As it was when costspan began to record: tests of the application wait here, too, for requests that they have not foreseen. */
const connect = Socket.prototype.connect as (
  this: Socket,
  options: NetConnectOpts,
  listener?: () => void,
) => Socket;

const createConnection = (options: NetConnectOpts, listener?: () => void): Socket =>
  connect.call(new Socket(options as SocketConstructorOpts), options, listener);

/** One that is closed would wait for its connection instead, with a listener for each post that went over it. */
function letGo(socket: Socket): void {
  if (!socket.destroyed) socket.unref();
}

/** Most receivers are near and get their bodies as they are. */
export const compress = (body: Uint8Array): Uint8Array =>
  (requireLazily('node:zlib') as typeof import('node:zlib')).gzipSync(body);

/** Headers that describe a body. */
export const bodyHeaders = (bytes: Uint8Array, isGzip: boolean): Record<string, string> => ({
  'content-type': 'application/json',
  'content-length': String(bytes.length),
  ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
});

const loadClient = (url: string): typeof import('node:https') | typeof import('node:http') =>
  requireLazily(url.startsWith('https:') ? 'node:https' : 'node:http') as typeof import('node:https');

/** An application that traces its HTTP requests has no interest in ours. */
function runUntraced(fn: () => void): void {
  if (readOtelRegistry()?.context === undefined) {
    fn();
    return;
  }
  const { context, ROOT_CONTEXT } = requireLazily('@opentelemetry/api') as OtelApi;
  context.with(ROOT_CONTEXT.setValue(SUPPRESS_TRACING_KEY, true), fn);
}

function readReply(response: IncomingMessage, resolve: (result: PostResult) => void): void {
  // What the receiver says beyond its status is of no use here, but its connection is used again.
  response.on('error', () => undefined).resume();
  resolve(readResult(response));
}

function readResult({ statusCode = 0, headers }: IncomingMessage): PostResult {
  if (statusCode < 300) return { kind: 'sent' };
  const error = new Error(`the receiver answered ${statusCode}`);
  if (!RETRYABLE.includes(statusCode)) return { kind: 'refused', error };
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10);
  return seconds >= 0 ? { kind: 'retry', error, afterMs: seconds * 1000 } : { kind: 'retry', error };
}
