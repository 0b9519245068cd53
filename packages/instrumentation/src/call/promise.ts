import { isRawResponse, observeRawResponse } from './raw.js';
import type { CallSlot } from './starter.js';
import { isSdkStream, observeStream } from './stream.js';
import { noteInvalidOutput } from './validation.js';

type Parse = (...args: unknown[]) => Promise<unknown>;
type Transform = (data: unknown, ...rest: unknown[]) => unknown;

/** The members of a Stainless `APIPromise` that every major since openai 4 and @anthropic-ai/sdk 0.20 has. */
export interface ApiPromise {
  parseResponse: Parse;
  asResponse: () => Promise<unknown>;
  /** Later @anthropic-ai/sdk 1.x: hands the response to helpers that parse it in an `APIPromise` of their own. */
  _responseProps?: () => Promise<{ readonly response: unknown }>;
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
  const observe = (data: unknown): unknown => {
    observeData(data, slot);
    return data;
  };
  promise.parseResponse = parseObserved(promise, slot, observe);
  define(promise, '_thenUnwrap', unwrapObserved(promise, slot, observe));
  observeRawDoors(promise, slot);
}

function parseObserved(promise: ApiPromise, slot: CallSlot, observe: (data: unknown) => unknown): Parse {
  const { parseResponse } = promise;
  return function parse(this: unknown, ...args: unknown[]) {
    return parseResponse.apply(this, args).then(observe, (error: unknown) => {
      slot.call?.fail(error);
      throw error;
    });
  };
}

const unchanged = (data: unknown): unknown => data;

/**
 * Children parse through their parent, but in openai 7 through a closure that does not know it: so the parsed body is
 * seen once more on its way into the child's transform, and so is a body that cannot be parsed. What a child hands out
 * raw is observed as well.
 */
function unwrapObserved(
  promise: ApiPromise,
  slot: CallSlot,
  observe: (data: unknown) => unknown,
): ApiPromise['_thenUnwrap'] {
  const unwrap = promise._thenUnwrap;
  return (transform) => {
    const child = unwrap.call(promise, (data, ...rest) => {
      observeLines(rest[0], slot);
      const seen = observe(data);
      try {
        return transform(seen, ...rest);
      } catch (error) {
        noteInvalidOutput(error, slot);
        throw error;
      }
    });
    child.parseResponse = parseObserved(child, slot, unchanged);
    define(child, '_thenUnwrap', unwrapObserved(child, slot, unchanged));
    observeRawDoors(child, slot);
    return child;
  };
}

/** The ways to a response whose body somebody else parses: the application (`asResponse()`) or a helper of the SDK. */
function observeRawDoors(promise: ApiPromise, slot: CallSlot): void {
  const { asResponse, _responseProps } = promise;
  const observe = (response: unknown): void => {
    if (slot.call !== undefined) observeRawResponse(response, slot.call);
  };
  define(promise, 'asResponse', () => {
    const raw = asResponse.call(promise);
    // withResponse() parses as well: then the parsed body tells all.
    if (promise.parsedPromise !== undefined) return raw;
    return raw.then((response) => {
      observe(response);
      return response;
    });
  });
  if (_responseProps === undefined) return;
  define(promise, '_responseProps', () =>
    _responseProps.call(promise).then((props) => {
      observe(props.response);
      return props;
    }),
  );
}

function observeData(data: unknown, { call }: CallSlot): void {
  if (call === undefined || call.isSettled) return;
  if (isRawResponse(data)) observeRawResponse(data, call);
  else if (isSdkStream(data)) {
    // Lines are read from the response by a decoder of the SDK's; a stream of events over it is made and dropped.
    if (call.request.body !== 'lines') observeStream(data, call);
  } else call.succeed(data);
}

/** A helper that reads lines gets the response itself. */
function observeLines(props: unknown, { call }: CallSlot): void {
  const response = (props as { response?: unknown } | undefined)?.response;
  if (call?.request.body === 'lines') observeRawResponse(response, call);
}

/**
 * An own method where the prototype had one: not enumerable, so that printing the object shows no difference. Where
 * the object already had its own (openai 7), it stays as enumerable as it was.
 */
function define(target: object, name: string, value: unknown): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name);
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable });
}
