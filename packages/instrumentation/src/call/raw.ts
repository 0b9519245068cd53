import { pipeline, type Readable, Stream, Transform } from 'node:stream';
import { guard } from '../diagnostics.js';
import type { BodyFormat } from '../provider.js';
import { endCallAtAbort } from './abort.js';
import type { Call } from './call.js';
import { LineReader } from './lines.js';
import { SseReader } from './sse.js';

/** A body that is read as raw bytes is kept for its usage up to here; beyond, the usage is unknown. */
const MAX_RAW_BODY_CHARS = 4 * 1024 * 1024;

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
    if (body instanceof ReadableStream) tapWebResponse(response as Response, body, call);
    else if (body instanceof Stream) tapNodeResponse(response as NodeResponse, call);
    else if (body === null) call.succeed(undefined);
    if (!call.isSettled) waitForEnd(response, call);
  });
}

/** Nobody may read it, or read on. */
function waitForEnd(response: object, call: Call): void {
  unread.register(response, call, call);
  const stopWatching = call.signal === undefined ? undefined : endCallAtAbort(call, call.signal);
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

/** fetch's Response: every reader, `body` and `clone` go to a twin over the tapped body, made at first use. */
function tapWebResponse(response: Response, body: ReadableStream<Uint8Array>, call: Call): void {
  let twin: Response | undefined;
  const tapped = (): Response => {
    twin ??= new Response(body.pipeThrough(createTap(call).webStream()), response);
    return twin;
  };
  const members: PropertyDescriptorMap = {
    body: own(() => tapped().body),
    bodyUsed: own(() => twin?.bodyUsed ?? false),
    clone: own(() => () => withOrigin(tapped().clone(), response)),
  };
  for (const name of BODY_READERS) {
    if (name in response)
      members[name] = own(() => () => (tapped() as unknown as Record<string, Reader>)[name]!());
  }
  Object.defineProperties(response, members);
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

interface CancellableTransformer {
  transform(bytes: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void;
  flush(controller: TransformStreamDefaultController<Uint8Array>): void;
  /** In the standard and in Node since 21.5, not yet in its types. Called as well when the source breaks. */
  cancel(reason: unknown): void;
}

/** Reads a body that passes by: JSON as a whole, lines of it, be they results or chunks, or server-sent events one by one, with ours taken out. */
export class BodyTap {
  readonly #call: Call;
  readonly #format: BodyFormat;
  readonly #sse: SseReader | undefined;
  readonly #lines: LineReader | undefined;
  #text: string | undefined = '';

  constructor(call: Call, format?: BodyFormat) {
    this.#call = call;
    const { isStream, body = isStream ? 'events' : 'json' } = call.request;
    this.#format = format ?? body;
    if (this.#format === 'events') this.#sse = new SseReader((data) => this.#onEvent(data));
    if (this.#format === 'lines') this.#lines = new LineReader((line) => call.addLine(line));
    if (this.#format === 'chunks') this.#lines = new LineReader((chunk) => call.addChunk(chunk), 'chunks');
  }

  /** Takes text that came in; returns what the application may see. */
  push(text: string): string {
    if (this.#sse !== undefined) return this.#sse.push(text);
    if (this.#lines !== undefined) {
      this.#lines.push(text);
      return text;
    }
    if (this.#text !== undefined) {
      this.#text = this.#text.length + text.length > MAX_RAW_BODY_CHARS ? undefined : this.#text + text;
    }
    return text;
  }

  /** The body is over; returns what of it was still held back. */
  end(): string {
    if (this.#sse !== undefined) {
      const rest = this.#sse.end();
      this.#call.endStream();
      return rest;
    }
    if (this.#lines !== undefined) {
      this.#lines.end();
      this.#call.endStream();
      return '';
    }
    const text = this.#text;
    this.#call.succeed(
      text === undefined ? undefined : guard('parsing a raw body', () => JSON.parse(text) as unknown),
    );
    return '';
  }

  /**
   * Nobody reads on: the reader has left, or the connection broke, which `error` tells. An answer that has passed by to
   * its last bracket was read whole, whatever of its end was still to come.
   */
  leave(error?: Error): void {
    if (this.#call.isSettled) return;
    const answer = this.#format === 'json' ? parseWhole(this.#text) : undefined;
    if (answer !== undefined) this.#call.succeed(answer);
    else if (error === undefined) this.#call.abort();
    else this.#call.fail(error);
  }

  webStream(): TransformStream<Uint8Array, Uint8Array> {
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    const { hidesStreamUsage } = this.#call;
    const transformer: CancellableTransformer = {
      transform: (bytes, controller) => {
        const shown = this.push(decoder.decode(bytes, { stream: true }));
        // Without anything to hide, the very bytes go on.
        controller.enqueue(hidesStreamUsage ? encoder.encode(shown) : bytes);
      },
      flush: (controller) => {
        const rest = this.end();
        if (hidesStreamUsage && rest !== '') controller.enqueue(encoder.encode(rest));
      },
      // The application cancelled its read, or the provider's connection broke.
      cancel: (reason) => this.leave(reason instanceof Error ? reason : undefined),
    };
    return new TransformStream(transformer);
  }

  nodeStream(): Transform {
    const decoder = new TextDecoder();
    const { hidesStreamUsage } = this.#call;
    return new Transform({
      transform: (bytes: Uint8Array, _encoding, done) => {
        const shown = this.push(decoder.decode(bytes, { stream: true }));
        done(undefined, hidesStreamUsage ? Buffer.from(shown) : bytes);
      },
      flush: (done) => {
        const rest = this.end();
        done(undefined, hidesStreamUsage && rest !== '' ? Buffer.from(rest) : undefined);
      },
    });
  }

  /** One event's data; returns what the application may see of it, `undefined` for nothing. */
  #onEvent(data: string): string | undefined {
    if (data === '[DONE]') {
      // Who reads by himself, SDKs among them, may leave here.
      this.#call.endStream();
      return data;
    }
    const chunk = guard('parsing a raw event', () => JSON.parse(data) as unknown);
    if (chunk === undefined) return data;
    this.#call.addChunk(chunk);
    const shown = this.#call.show(chunk);
    if (shown === undefined) return undefined;
    return this.#call.hidesStreamUsage ? JSON.stringify(shown) : data;
  }
}

/** What a JSON body says, when it is all there. */
function parseWhole(text = ''): object | undefined {
  if (!text.trimEnd().endsWith('}')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
