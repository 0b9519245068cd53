import { isRawResponse, observeRawResponse } from './raw.js';
import type { CallSlot } from './starter.js';
import { isSdkStream, observeStream } from './stream.js';
import { noteInvalidOutput } from './validation.js';
import { wrapMethod } from './wrap.js';

type Parse = () => Promise<unknown>;
type Transform = (data: unknown, ...rest: unknown[]) => unknown;
type Unwrap = (transform: Transform) => ApiPromise;

/** The members of a Stainless `APIPromise` that every major since openai 4 and @anthropic-ai/sdk 0.20 has. */
export interface ApiPromise {
  /** Of the response and what was asked; that of a promise made by `_thenUnwrap` is its parent's. */
  readonly responsePromise: object;
  readonly parseResponse: unknown;
  parse: Parse;
  asResponse: () => Promise<unknown>;
  /** Later @anthropic-ai/sdk 1.x: hands the response to helpers that parse it in an `APIPromise` of their own. */
  _responseProps?: () => Promise<{ readonly response: unknown }>;
  _thenUnwrap: Unwrap;
  parsedPromise?: Promise<unknown>;
}

export const isApiPromise = (value: unknown): value is ApiPromise =>
  typeof value === 'object' && value !== null && typeof (value as ApiPromise).parseResponse === 'function';

/** A class whose instances are the very objects that it is given: what it adds to them is private. */
const Given = function given(target: object): object {
  return target;
} as unknown as new (
  target: object,
) => object;

/** Keeps the place of a call in what the SDK makes of its request, where nobody else sees it. */
class Mark extends Given {
  readonly #slot: CallSlot;

  constructor(target: object, slot: CallSlot) {
    super(target);
    this.#slot = slot;
  }

  static put(target: object, slot: CallSlot): void {
    if (!(#slot in target)) new Mark(target, slot);
  }

  static read(target: object): CallSlot | undefined {
    return #slot in target ? target.#slot : undefined;
  }
}

/**
 * Observes an `APIPromise`, and those that are made of it, without ever calling `then` on one: its body is parsed when
 * the application asks for it, and only then. Nothing is put on the promise, wherever the application prints it.
 */
export function observeApiPromise(promise: ApiPromise, slot: CallSlot): void {
  Mark.put(promise.responsePromise, slot);
  observeClass(Object.getPrototypeOf(promise) as ApiPromise);
}

const observedClasses = new WeakSet<object>();

/** The methods of the class are replaced once, and pass for promises that nobody observes. */
function observeClass(prototype: ApiPromise): void {
  if (observedClasses.has(prototype)) return;
  observedClasses.add(prototype);
  const patchedClass = { prototype };
  wrapMethod(patchedClass, 'parse', parseObserved as Wrap);
  wrapMethod(patchedClass, '_thenUnwrap', unwrapObserved as Wrap);
  wrapMethod(patchedClass, 'asResponse', asResponseObserved as Wrap);
  if (prototype._responseProps !== undefined)
    wrapMethod(patchedClass, '_responseProps', responsePropsObserved as Wrap);
}

type Wrap = Parameters<typeof wrapMethod>[2];

/** What the application is given, however it asks: `then`, `catch`, `finally` and `withResponse` parse. */
function parseObserved(parse: Parse): Parse {
  return function parsed(this: ApiPromise) {
    const slot = Mark.read(this.responsePromise);
    if (slot === undefined || this.parsedPromise !== undefined) return parse.call(this);
    this.parsedPromise = parse.call(this).then(
      (data) => {
        observeData(data, slot);
        return data;
      },
      (error: unknown) => {
        // What came was read by then: something could not be made of it.
        if (slot.isRead) noteInvalidOutput(error, slot);
        slot.call?.fail(error);
        throw error;
      },
    );
    return this.parsedPromise;
  };
}

/** What is made of an answer may lack its usage, or fail: so it is seen on its way there. */
function unwrapObserved(original: Unwrap): Unwrap {
  return function thenUnwrap(this: ApiPromise, transform) {
    const slot = Mark.read(this.responsePromise);
    if (slot === undefined) return original.call(this, transform);
    return original.call(this, (data, ...rest) => {
      observeParsed(data, rest[0], slot);
      return transform(data, ...rest);
    });
  };
}

/** What a client makes of the body of a response. */
type ParseBody = (client: unknown, props: unknown) => Promise<unknown>;

/** Keeps the place of a call in its response, of clients whose promises ask for their bodies by a method of theirs. */
export function markResponse(props: unknown, slot: CallSlot): void {
  if (typeof props === 'object' && props !== null) Mark.put(props, slot);
}

/** openai 7: promises made of others ask the client, and not their parents. */
export function parseBodyObserved(parseBody: ParseBody): ParseBody {
  return function parsed(this: unknown, client, props) {
    const body = parseBody.call(this, client, props);
    const slot = typeof props === 'object' && props !== null ? Mark.read(props) : undefined;
    if (slot === undefined) return body;
    return body.then((data) => {
      observeParsed(data, props, slot);
      return data;
    });
  };
}

/** A response whose body somebody else parses: the application. */
function asResponseObserved(asResponse: ApiPromise['asResponse']): ApiPromise['asResponse'] {
  return function raw(this: ApiPromise) {
    const slot = Mark.read(this.responsePromise);
    const response = asResponse.call(this);
    // withResponse() parses as well: then the parsed body tells all.
    if (slot === undefined || this.parsedPromise !== undefined) return response;
    return response.then((given) => {
      observeRaw(given, slot);
      return given;
    });
  };
}

type ResponseProps = NonNullable<ApiPromise['_responseProps']>;

/** The same of a helper of the SDK. */
function responsePropsObserved(responseProps: ResponseProps): ResponseProps {
  return function props(this: ApiPromise) {
    const slot = Mark.read(this.responsePromise);
    const given = responseProps.call(this);
    if (slot === undefined) return given;
    return given.then((found) => {
      observeRaw(found.response, slot);
      return found;
    });
  };
}

function observeRaw(response: unknown, { call }: CallSlot): void {
  if (call !== undefined) observeRawResponse(response, call);
}

/** A helper that reads lines gets the response itself. */
function observeParsed(data: unknown, props: unknown, slot: CallSlot): void {
  const { call } = slot;
  if (call?.request.body === 'lines')
    observeRawResponse((props as { response?: unknown } | undefined)?.response, call);
  observeData(data, slot);
}

/** Once: what comes after that is the same in another form. */
function observeData(data: unknown, slot: CallSlot): void {
  const { call, isRead } = slot;
  slot.isRead = true;
  if (call === undefined || call.isSettled || isRead) return;
  if (isRawResponse(data)) observeRawResponse(data, call);
  else if (isSdkStream(data)) {
    // Lines are read from the response by a decoder of the SDK's; a stream of events over it is made and dropped.
    if (call.request.body !== 'lines') observeStream(data, call);
  } else call.succeed(data);
}
