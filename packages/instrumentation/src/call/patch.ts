import { currentCall, runWithCall } from '../attribution/index.js';
import { guard, reportFailure } from '../diagnostics.js';
import type { ClientInfo, Endpoint, StainlessPatch, StainlessProvider } from '../provider.js';
import type { Call } from './call.js';
import { isApiPromise, markResponse, observeApiPromise, parseBodyObserved } from './promise.js';
import type { CallSlot, CallStarter, RequestOptions } from './starter.js';
import { noteUploads, readUploadBody } from './uploads.js';
import { noteMadeCall, observeStreamValidation, observeValidation } from './validation.js';
import { type Method, readClassNames, wrapMethod } from './wrap.js';

interface Client {
  readonly baseURL?: unknown;
  readonly apiVersion?: unknown;
  readonly methodRequest?: unknown;
  readonly request?: unknown;
  readonly parseResponseWithTimeout?: unknown;
}

/** Patches one copy of an SDK: its client's prototype, whatever resources and helpers send through it. */
export function patchClient(clientClass: unknown, provider: StainlessProvider, starter: CallStarter): void {
  if (typeof clientClass !== 'function') return;
  guard(`patching ${provider.module.package}`, () => {
    const prototype = clientClass.prototype as Client;
    const way = readWay(prototype);
    for (const verb of ['post', 'get'] as const) {
      const endpoints = provider.endpoints.filter(({ method }) => method === verb);
      if (endpoints.length === 0) continue;
      wrapMethod(clientClass, verb, (original) => observeVerb(original, { endpoints, starter, way }));
    }
    wrapMethod(clientClass, 'makeRequest', (original) => observeAttempts(original, starter));
    if (hasBodyParser(prototype))
      wrapMethod(clientClass, 'parseResponseWithTimeout', parseBodyObserved as (original: Method) => Method);
    for (const path of provider.client.uploads ?? []) noteUploads(clientClass, path);
    for (const path of provider.client.validating ?? []) observeValidation(clientClass, path);
    for (const path of provider.client.validatingStreams ?? []) observeStreamValidation(clientClass, path);
    const { ownSpans } = provider.client;
    if (ownSpans !== undefined) yieldOwnSpans(prototype, ownSpans, starter);
  });
}

/** openai 7: its promises have their bodies parsed by the client. */
const hasBodyParser = ({ parseResponseWithTimeout }: Client): boolean =>
  typeof parseResponseWithTimeout === 'function';

/** The SDK's own methods between `post` and `makeRequest`: they send what they were given. */
type Way = Pick<Client, 'methodRequest' | 'request'>;

const readWay = ({ methodRequest, request }: Client): Way => ({ methodRequest, request });

/**
 * The options of a request, where it is known that they will be sent as they are: nobody has put another method in
 * the way, and they are no promise of some.
 */
function readSentOptions(client: Client, options: unknown, way: Way): RequestOptions | undefined {
  try {
    const isOwnWay = client.methodRequest === way.methodRequest && client.request === way.request;
    if (!isOwnWay || typeof options !== 'object' || options === null || 'then' in options) return undefined;
    const { body, signal } = options as RequestOptions;
    return { body, signal };
  } catch (error) {
    reportFailure('reading the options of a call', error);
    return undefined;
  }
}

interface Observer {
  readonly endpoints: readonly Endpoint[];
  readonly starter: CallStarter;
  readonly way: Way;
}

/** `post`/`get`: the one place through which a logical call passes, raw calls and every helper's included. */
function observeVerb(original: Method, { endpoints, starter, way }: Observer): Method {
  const find = createFinder(endpoints);
  return function verb(this: Client, ...args: unknown[]): unknown {
    const path = args[0];
    const endpoint = starter.isEnabled && typeof path === 'string' ? find(path) : undefined;
    if (endpoint === undefined) return original.apply(this, args);
    const slot: CallSlot = {
      endpoint,
      path: path as string,
      upload: readUploadBody(),
      options: readSentOptions(this, args[1], way),
      isRead: false,
      starter,
      call: undefined,
      past: undefined,
    };
    noteMadeCall(slot);
    const promise = runWithCall(slot, () => original.apply(this, args));
    slot.options = undefined;
    try {
      if (isApiPromise(promise)) observeApiPromise(promise, slot);
    } catch (error) {
      reportFailure('observing a call', error);
    }
    return promise;
  };
}

/** An application sends to a handful of paths, and to some with an id in them, which are not worth remembering. */
const MAX_KNOWN_PATHS = 64;

/** Finds the endpoint of a path; those that come again and again are matched once. */
function createFinder(endpoints: readonly Endpoint[]): (path: string) => Endpoint | undefined {
  const known = new Map<string, Endpoint | undefined>();
  return (path) => {
    const remembered = known.get(path);
    if (remembered !== undefined || known.has(path)) return remembered;
    const endpoint = endpoints.find((candidate) => candidate.path.test(path));
    if (known.size < MAX_KNOWN_PATHS) known.set(path, endpoint);
    return endpoint;
  };
}

/** A body that asks for usage on the stream, where the endpoint wants to ask. */
function askForStreamUsage(call: Call, { body }: RequestOptions): object | undefined {
  if (refusing.has(call.client.baseUrl ?? '')) return undefined;
  const asking = guard('asking for stream usage', () => call.endpoint.askForStreamUsage?.(body, call.client));
  if (asking !== undefined) call.bodyBeforeAsking = body;
  return asking;
}

/** The same options, or promise of options, with another body. */
function withBody(given: unknown, body: object): unknown {
  const change = (options: object): object => ({ ...options, body });
  const { then } = given as Partial<Promise<object>>;
  return typeof then === 'function'
    ? Promise.resolve(given as Promise<object>).then(change)
    : change(given as object);
}

/** Hosts that refused `stream_options`: they are not asked again. */
const refusing = new Set<string>();
const MAX_REFUSING_HOSTS = 1_000;

/**
 * `makeRequest` runs once per attempt, the first one with the options as they will be sent: there the call starts,
 * retries are counted and its failure is seen. The promise given on is the only one that anybody holds, so an
 * unhandled rejection stays as unhandled as it was.
 */
function observeAttempts(original: Method, starter: CallStarter): Method {
  return function makeRequest(this: Client, ...args: unknown[]): unknown {
    const slot = currentCall() as CallSlot | undefined;
    if (slot === undefined || slot.past !== undefined)
      return starter.runUnrecorded(() => original.apply(this, args));
    if (slot.call !== undefined) {
      slot.call.attempts += 1;
      return original.apply(this, args);
    }
    if (slot.options !== undefined) return startFirstAttempt(this, original, { slot, args }, slot.options);
    return Promise.resolve(args[0]).then((sent) => {
      args[0] = sent;
      return startFirstAttempt(this, original, { slot, args }, sent as RequestOptions);
    });
  };
}

/**
 * Chains of promises, no `async` functions: those would stand in the stack of the application's errors, which is as
 * long as `Error.stackTraceLimit` allows.
 */
function startFirstAttempt(
  client: Client,
  original: Method,
  { slot, args }: { slot: CallSlot; args: unknown[] },
  options: RequestOptions,
): unknown {
  const { starter, endpoint, path } = slot;
  const [given] = args;
  const info = describeClient(client);
  const call = info && starter.start(endpoint, info, { path, body: slot.upload ?? options.body });
  if (call === undefined) return starter.runUnrecorded(() => original.apply(client, args));
  call.take(slot);
  call.attempts = 1;
  if (options.signal instanceof AbortSignal) call.signal = options.signal;
  const asking =
    starter.asksForStreamUsage && call.request.isStream ? askForStreamUsage(call, options) : undefined;
  if (asking !== undefined) args[0] = withBody(given, asking);
  return runAttempt(call, slot, () => original.apply(client, args)).then(
    keepResponse(client, slot),
    (error) => {
      if (!isRefusedAsking(call, error)) return failWith(call, error);
      args[0] = given;
      return repeatWithoutAsking(client, original, { call, slot, args });
    },
  );
}

/** Has the response known where its body is parsed. */
const keepResponse = (client: Client, slot: CallSlot): ((props: unknown) => unknown) | undefined =>
  hasBodyParser(client)
    ? (props) => {
        markResponse(props, slot);
        return props;
      }
    : undefined;

/** Runs an attempt below the span of its call; what it throws is a rejection too. */
function runAttempt(call: Call, { starter }: CallSlot, fn: () => unknown): Promise<unknown> {
  try {
    return Promise.resolve(starter.runInSpan(call, fn));
  } catch (error) {
    return Promise.reject(error);
  }
}

function failWith(call: Call, error: unknown): never {
  call.fail(error);
  throw error;
}

/** A compatible host that does not know `stream_options` answers 400: without us it would have answered. */
function isRefusedAsking(call: Call, error: unknown): boolean {
  const { status, message } = (error ?? {}) as { status?: unknown; message?: unknown };
  return (
    call.hidesStreamUsage &&
    (status === 400 || status === 422) &&
    /stream_options|include_usage/.test(String(message))
  );
}

function repeatWithoutAsking(
  client: Client,
  original: Method,
  { call, slot, args }: { call: Call; slot: CallSlot; args: unknown[] },
): Promise<unknown> {
  if (refusing.size < MAX_REFUSING_HOSTS) refusing.add(call.client.baseUrl ?? '');
  call.bodyBeforeAsking = undefined;
  return runAttempt(call, slot, () => original.apply(client, args)).then(
    keepResponse(client, slot),
    (error: unknown) => failWith(call, error),
  );
}

function describeClient(client: Client): ClientInfo | undefined {
  try {
    const { baseURL, apiVersion } = client;
    return {
      baseUrl: typeof baseURL === 'string' ? baseURL : undefined,
      apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined,
      classNames: readClassNames(client),
    };
  } catch (error) {
    reportFailure('describing a client', error);
    return undefined;
  }
}

/**
 * Lets an SDK that emits spans of its own keep its tracer for everything but the calls that we record: for those its
 * tracer hands out a span that records nothing and stands for ours, so trace headers and children follow ours.
 * A tracer provider that the application gave to the client by name keeps both.
 */
function yieldOwnSpans(
  prototype: object,
  ownSpans: NonNullable<StainlessPatch['ownSpans']>,
  starter: CallStarter,
): void {
  const { tracerProperty, names } = ownSpans;
  if (Object.hasOwn(prototype, tracerProperty)) return;
  Object.defineProperty(prototype, tracerProperty, {
    configurable: true,
    get: () => undefined,
    set(this: object, tracer: unknown) {
      const value =
        guard("yielding the SDK's own spans", () => withYieldedSpans(this, tracer, { names, starter })) ??
        tracer;
      Object.defineProperty(this, tracerProperty, {
        value,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    },
  });
}

function withYieldedSpans(
  client: object,
  tracer: unknown,
  { names, starter }: { names: RegExp; starter: CallStarter },
): unknown {
  const { openTelemetry } = client as { openTelemetry?: { tracerProvider?: unknown } };
  if (typeof tracer !== 'object' || tracer === null || openTelemetry?.tracerProvider !== undefined)
    return tracer;
  const { startSpan } = tracer as { startSpan: (name: string, ...rest: unknown[]) => unknown };
  return Object.create(tracer, {
    startSpan: {
      value: (name: string, ...rest: unknown[]) =>
        starter.isEnabled && names.test(name) ? starter.yieldedSpan() : startSpan.call(tracer, name, ...rest),
    },
  });
}
