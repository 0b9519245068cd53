import { unsubscribe } from 'node:diagnostics_channel';
import { currentCall } from '../attribution/scope.js';
import type { CallSlot, CallStarter, ReservedCall } from '../call/starter.js';
import { requireLazily } from '../lazy.js';
import { readOtelRegistry } from '../otel-door.js';
import type { RecordedSpan } from '../record/recorder.js';
import { channels, subscribeAll } from './channels.js';
import type { Exchange } from './exchange.js';
import { leadsToGateway, readGateways } from './gateways.js';
import type { Http2Headers, Http2Sent, Http2Stream } from './http2.js';
import type { NodeRequest, NodeResponse } from './node-http.js';
import type { UndiciRequest } from './undici.js';

/** What is looked at of a request before anything else is loaded for it. */
interface Sending {
  readonly method: string;
  readonly url: string;
}

let isOwnRequest = false;

/** Makes a request of ours, which nobody needs to look at: Node tells of it before this returns. */
export function runUnwatched<T>(makeRequest: () => T): T {
  isOwnRequest = true;
  try {
    return makeRequest();
  } finally {
    isOwnRequest = false;
  }
}

/**
 * Watches for requests to the hosts of LLM providers that no patched SDK has sent: plain `fetch`, undici, `node:http`,
 * `node:http2`, an SDK that is not known or too new. Node's and undici's own channels tell of them; nothing is patched,
 * and what the application reads is what it would have read. Returns the end of the watch.
 */
export function watchRequests(readStarter: () => CallStarter | undefined): () => void {
  const undici = new WeakMap<object, Exchange>();
  const node = new WeakMap<object, Exchange>();
  const http2 = new WeakMap<object, Exchange>();
  const gateways = readGateways(process.env).hosts;
  const open = ({ method, url }: Sending, trace: (span: RecordedSpan) => void): Exchange | undefined => {
    const isToGateway = leadsToGateway(gateways, url);
    return openExchange({ method, url, trace: isToGateway ? trace : undefined }, readStarter);
  };
  const traceOwned = (owner: CallSlot, readUrl: () => string, trace: (span: RecordedSpan) => void): void => {
    const span = owner.call?.span;
    if (span !== undefined && gateways.length > 0 && leadsToGateway(gateways, readUrl())) trace(span);
  };

  const onUndici = (message: unknown): void => {
    const { request } = message as { request: UndiciRequest };
    const owner = findOwner();
    if (owner === undefined && maySpread())
      loadBaggage().bareUndici(request, () => isToProvider(readUndiciUrl(request)));
    if (owner !== undefined)
      traceOwned(
        owner,
        () => readUndiciUrl(request),
        (span) => loadTrace().traceUndici(request, span),
      );
    if (owner === undefined && isSocket((request as { upgrade?: unknown }).upgrade))
      countSocket(readUndiciUrl(request), readStarter);
    if (!isWatched(request)) return;
    if (owner === undefined) onForeign(request);
    else if (owner.call?.attemptsUrl !== undefined && owner.call.attemptsUrl === readUndiciUrl(request))
      owner.call.attempts += 1;
  };
  const onForeign = (request: UndiciRequest): void => {
    const sending = { method: request.method, url: readUndiciUrl(request) };
    const exchange = open(sending, (span) => loadTrace().traceUndici(request, span));
    if (exchange === undefined) return;
    undici.set(request, exchange);
    subscribeAll(afterUndici);
    loadUndici().tapUndici(request, exchange);
  };
  const afterUndici = channels({
    'undici:request:bodySent': ({ request }) => undici.get(request as object)?.begin(),
    'undici:request:headers': ({ request, response }) => {
      const exchange = undici.get(request as object);
      if (exchange !== undefined) loadUndici().respondUndici(exchange, response);
    },
    'undici:request:trailers': ({ request }) => undici.get(request as object)?.end(),
    'undici:request:error': ({ request, error }) => undici.get(request as object)?.fail(error),
  });
  const onNode = (message: unknown): void => {
    const request = (message as { request: NodeRequest }).request;
    if (isOwnRequest) return;
    const owner = findOwner();
    const trace = (span: RecordedSpan): void => loadTrace().traceNodeRequest(request, span);
    if (owner !== undefined) {
      traceOwned(owner, () => loadNode().readUrl(request), trace);
      return;
    }
    if (maySpread()) loadBaggage().bareNodeRequest(request, () => isToProvider(loadNode().readUrl(request)));
    if (request.method === 'GET' && isSocket(request.getHeader('upgrade')))
      countSocket(loadNode().readUrl(request), readStarter);
    if (!isWatched(request)) return;
    const exchange = open({ method: request.method, url: loadNode().readUrl(request) }, trace);
    if (exchange === undefined) return;
    node.set(request, exchange);
    subscribeAll(afterNode);
    loadNode().tapNodeRequest(request, exchange);
  };
  const afterNode = channels({
    'http.client.request.start': ({ request }) => node.get(request as object)?.begin(),
    'http.client.request.error': ({ request, error }) => node.get(request as object)?.fail(error),
    'http.client.response.finish': ({ request, response }) => {
      const exchange = node.get(request as object);
      if (exchange !== undefined) loadNode().tapNodeResponse(response as NodeResponse, exchange);
    },
  });
  const onHttp2 = (message: unknown): void => {
    const { stream, headers } = message as { stream: Http2Stream; headers: Http2Headers };
    const { ':method': method, ':path': path } = headers as Record<string, string>;
    if (method === undefined || path === undefined || !isWatched({ method, path })) return;
    const { isUndici, readHttp2Url } = loadHttp2();
    if (findOwner() !== undefined || isUndici(stream)) return;
    const exchange = openExchange({ method, url: readHttp2Url(headers), trace: undefined }, readStarter);
    if (exchange === undefined) return;
    http2.set(stream, exchange);
    subscribeAll(afterHttp2);
  };
  const afterHttp2 = channels({
    'http2.client.stream.bodyChunkSent': ({ stream, ...sent }) => {
      const exchange = http2.get(stream as object);
      if (exchange !== undefined) loadHttp2().sendHttp2(exchange, sent as unknown as Http2Sent);
    },
    'http2.client.stream.bodySent': ({ stream }) => http2.get(stream as object)?.begin(),
    'http2.client.stream.finish': ({ stream, headers }) => {
      const exchange = http2.get(stream as object);
      if (exchange !== undefined)
        loadHttp2().respondHttp2(exchange, stream as Http2Stream, headers as Http2Headers);
    },
    'http2.client.stream.error': ({ stream, error }) => http2.get(stream as object)?.fail(error),
    'http2.client.stream.close': ({ stream }) => http2.get(stream as object)?.abort(),
  });
  const first = channels({
    'undici:request:create': onUndici,
    'http.client.request.created': onNode,
    // Not in every Node 22.
    'http2.client.stream.created': onHttp2,
  });
  subscribeAll(first);
  return () => {
    for (const [name, listener] of [...first, ...afterUndici, ...afterNode, ...afterHttp2])
      unsubscribe(name, listener);
  };
}

/**
 * What is asked of a model, or read of what it has answered later: most other requests are told apart by this alone.
 */
const isWatched = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === 'POST' || (method === 'GET' && READS_ANSWER.test(path.replace(/\?.*$/, '')));
const READS_ANSWER = new RegExp(
  `/(?:${[
    'files/[^/]+(?:/content|:download)',
    'batches/[^/]+(?:/results)?|batch/jobs/[^/]+',
    '(?:responses|interactions|runs|videos|fine_tuning/jobs|async/chat/completions)/[^/]+',
  ].join('|')})$`,
);

const readUndiciUrl = ({ origin, path }: UndiciRequest): string =>
  `${String(origin).replace(/\/$/, '')}${path}`;

const isSocket = (upgrade: unknown): boolean =>
  typeof upgrade === 'string' && upgrade.toLowerCase() === 'websocket';

/** A connection that the application opens to a provider by itself: what is said there nobody hears. */
function countSocket(url: string, readStarter: () => CallStarter | undefined): void {
  if (readDestination(url) !== 'known') return;
  const { findSocket } = requireLazily('./net/wire.js') as typeof import('./wire.js');
  const wire = findSocket(url);
  const starter = wire === undefined ? undefined : readStarter();
  if (wire === undefined || starter?.isEnabled !== true || starter.hears(wire.path)) return;
  const { readers, baseUrl, path } = wire;
  starter.start(readers, { baseUrl, classNames: [] }, { path, body: undefined })?.succeed(undefined);
}

/** A request below a call of a patched SDK is that call's. */
function findOwner(): CallSlot | undefined {
  const slot = currentCall() as CallSlot | undefined;
  return slot?.past === undefined ? slot : undefined;
}

/** Whether a propagator may write scopes into requests. They are for the application's own services, and no provider. */
const maySpread = (): boolean => readOtelRegistry()?.propagation !== undefined;

const isToProvider = (url: string): boolean => readDestination(url) === 'known';

function readDestination(url: string): 'known' | 'elsewhere' | undefined {
  const { leadsToModels } = requireLazily('./providers/hosts.js') as typeof import('../providers/hosts.js');
  return leadsToModels(url.replace(/[?#].*$/, ''));
}

/** `trace` has the request say which call it is, where it goes to a gateway of one's own. */
function openExchange(
  { method, url, trace }: Sending & { readonly trace: ((span: RecordedSpan) => void) | undefined },
  readStarter: () => CallStarter | undefined,
): Exchange | undefined {
  // Most requests go elsewhere: only one to a model is worth loading what reads it.
  const destination = readDestination(url);
  if (destination === undefined) return undefined;
  const { findWire } = requireLazily('./net/wire.js') as typeof import('./wire.js');
  const found = findWire(url, method, destination === 'known');
  const wire = found && trace !== undefined ? { ...found, isKnownHost: true } : found;
  const starter = wire === undefined ? undefined : readStarter();
  if (wire === undefined || starter === undefined || !starter.isEnabled) return undefined;
  if (!wire.isKnownHost && !starter.countsUnknownHosts) return undefined;
  const { Exchange: Opened } = requireLazily('./net/exchange.js') as typeof import('./exchange.js');
  const reserved: ReservedCall | undefined = trace === undefined ? undefined : starter.reserve();
  if (reserved !== undefined) trace?.(reserved.span);
  return new Opened(wire, starter, reserved);
}

const loadUndici = () => requireLazily('./net/undici.js') as typeof import('./undici.js');
const loadBaggage = () =>
  requireLazily('./net/outgoing-baggage.js') as typeof import('./outgoing-baggage.js');
const loadTrace = () => requireLazily('./net/trace-context.js') as typeof import('./trace-context.js');
const loadHttp2 = () => requireLazily('./net/http2.js') as typeof import('./http2.js');
const loadNode = () => requireLazily('./net/node-http.js') as typeof import('./node-http.js');
