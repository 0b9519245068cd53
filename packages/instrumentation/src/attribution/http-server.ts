import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { guard } from '../diagnostics.js';
import { Http1Request, Http2Request } from './http-request.js';
import type { RequestState } from './request.js';
import { isCatchAll, isOpenRoute, joinRoute, readMountPath } from './route.js';
import { type FastifyApp, observeFastify } from './routers/fastify.js';
import { currentScope, scopeStorage } from './scope.js';

/**
 * Node's own channels and Fastify's. Nothing is patched, and a request costs one small object. Node publishes a
 * request's start in the parser's own asynchronous resource, so that the scope entered there reaches this request's
 * code and no other's: proven for keep-alive, pipelining and concurrency on Node 22.15 to 26.
 */
const CHANNELS: Readonly<Record<string, (message: unknown) => void>> = {
  'http.server.request.start': (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    // A new scope, not a copy: what was around the listening server or the connection's last request is not ours.
    scopeStorage.enterWith({ request: new Http1Request(request, response) });
  },
  'http.server.response.finish': (message) => {
    const request = currentScope()?.request;
    if (request instanceof Http1Request) request.release((message as { request: IncomingMessage }).request);
  },
  // Node 22.15 does not publish it yet: there, requests over HTTP/2 have no route.
  'http2.server.stream.start': (message) => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: IncomingHttpHeaders };
    scopeStorage.enterWith({ request: new Http2Request(stream, headers) });
  },
  'fastify.initialization': (message) =>
    observeFastify((message as { fastify: FastifyApp }).fastify, {
      readRoute: (route) => tellRoute(route),
      readError: setError,
    }),
};

/**
 * Keeps what a router says of the request at hand. The outermost one is heard: one inside knows a part of the path, or
 * answers a request that the application makes of itself without a server. One that tells the path as well is heard
 * inside, too: where another one has left the rest of the path to it, and where it knows that path to its end.
 */
export function tellRoute(route: unknown, path?: unknown): void {
  const request = currentScope()?.request;
  if (request === undefined || typeof route !== 'string') return;
  const whole = typeof path === 'string' ? placeRoute(request, route, path) : route;
  if (whole === undefined || whole === '' || isCatchAll(whole)) return;
  const { frameworkRoute } = request;
  if (frameworkRoute === undefined || (path !== undefined && isOpenRoute(frameworkRoute)))
    request.frameworkRoute = whole;
}

function placeRoute(request: RequestState, route: string, path: string): string | undefined {
  const mountPath = readMountPath(request.readTarget(), path);
  return mountPath === undefined ? undefined : joinRoute(mountPath, route, request.readParams());
}

/**
 * Runs what answers a part of a request, of those that the last segment of its path names with commas between them:
 * its calls are for that part. What the application asks of itself is none.
 */
export function runPart(part: unknown, run: () => unknown): unknown {
  const scope = currentScope();
  if (scope?.request === undefined || typeof part !== 'string') return run();
  const partRoute = guard('reading a part of a request', () => findPart(scope.request!.readTarget(), part));
  if (partRoute === undefined || partRoute === scope.partRoute) return run();
  return scopeStorage.run({ ...scope, partRoute }, run);
}

function findPart(target: string, part: string): string | undefined {
  const [path = ''] = target.split('?', 1);
  const end = path.lastIndexOf('/');
  const parts = decodeURIComponent(path.slice(end + 1)).split(',');
  return parts.includes(part) ? joinRoute(path.slice(0, end), part) : undefined;
}

function setError(error: unknown): void {
  const request = currentScope()?.request;
  if (request !== undefined) request.frameworkError = error instanceof Error ? error.name : '_OTHER';
}

let followers = 0;
let unsubscribeAll: (() => void) | undefined;

/**
 * Follows the requests of every HTTP server of the process, once however many ask for it; returns what ends this
 * asker's interest.
 */
export function followRequests(onError: (error: unknown) => void): () => void {
  followers += 1;
  unsubscribeAll ??= subscribeAll(onError);
  let isFollowing = true;
  return () => {
    if (isFollowing) followers -= 1;
    isFollowing = false;
    if (followers > 0) return;
    unsubscribeAll?.();
    unsubscribeAll = undefined;
  };
}

function subscribeAll(onError: (error: unknown) => void): () => void {
  const subscriptions = Object.entries(CHANNELS).map(([channel, read]) => {
    // Node makes an uncaught exception of what a subscriber throws.
    const guarded = (message: unknown): void => {
      try {
        read(message);
      } catch (error) {
        onError(error);
      }
    };
    subscribe(channel, guarded);
    return { channel, guarded };
  });
  return () => {
    for (const { channel, guarded } of subscriptions) unsubscribe(channel, guarded);
  };
}
