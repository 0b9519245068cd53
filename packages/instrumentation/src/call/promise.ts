import { observeRawResponse } from './raw.js';
import type { CallSlot } from './starter.js';
import { isSdkStream, observeStream } from './stream.js';

type Parse = (...args: unknown[]) => Promise<unknown>;
type Transform = (data: unknown, ...rest: unknown[]) => unknown;

/** The members of a Stainless `APIPromise` that every major since openai 4 and @anthropic-ai/sdk 0.20 has. */
export interface ApiPromise {
  parseResponse: Parse;
  asResponse: () => Promise<unknown>;
  _thenUnwrap: (transform: Transform) => ApiPromise;
  parsedPromise?: unknown;
}

export const isApiPromise = (value: unknown): value is ApiPromise =>
  typeof value === 'object' && value !== null && typeof (value as ApiPromise).parseResponse === 'function';

/**
 * Observes an `APIPromise` in place, without ever calling `then` on it: its body is parsed when the application asks
 * for it, and only then. Children made by `_thenUnwrap` parse through their parent.
 */
export function observeApiPromise(promise: ApiPromise, slot: CallSlot): void {
  const { parseResponse } = promise;
  const observe = (data: unknown): unknown => {
    observeData(data, slot);
    return data;
  };
  promise.parseResponse = function parse(this: unknown, ...args: unknown[]) {
    return parseResponse.apply(this, args).then(observe, (error: unknown) => {
      slot.call?.fail(error);
      throw error;
    });
  };
  define(promise, '_thenUnwrap', unwrapObserved(promise, slot, observe));
  define(promise, 'asResponse', asResponseObserved(promise, slot));
}

/**
 * Children parse through their parent, but in openai 7 through a closure that does not know it: so the parsed body is
 * seen once more on its way into the child's transform. What a child hands out raw is observed as well.
 */
function unwrapObserved(
  promise: ApiPromise,
  slot: CallSlot,
  observe: (data: unknown) => unknown,
): ApiPromise['_thenUnwrap'] {
  const unwrap = promise._thenUnwrap;
  return (transform) => {
    const child = unwrap.call(promise, (data, ...rest) => transform(observe(data), ...rest));
    define(
      child,
      '_thenUnwrap',
      unwrapObserved(child, slot, (data) => data),
    );
    define(child, 'asResponse', asResponseObserved(child, slot));
    return child;
  };
}

/** `asResponse()` leaves the body to the application. */
function asResponseObserved(promise: ApiPromise, slot: CallSlot): ApiPromise['asResponse'] {
  const { asResponse } = promise;
  return () => {
    const raw = asResponse.call(promise);
    // withResponse() parses as well: then the parsed body tells all.
    if (promise.parsedPromise !== undefined) return raw;
    return raw.then((response) => {
      if (slot.call !== undefined) observeRawResponse(response, slot.call);
      return response;
    });
  };
}

function observeData(data: unknown, { call }: CallSlot): void {
  if (call === undefined || call.isSettled) return;
  if (isSdkStream(data)) observeStream(data, call);
  else call.succeed(data);
}

/**
 * An own method where the prototype had one: not enumerable, so that printing the object shows no difference. Where
 * the object already had its own (openai 7), it stays as enumerable as it was.
 */
function define(target: object, name: string, value: unknown): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name);
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable });
}
