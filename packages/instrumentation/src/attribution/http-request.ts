import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { SpanContext } from '@opentelemetry/api';
import { readNowMs } from '../timers.js';
import { readCaller } from './caller.js';
import { readEntryHost } from './entry-host.js';
import type { RequestEnd, RequestState } from './request.js';
import type { Params } from './route.js';
import { type ExpressRequest, readExpressRoute, readLeftByExpress } from './routers/express.js';
import { readNextRoute } from './routers/next.js';

/** What the frameworks leave on the request. */
type FrameworkRequest = IncomingMessage & ExpressRequest;

/** What is kept of a request that has been answered. */
interface Leftover extends RequestEnd {
  readonly target: string;
  readonly byExpress: ExpressRequest;
  readonly nextRoute: string | undefined;
  readonly caller: SpanContext | undefined;
  readonly entryHost: string | undefined;
}

/** A request over HTTP/1.1, plain or TLS. */
export class Http1Request implements RequestState {
  readonly method: string;
  readonly startMs = readNowMs();
  frameworkRoute: string | undefined = undefined;
  frameworkError: string | undefined = undefined;
  task: RequestState['task'] = undefined;
  #request: FrameworkRequest | undefined;
  #response: ServerResponse | undefined;
  #left: Leftover | undefined = undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.method = request.method ?? 'GET';
    this.#request = request;
    this.#response = response;
  }

  readRoute(): string | undefined {
    if (this.#left !== undefined) return readExpressRoute(this.#left.byExpress) ?? this.#left.nextRoute;
    if (this.#request === undefined) return undefined;
    return readExpressRoute(this.#request) ?? readNextRoute(this.#request);
  }

  readTarget(): string {
    if (this.#request === undefined) return this.#left?.target ?? '';
    // Routers cut the path that they are mounted at off `url`.
    const { originalUrl, url } = this.#request;
    return typeof originalUrl === 'string' ? originalUrl : (url ?? '');
  }

  readParams(): Params | undefined {
    const { params } = this.#request ?? this.#left?.byExpress ?? {};
    return typeof params === 'object' && params !== null ? (params as Params) : undefined;
  }

  readCaller(): SpanContext | undefined {
    return this.#request === undefined ? this.#left?.caller : readCaller(this.#request.headers);
  }

  readEntryHost(): string | undefined {
    return this.#request === undefined ? this.#left?.entryHost : readEntryHost(this, this.#request.headers);
  }

  onceClosed(fn: (end: RequestEnd) => void): void {
    const response = this.#response;
    if (response === undefined || response.closed) {
      const end = response === undefined ? this.#left : readHttp1End(response);
      if (end !== undefined) fn(end);
      return;
    }
    // Our listener must not make the application's own ones warn earlier.
    const maxListeners = response.getMaxListeners();
    if (maxListeners > 0) response.setMaxListeners(maxListeners + 1);
    response.once('close', () => fn(readHttp1End(response)));
  }

  /** Lets go of a finished request: its connection, idle until the next one, still holds this scope. */
  release(request: unknown): void {
    const answered = this.#request;
    if (this.#response === undefined || answered === undefined || request !== answered) return;
    this.#left = {
      target: this.readTarget(),
      byExpress: readLeftByExpress(answered),
      nextRoute: readNextRoute(answered),
      caller: this.readCaller(),
      entryHost: this.readEntryHost(),
      statusCode: this.#response.statusCode,
      isAborted: false,
    };
    this.#request = undefined;
    this.#response = undefined;
  }
}

function readHttp1End(response: ServerResponse): RequestEnd {
  const statusCode = response.headersSent ? response.statusCode : undefined;
  const { errored } = response;
  if (errored !== null && errored !== undefined)
    return { statusCode, isAborted: false, errorType: errored.name };
  return { statusCode, isAborted: !response.writableFinished };
}

/** As the conventions list them: over HTTP/2 a client may call its method anything, and tasks are named by it. */
const KNOWN_METHODS = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);
/** What the conventions have any other method be called. */
const OTHER_METHOD = '_OTHER';

/** A method that the client could choose freely, as tasks may be named by it. */
export const readKnownMethod = (method: string): string =>
  KNOWN_METHODS.has(method) ? method : OTHER_METHOD;

/** A request over HTTP/2, known by its stream: Node announces no more of it. */
export class Http2Request implements RequestState {
  readonly method: string;
  readonly startMs = readNowMs();
  frameworkRoute: string | undefined = undefined;
  frameworkError: string | undefined = undefined;
  task: RequestState['task'] = undefined;
  readonly #target: string;
  readonly #caller: SpanContext | undefined;
  readonly #headers: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    const { ':method': method = 'GET' } = headers;
    this.method = readKnownMethod(method);
    this.#target = headers[':path'] ?? '';
    this.#caller = readCaller(headers);
    this.#headers = headers;
    this.#stream = stream;
  }

  readRoute(): string | undefined {
    return undefined;
  }

  readTarget(): string {
    return this.#target;
  }

  readParams(): undefined {
    return undefined;
  }

  readCaller(): SpanContext | undefined {
    return this.#caller;
  }

  readEntryHost(): string | undefined {
    return readEntryHost(this, this.#headers);
  }

  onceClosed(fn: (end: RequestEnd) => void): void {
    const stream = this.#stream;
    const close = (): void => {
      const status = stream.sentHeaders?.[':status'];
      fn({ statusCode: typeof status === 'number' ? status : undefined, isAborted: stream.aborted });
    };
    if (stream.destroyed) close();
    else stream.once('close', close);
  }
}
