import { currentCall, currentScope, runWithCall } from '../attribution/index.js';
import { guard } from '../diagnostics.js';
import type {
  AttemptMethod,
  ClientInfo,
  MethodEndpoint,
  MethodName,
  MethodsProvider,
  Transport,
} from '../provider.js';
import { endCallAtAbort, follow } from './abort.js';
import type { Call } from './call.js';
import { isStream, observeStream } from './iterable.js';
import { observeLines } from './lines.js';
import { overhear } from './overheard.js';
import { isRawResponse, observeRawResponse } from './raw.js';
import { endStepAtAbort } from './running-step.js';
import type { CallSlot, CallStarter } from './starter.js';
import { type Method, type PatchedClass, readClassNames, wrapMethod, wrapOwnMethod } from './wrap.js';

/** One class of an SDK that has been loaded. */
export interface NamedClass {
  /** As its provider names it. */
  readonly className: string;
  readonly patchedClass: PatchedClass;
}

interface Observer {
  readonly provider: MethodsProvider;
  readonly starter: CallStarter;
}

/** Patches the methods of one class of an SDK whose endpoints are methods. */
export function patchMethods(
  { className, patchedClass }: NamedClass,
  provider: MethodsProvider,
  starter: CallStarter,
): void {
  const isOwn = (name: MethodName): boolean => name.className === className;
  const endpoints = provider.endpoints.filter(isOwn);
  guard(`patching ${className} of ${provider.module.package}`, () => {
    const names = new Set(endpoints.map(({ method }) => method));
    let patchedCount = 0;
    for (const name of names) {
      const own = endpoints.filter(({ method }) => method === name);
      const wrap = (original: Method): Method => observeMethod(original, own, { provider, starter });
      // A method that came with a later version is missing in earlier ones.
      if (wrapOwnMethod(patchedClass, name, wrap)) patchedCount += 1;
    }
    for (const attempt of provider.client.attempts?.filter(isOwn) ?? []) {
      wrapOwnMethod(patchedClass, attempt.method, (original) => countAttempts(original, attempt));
    }
    if (names.size > 0 && patchedCount === 0) throw new TypeError(`${className} has none of its methods`);
  });
}

/** An endpoint's method: starts the call, runs the SDK in its span, and observes whatever comes back. */
function observeMethod(original: Method, endpoints: readonly MethodEndpoint[], observer: Observer): Method {
  return function method(this: object, ...args: unknown[]): unknown {
    const { provider, starter } = observer;
    if (!starter.isEnabled || isInside(provider)) return original.apply(this, args);
    const slot = startCall(this, args, { endpoints, observer });
    const call = slot?.call;
    if (slot === undefined || call === undefined)
      return starter.runUnrecorded(() => original.apply(this, args));
    const endpoint = slot.endpoint as MethodEndpoint;
    const { transport, readSignal } = provider.client;
    const signal = guard('reading a signal', () => readSignal?.(args));
    if (signal instanceof AbortSignal) followSignal(signal, call);
    if (transport !== undefined) guard('finding a transport', () => observeTransport(transport, this));
    const { overheard } = endpoint;
    if (overheard !== undefined) guard('finding what sends', () => overhear(this, overheard));
    const given = endpoint.hasCallback === true ? withObservedCallback(args, call, endpoint) : args;
    let returned: unknown;
    try {
      returned = runWithCall(slot, () => starter.runInSpan(call, () => original.apply(this, given)));
    } catch (error) {
      call.fail(error);
      throw error;
    }
    return given === args ? observeReturned(returned, call, endpoint) : returned;
  };
}

/** The application may abort, and read no more of what would tell it. */
function followSignal(signal: AbortSignal, call: Call): void {
  call.signal = signal;
  endStepAtAbort(currentScope(), signal);
}

/** One method of an SDK calling another is one call: the outer one. */
function isInside(provider: MethodsProvider): boolean {
  const outer = currentCall() as CallSlot | undefined;
  if (outer?.call === undefined || outer.call.isSettled) return false;
  return provider.endpoints.includes(outer.endpoint as MethodEndpoint);
}

function startCall(
  instance: object,
  args: readonly unknown[],
  {
    endpoints,
    observer: { provider, starter },
  }: { endpoints: readonly MethodEndpoint[]; observer: Observer },
): CallSlot | undefined {
  return guard(`reading a call of ${provider.name}`, () => {
    for (const endpoint of endpoints) {
      const sent = endpoint.readSent(args, instance);
      if (sent === undefined) continue;
      const client: ClientInfo = {
        baseUrl: provider.client.readBaseUrl(instance),
        classNames: readClassNames(instance),
      };
      const slot: CallSlot = { endpoint, path: sent.path, starter, call: undefined, past: undefined };
      starter.start(endpoint, client, sent)?.take(slot);
      return slot;
    }
    return undefined;
  });
}

/** A method below an endpoint's that runs once per HTTP request, or that is given what does. */
function countAttempts(original: Method, { fetchArgument }: AttemptMethod): Method {
  return function attempt(this: object, ...args: unknown[]): unknown {
    const call = (currentCall() as CallSlot | undefined)?.call;
    if (call === undefined || call.isSettled) return original.apply(this, args);
    if (fetchArgument === undefined) {
      call.attempts += 1;
      return original.apply(this, args);
    }
    if (args.length <= fetchArgument) {
      call.attemptsUrl = String(args[0]);
      return original.apply(this, args);
    }
    const given = args[fetchArgument] as typeof fetch | undefined;
    const counted: typeof fetch = (...request) => {
      call.attempts += 1;
      // Looked up now, as the SDK would: an application may have put another one in its place.
      return (given ?? fetch)(...request);
    };
    return original.apply(this, args.with(fetchArgument, counted));
  };
}

/** Patches what sends for a client, once; it may send for others too, whose requests pass. */
function observeTransport(transport: Transport, instance: object): void {
  const found = transport.find(instance);
  if (found === undefined) return;
  wrapMethod(
    { prototype: found },
    transport.method,
    (original) =>
      function send(this: object, ...args: unknown[]): unknown {
        const call = (currentCall() as CallSlot | undefined)?.call;
        if (call === undefined || call.isSettled) return original.apply(this, args);
        call.attempts += 1;
        const sent = original.apply(this, args);
        if (!isThenable(sent) || !isPlainPromise(sent)) return sent;
        return sent.then((received: unknown) => {
          call.exchange = guard('reading an exchange', () => transport.readExchange(args, received));
          const { headers = {} } = call.exchange ?? {};
          call.begin((name) => headers[name]);
          return received;
        });
      },
  );
}

type Callback = (error: unknown, returned?: unknown) => unknown;

/** The same arguments, a Node callback at their end observed; the very same where there is none. */
function withObservedCallback(args: unknown[], call: Call, endpoint: MethodEndpoint): unknown[] {
  const callback = args.at(-1);
  if (typeof callback !== 'function') return args;
  const observed: Callback = function observed(this: unknown, ...answer) {
    const [error, returned] = answer;
    if (error === null || error === undefined) observeAnswer(returned, call, endpoint);
    else call.fail(error);
    return (callback as Callback).apply(this, answer);
  };
  return [...args.slice(0, -1), observed];
}

/**
 * A native promise gives a child of its own that settles alike, handled or unhandled by whoever holds it. A promise of
 * the SDK's own kind stays the very object: it is observed when the application calls its `then`.
 */
function observeReturned(returned: unknown, call: Call, endpoint: MethodEndpoint): unknown {
  if (!isThenable(returned)) {
    observeAnswer(returned, call, endpoint);
    return returned;
  }
  const onValue = (value: unknown): unknown => {
    observeAnswer(value, call, endpoint);
    return value;
  };
  const onError = (error: unknown): never => {
    call.fail(
      error,
      guard('reading a refused answer', () => endpoint.readRefused?.(error)),
    );
    throw error;
  };
  if (isPlainPromise(returned)) return returned.then(onValue, onError);
  guard('observing a promise', () => observeThen(returned, onValue, onError));
  return returned;
}

type Then = (onValue?: unknown, onError?: unknown) => unknown;
interface Thenable {
  readonly then: Then;
}

const isThenable = (value: unknown): value is Thenable =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Thenable>).then === 'function';

const isPlainPromise = (value: Thenable): value is Thenable & Promise<unknown> =>
  value instanceof Promise && value.constructor === Promise && !Object.hasOwn(value, 'then');

function observeThen(
  promise: Thenable,
  onValue: (value: unknown) => unknown,
  onError: (error: unknown) => never,
): void {
  const { then } = promise;
  const isFunction = (value: unknown): value is (argument: unknown) => unknown => typeof value === 'function';
  const value: Then = function (this: unknown, onFulfilled, onRejected) {
    return then.call(
      this,
      (result: unknown) => {
        onValue(result);
        return isFunction(onFulfilled) ? onFulfilled(result) : result;
      },
      (error: unknown) => {
        if (!isFunction(onRejected)) return onError(error);
        try {
          onError(error);
        } catch {
          // What it throws is the error itself, which the application takes here.
        }
        return onRejected(error);
      },
    );
  };
  Object.defineProperty(promise, 'then', { value, writable: true, configurable: true, enumerable: false });
}

function observeAnswer(returned: unknown, call: Call, endpoint: MethodEndpoint): void {
  const answer = guard(`reading an answer of ${endpoint.name}`, () =>
    endpoint.readAnswer === undefined ? returned : endpoint.readAnswer(returned),
  );
  if (endpoint.whole !== undefined) {
    const { whole } = endpoint;
    guard('observing a promised answer', () => observeWhole(returned, call, whole));
    if (isStream(answer)) guard('observing a stream', () => observeStream(answer, call, { isTold: true }));
  } else if (isStream(answer)) {
    const observer = call.request.body === 'lines' ? observeLines(call) : call;
    guard('observing a stream', () => observeStream(answer, observer));
    const signal =
      call.signal === undefined
        ? guard('reading a signal', () => endpoint.readStreamSignal?.(answer))
        : follow(call.signal);
    if (signal instanceof AbortSignal) call.onceSettled(endCallAtAbort(call, signal));
  } else if (isRawResponse(answer)) observeRawResponse(answer, call);
  else call.succeed(answer);
}

/** The promise of the whole answer settles the call; where nobody else takes its rejection, a child stands for it. */
function observeWhole(
  returned: unknown,
  call: Call,
  { property, isHandled }: NonNullable<MethodEndpoint['whole']>,
): void {
  const holder = returned as Record<string, unknown>;
  const promise = holder[property];
  if (!(promise instanceof Promise)) return;
  const onValue = (value: unknown): unknown => {
    call.succeed(value);
    return value;
  };
  if (isHandled) promise.then(onValue, (error: unknown) => call.fail(error));
  else
    holder[property] = promise.then(onValue, (error: unknown) => {
      call.fail(error);
      throw error;
    });
}
