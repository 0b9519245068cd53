import type { Call } from './call.js';

/** What every Stainless SDK calls a stream: the iterator factory is also what `tee()` uses. */
export interface SdkStream {
  iterator: () => AsyncIterator<unknown>;
  controller?: { readonly signal?: { readonly aborted: boolean } };
}

export const isSdkStream = (value: unknown): value is SdkStream =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as SdkStream).iterator === 'function' &&
  Symbol.asyncIterator in value;

/** A stream that nobody reads is never told to end; its call settles when the stream is collected. */
const unread = new FinalizationRegistry<Call>((call) => call.abort());

/**
 * Observes a stream in place: the application keeps the very object, with `tee`, `controller` and
 * `toReadableStream`, and every way to read it passes through the iterator.
 */
export function observeStream(stream: SdkStream, call: Call): void {
  const iterate = stream.iterator;
  let isFirst = true;
  stream.iterator = function iterator(this: unknown, ...args: []) {
    const inner = iterate.apply(this, args);
    // A second iteration is the SDK's error to throw; it is not this call's end.
    if (!isFirst) return inner;
    isFirst = false;
    return new StreamTap(inner, call, stream).asIterator();
  };
  unread.register(stream, call, call);
  call.onceSettled(stopWaiting);
}

/** Of what has ended nothing needs to be told at its collection. */
const stopWaiting = (call: Call): void => {
  unread.unregister(call);
};

/**
 * Sits between the SDK's iterator and its reader; a handful of closures per stream, none per chunk. It keeps the
 * stream, which others may have dropped (`tee()` does): both go together, and not before nobody reads any more.
 */
class StreamTap {
  readonly #inner: AsyncIterator<unknown>;
  readonly #call: Call;
  readonly #stream: SdkStream;

  constructor(inner: AsyncIterator<unknown>, call: Call, stream: SdkStream) {
    this.#inner = inner;
    this.#call = call;
    this.#stream = stream;
  }

  /** An object of the same kind as the SDK's own (an async generator), with our three methods in front. */
  asIterator(): AsyncIterator<unknown> {
    const inner = this.#inner;
    const own = (value: unknown): PropertyDescriptor => ({
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
    const methods: PropertyDescriptorMap = { next: own(this.#next) };
    if (inner.return !== undefined) methods.return = own(this.#return);
    if (inner.throw !== undefined) methods.throw = own(this.#throw);
    return Object.create(Object.getPrototypeOf(inner), methods) as AsyncIterator<unknown>;
  }

  readonly #onResult = (
    result: IteratorResult<unknown>,
  ): IteratorResult<unknown> | Promise<IteratorResult<unknown>> => {
    const call = this.#call;
    if (result.done === true) {
      // SDKs end quietly when the application aborts the request.
      if (this.#stream.controller?.signal?.aborted === true) call.abort();
      else call.endStream();
      return result;
    }
    call.addChunk(result.value);
    if (!call.hidesStreamUsage) return result;
    const shown = call.show(result.value);
    if (shown === undefined) return this.#next();
    result.value = shown;
    return result;
  };

  readonly #onError = (error: unknown): never => {
    this.#call.fail(error);
    throw error;
  };

  readonly #next = (value?: unknown): Promise<IteratorResult<unknown>> =>
    this.#inner.next(value).then(this.#onResult, this.#onError);

  readonly #return = (value?: unknown): Promise<IteratorResult<unknown>> => {
    // The reader is done with it, whatever the SDK's clean-up still does.
    const ending = this.#inner.return!(value);
    this.#call.abort();
    return ending;
  };

  readonly #throw = (error?: unknown): Promise<IteratorResult<unknown>> => {
    // What it throws in is the reader's own affair: like `return`, it breaks the stream off.
    const ending = this.#inner.throw!(error);
    this.#call.abort();
    return ending;
  };
}
