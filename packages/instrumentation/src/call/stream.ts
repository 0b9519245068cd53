import { guard } from '../diagnostics.js';
import { setImmediate } from '../timers.js';
import { endCallAtAbort } from './abort.js';
import type { Call } from './call.js';

/** What every Stainless SDK calls a stream: the iterator factory is also what `tee()` uses. */
export interface SdkStream {
  iterator: () => AsyncIterator<unknown>;
  /** Aborted by the application itself, or by the signal that it gave with the request. */
  controller?: { readonly signal?: unknown; abort?(): void };
}

export const isSdkStream = (value: unknown): value is SdkStream =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as SdkStream).iterator === 'function' &&
  Symbol.asyncIterator in value;

/**
 * A stream that nobody reads is never told to end; its call settles when the stream is collected. What the registry
 * holds outlives every small collection, so it lets go of a call that has ended by itself.
 */
const unread = new FinalizationRegistry<Unread>(({ call }) => call?.abort());
interface Unread {
  call: Call | undefined;
}

/**
 * Observes a stream in place: the application keeps the very object, with `tee`, `controller` and
 * `toReadableStream`, and every way to read it passes through the iterator.
 */
export function observeStream(stream: SdkStream, call: Call): void {
  stream.iterator = new Proxy(stream.iterator, new FirstIteration(stream, call));
  endWhenUnread(stream, call);
}

/**
 * What stands before the iterator's factory: a proxy, which looks like the factory itself wherever the application
 * prints its stream. A class has the handler's method, so that nothing is made anew for each stream.
 */
class FirstIteration implements ProxyHandler<SdkStream['iterator']> {
  readonly #stream: SdkStream;
  readonly #call: Call;
  #isFirst = true;

  constructor(stream: SdkStream, call: Call) {
    this.#stream = stream;
    this.#call = call;
  }

  apply(iterate: SdkStream['iterator'], self: unknown, args: unknown[]): AsyncIterator<unknown> {
    const inner = Reflect.apply(iterate, self, args) as AsyncIterator<unknown>;
    // A second iteration is the SDK's error to throw; it is not this call's end.
    if (!this.#isFirst) return inner;
    this.#isFirst = false;
    guard('observing a stream', () => tapIterator(inner, this.#call, this.#stream));
    return inner;
  }
}

/** Nothing made here may hold the stream, since an open call is held: then it would never be collected. */
function endWhenUnread(stream: SdkStream, call: Call): void {
  const held: Unread = { call };
  unread.register(stream, held, held);
  const signal = stream.controller?.signal;
  const stopWatching = signal instanceof AbortSignal ? endCallAtAbort(call, signal) : undefined;
  // Of what has ended nothing needs to be told any more.
  call.onceSettled(() => {
    held.call = undefined;
    unread.unregister(held);
    stopWatching?.();
  });
}

/**
 * Puts ours in front of the iterator's methods, in place: it stays the async generator that it is. A handful of
 * closures per stream, none per chunk, and nothing looked up that differs from stream to stream: each generator has a
 * prototype of its own. They keep the stream, which others may have dropped (`tee()` does): both go together, and not
 * before nobody reads any more.
 */
function tapIterator(inner: AsyncIterator<unknown>, call: Call, stream: SdkStream): void {
  const { next } = inner;
  let ahead: Promise<IteratorResult<unknown>> | undefined;
  const note = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (result.done !== true) call.addChunk(result.value);
    return result;
  };
  const onResult = (
    result: IteratorResult<unknown>,
  ): IteratorResult<unknown> | Promise<IteratorResult<unknown>> => {
    if (result.done === true) {
      // SDKs end quietly when the application aborts the request.
      if (isAborted(stream)) call.abort();
      else call.endStream();
      return result;
    }
    if (!call.hidesStreamUsage) return result;
    const shown = call.show(result.value);
    if (shown === undefined) return pull();
    result.value = shown;
    if (call.lacksOnlyUsage) readAhead();
    return result;
  };
  const onNext = (result: IteratorResult<unknown>) => onResult(note(result));
  const onError = (error: unknown): never => {
    call.fail(error);
    throw error;
  };
  /** Helpers of the SDK abort the request for a reader that leaves here, and drop what has arrived and is not read. */
  const readAhead = (): void => {
    ahead = next.call(inner).then(note);
    ahead.catch(() => undefined);
  };
  const pull = (value?: unknown): Promise<IteratorResult<unknown>> => {
    if (ahead === undefined) return next.call(inner, value).then(onNext, onError);
    const read = ahead;
    ahead = undefined;
    return read.then(onResult, onError);
  };
  define(inner, 'next', pull);
  // What is thrown in is the reader's own affair: like `return`, it breaks the stream off.
  for (const name of ['return', 'throw'] as const) {
    const original = inner[name];
    if (original === undefined) continue;
    define(inner, name, (value?: unknown) => {
      if (ahead !== undefined || call.lacksOnlyUsage) {
        const usage = ahead ?? next.call(inner).then(note);
        return waitOneTurn(usage, stream).then(() => leave(original, value));
      }
      return leave(original, value);
    });
  }
  // The reader is done with it, whatever the SDK's clean-up still does.
  const leave = (end: Leave, value: unknown): Promise<IteratorResult<unknown>> => {
    const ending = end.call(inner, value);
    call.abort();
    return ending;
  };
}

type Leave = (this: AsyncIterator<unknown>, value?: unknown) => Promise<IteratorResult<unknown>>;

/**
 * What has arrived by now is read in this turn of the event loop; for more than that nobody waits: then the request is
 * aborted, as the SDK does for a reader that leaves.
 */
function waitOneTurn(reading: Promise<unknown>, { controller }: SdkStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      controller?.abort?.();
      resolve();
    };
    reading.then(done, done);
    setImmediate(done);
  });
}

const isAborted = ({ controller }: SdkStream): boolean =>
  (controller?.signal as AbortSignal | undefined)?.aborted === true;

const define = (target: object, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
};
