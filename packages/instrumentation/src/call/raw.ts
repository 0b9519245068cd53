import { pipeline, type Readable, Stream } from 'node:stream';
import { guard } from '../diagnostics.js';
import { endCallAtAbort, follow } from './abort.js';
import { BodyTap } from './body-tap.js';
import type { Call } from './call.js';

type Reader = (...args: unknown[]) => Promise<unknown>;
const BODY_READERS = ['json', 'text', 'arrayBuffer', 'blob', 'bytes', 'formData'] as const;

/** Whether a value is a response whose body nobody has read: what the SDKs hand out for files, audio and video. */
export function isRawResponse(value: unknown): value is { readonly body: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const { arrayBuffer, headers } = value as Record<string, unknown>;
  return typeof arrayBuffer === 'function' && typeof headers === 'object';
}

/** Each body is read once, whoever asks for it and however often. */
const observed = new WeakSet<object>();

/** A body that nobody reads is never over; its call settles when the response is collected. */
const unread = new FinalizationRegistry<Call>((call) => call.abort());

/**
 * Observes a response that the application reads by itself (`asResponse()`): the same object, whose body passes
 * through ours only when the application reads it.
 */
export function observeRawResponse(response: unknown, call: Call): void {
  if (call.isSettled || typeof response !== 'object' || response === null || observed.has(response)) return;
  observed.add(response);
  // Audio, video: nothing in the body tells of usage.
  if (call.request.body === 'bytes') {
    call.succeed(undefined);
    return;
  }
  guard('observing a raw response', () => {
    const { body } = response as { body: unknown };
    // Whoever reads it already got it before us: the SDK, whose parsed body tells all.
    if (body instanceof ReadableStream && body.locked) return;
    if (body instanceof ReadableStream) tapWebResponse(response as Response, body, call);
    else if (body instanceof Stream) tapNodeResponse(response as NodeResponse, call);
    else if (body === null) call.succeed(undefined);
    if (!call.isSettled) waitForEnd(response, call);
  });
}

/** Nobody may read it, or read on. */
function waitForEnd(response: object, call: Call): void {
  unread.register(response, call, call);
  const stopWatching = call.signal === undefined ? undefined : endCallAtAbort(call, follow(call.signal));
  call.onceSettled(() => {
    unread.unregister(call);
    stopWatching?.();
  });
}

/** From here its end is seen, whoever still holds the response. */
function createTap(call: Call): BodyTap {
  unread.unregister(call);
  return new BodyTap(call);
}

const own = (get: () => unknown): PropertyDescriptor => ({ get, configurable: true, enumerable: false });

/**
 * fetch's Response: every reader, `body` and `clone` go to a twin over the tapped body, made at first use. What the
 * application has put on it stays, and so does what a Response says whose body has got another reader meanwhile.
 */
function tapWebResponse(response: Response, body: ReadableStream<Uint8Array>, call: Call): void {
  let twin: Response | undefined;
  const tapped = (): Response | undefined => {
    if (!body.locked) twin ??= new Response(createTap(call).webStream(body), response);
    return twin;
  };
  const prototype = Object.getPrototypeOf(response) as Record<string, Reader>;
  const read = (name: string) => (): Promise<unknown> => {
    const holder = tapped();
    return holder === undefined
      ? prototype[name]!.call(response)
      : (holder as unknown as Record<string, Reader>)[name]!();
  };
  const clone = (): Response => {
    const holder = tapped();
    return holder === undefined
      ? Response.prototype.clone.call(response)
      : withOrigin(holder.clone(), response);
  };
  const members: PropertyDescriptorMap = {
    body: own(() => (tapped() ?? { body }).body),
    bodyUsed: own(() => twin?.bodyUsed ?? Reflect.get(prototype, 'bodyUsed', response)),
    clone: own(() => clone),
  };
  for (const name of BODY_READERS) if (name in response) members[name] = own(() => read(name));
  for (const [name, member] of Object.entries(members))
    if (!Object.hasOwn(response, name)) Object.defineProperty(response, name, member);
}

/** A Response that was made by hand does not know where it came from. */
function withOrigin(copy: Response, { url, redirected, type }: Response): Response {
  return Object.defineProperties(copy, {
    url: own(() => url),
    redirected: own(() => redirected),
    type: own(() => type),
  });
}

/** node-fetch's Response (openai 4, early @anthropic-ai/sdk): its `body` is a Node stream that every reader asks for. */
interface NodeResponse {
  readonly body: Readable;
  clone(): NodeResponse;
}

function tapNodeResponse(response: NodeResponse, call: Call): void {
  const { body, clone } = response;
  let tapped: Readable | undefined;
  let isCloned = false;
  const readBody = (): unknown => {
    // A clone splits the tapped body and leaves one half in the response.
    if (isCloned) return Reflect.get(Object.getPrototypeOf(response) as object, 'body', response);
    if (tapped === undefined) {
      const tap = createTap(call);
      tapped = pipeline(body, tap.nodeStream(), (error) => tap.leave(error ?? undefined));
    }
    return tapped;
  };
  Object.defineProperties(response, {
    body: own(readBody),
    clone: own(() => () => {
      const copy = clone.call(response);
      isCloned = true;
      return copy;
    }),
  });
}
