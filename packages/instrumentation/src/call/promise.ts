import { isRawResponse, observeRawResponse } from './raw.js';
import type { CallSlot } from './starter.js';
import { isSdkStream, observeStream } from './stream.js';
import { noteInvalidOutput } from './validation.js';
import { wrapMethod } from './wrap.js';

type Parse = (...args: unknown[]) => Promise<unknown>;
type Transform = (data: unknown, ...rest: unknown[]) => unknown;
type Unwrap = (transform: Transform) => ApiPromise;

/** The members of a Stainless `APIPromise` that every major since openai 4 and @anthropic-ai/sdk 0.20 has. */
export interface ApiPromise {
  parseResponse: Parse;
  asResponse: () => Promise<unknown>;
  /** Later @anthropic-ai/sdk 1.x: hands the response to helpers that parse it in an `APIPromise` of their own. */
  _responseProps?: () => Promise<{ readonly response: unknown }>;
  _thenUnwrap: Unwrap;
  parsedPromise?: unknown;
}

export const isApiPromise = (value: unknown): value is ApiPromise =>
  typeof value === 'object' && value !== null && typeof (value as ApiPromise).parseResponse === 'function';

/** What is known of an `APIPromise` that is observed. */
interface Observed {
  readonly slot: CallSlot;
  /** Made by `_thenUnwrap`: its data is the parent's in another form, seen on its way there. */
  readonly isChild: boolean;
}

/** A class whose instances are the very objects that it is given: what it adds to them is private. */
const Given = function given(target: object): object {
  return target;
} as unknown as new (
  target: object,
) => object;

/** Keeps what is known of a promise in the promise, where nobody else sees it. */
class Mark extends Given {
  readonly #observed: Observed;

  constructor(promise: object, observed: Observed) {
    super(promise);
    this.#observed = observed;
  }

  static put(promise: object, observed: Observed): void {
    if (!(#observed in promise)) new Mark(promise, observed);
  }

  static read(promise: object | undefined): Observed | undefined {
    return promise !== undefined && #observed in promise ? promise.#observed : undefined;
  }
}

/**
 * Observes an `APIPromise` in place, without ever calling `then` on it: its body is parsed when the application asks
 * for it, and only then. Children made by `_thenUnwrap` parse through their parent.
 */
export function observeApiPromise(promise: ApiPromise, slot: CallSlot): void {
  observe(promise, { slot, isChild: false });
}

function observe(promise: ApiPromise, observed: Observed): void {
  promise.parseResponse = new Proxy(promise.parseResponse, new ParseHandler(observed));
  Mark.put(promise, observed);
  // openai 7 gives each promise one of its own.
  if (Object.hasOwn(promise, '_thenUnwrap'))
    promise._thenUnwrap = new Proxy(promise._thenUnwrap, new UnwrapHandler(observed));
  observeClass(Object.getPrototypeOf(promise) as ApiPromise);
}

const observedClasses = new WeakSet<object>();

/** The methods of the class are replaced once, and pass for promises that nobody observes. */
function observeClass(prototype: ApiPromise): void {
  if (observedClasses.has(prototype)) return;
  observedClasses.add(prototype);
  const patchedClass = { prototype };
  wrapMethod(patchedClass, '_thenUnwrap', unwrapObserved as Wrap);
  wrapMethod(patchedClass, 'asResponse', asResponseObserved as Wrap);
  if (prototype._responseProps !== undefined)
    wrapMethod(patchedClass, '_responseProps', responsePropsObserved as Wrap);
}

type Wrap = Parameters<typeof wrapMethod>[2];

/**
 * Stands before the function that parses: a proxy of it looks like the function itself wherever the application prints
 * its promise.
 */
class ParseHandler implements ProxyHandler<Parse> {
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  apply(parse: Parse, self: unknown, args: unknown[]): Promise<unknown> {
    const { slot, isChild } = this.#observed;
    return (Reflect.apply(parse, self, args) as Promise<unknown>).then(
      (data) => {
        if (!isChild) observeData(data, slot);
        return data;
      },
      (error: unknown) => {
        slot.call?.fail(error);
        throw error;
      },
    );
  }
}

/**
 * Children parse through their parent, but in openai 7 through a closure that does not know it: so the parsed body is
 * seen once more on its way into the child's transform, and so is a body that cannot be parsed. What a child hands out
 * raw is observed as well.
 */
function unwrap(
  promise: ApiPromise,
  original: Unwrap,
  { transform, observed: { slot, isChild } }: { transform: Transform; observed: Observed },
): ApiPromise {
  const child = original.call(promise, (data, ...rest) => {
    observeLines(rest[0], slot);
    if (!isChild) observeData(data, slot);
    try {
      return transform(data, ...rest);
    } catch (error) {
      noteInvalidOutput(error, slot);
      throw error;
    }
  });
  observe(child, { slot, isChild: true });
  return child;
}

function unwrapObserved(original: Unwrap): Unwrap {
  return function thenUnwrap(this: ApiPromise, transform) {
    const observed = Mark.read(this);
    return observed === undefined
      ? original.call(this, transform)
      : unwrap(this, original, { transform, observed });
  };
}

/** Of one promise, as {@link ParseHandler} is. */
class UnwrapHandler implements ProxyHandler<Unwrap> {
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  apply(original: Unwrap, promise: ApiPromise, [transform]: [Transform]): ApiPromise {
    return unwrap(promise, original, { transform, observed: this.#observed });
  }
}

/** A response whose body somebody else parses: the application. */
function asResponseObserved(asResponse: ApiPromise['asResponse']): ApiPromise['asResponse'] {
  return function raw(this: ApiPromise) {
    const observed = Mark.read(this);
    const response = asResponse.call(this);
    // withResponse() parses as well: then the parsed body tells all.
    if (observed === undefined || this.parsedPromise !== undefined) return response;
    return response.then((given) => {
      observeRaw(given, observed);
      return given;
    });
  };
}

type ResponseProps = NonNullable<ApiPromise['_responseProps']>;

/** The same of a helper of the SDK. */
function responsePropsObserved(responseProps: ResponseProps): ResponseProps {
  return function props(this: ApiPromise) {
    const observed = Mark.read(this);
    const given = responseProps.call(this);
    if (observed === undefined) return given;
    return given.then((found) => {
      observeRaw(found.response, observed);
      return found;
    });
  };
}

function observeRaw(response: unknown, { slot }: Observed): void {
  if (slot.call !== undefined) observeRawResponse(response, slot.call);
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
