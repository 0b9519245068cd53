import { type Readable, Transform } from 'node:stream';
import { guard } from '../diagnostics.js';
import type { Call } from './call.js';
import { SseReader } from './sse.js';

/** A body that is read as raw bytes is kept for its usage up to here; beyond, the usage is unknown. */
const MAX_RAW_BODY_CHARS = 4 * 1024 * 1024;

type Reader = (...args: unknown[]) => Promise<unknown>;
const BODY_READERS = ['json', 'text', 'arrayBuffer', 'blob', 'bytes', 'formData'] as const;

/**
 * Observes a response that the application reads by itself (`asResponse()`): the same object, whose body passes
 * through ours only when the application reads it.
 */
export function observeRawResponse(response: unknown, call: Call): void {
  if (call.isSettled || typeof response !== 'object' || response === null) return;
  guard('observing a raw response', () => {
    if (response instanceof Response) tapWebResponse(response, call);
    else tapNodeResponse(response as NodeResponse, call);
  });
}

const own = (get: () => unknown): PropertyDescriptor => ({ get, configurable: true, enumerable: false });

/** fetch's own Response: every reader, `body` and `clone` go to a twin over the tapped body, made at first use. */
function tapWebResponse(response: Response, call: Call): void {
  const { body } = response;
  if (body === null) return;
  let twin: Response | undefined;
  const tapped = (): Response => {
    twin ??= new Response(body.pipeThrough(new BodyTap(call).webStream()), response);
    return twin;
  };
  const members: PropertyDescriptorMap = {
    body: own(() => tapped().body),
    bodyUsed: own(() => twin?.bodyUsed ?? false),
    clone: own(() => () => tapped().clone()),
  };
  for (const name of BODY_READERS) {
    if (name in response)
      members[name] = own(() => () => (tapped() as unknown as Record<string, Reader>)[name]!());
  }
  Object.defineProperties(response, members);
}

/** node-fetch's Response (openai 4): its `body` is a Node stream. */
interface NodeResponse {
  readonly body: Readable;
  json: Reader;
  text: Reader;
}

function tapNodeResponse(response: NodeResponse, call: Call): void {
  const { body, text } = response;
  const tap = new BodyTap(call);
  let piped: Readable | undefined;
  const readText = async (): Promise<string> => {
    const whole = String(await text.call(response));
    const shown = tap.push(whole);
    return shown + tap.end();
  };
  Object.defineProperties(response, {
    body: own(() => {
      piped ??= body.pipe(tap.nodeStream()).on('close', () => call.abort());
      return piped;
    }),
    text: own(() => readText),
    json: own(() => async () => JSON.parse(await readText()) as unknown),
  });
}

interface CancellableTransformer {
  transform(bytes: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void;
  flush(controller: TransformStreamDefaultController<Uint8Array>): void;
  /** In the standard and in Node since 21.5, not yet in its types. */
  cancel(): void;
}

/** Reads a body that passes by: JSON as a whole, server-sent events one by one, with ours taken out. */
class BodyTap {
  readonly #call: Call;
  readonly #sse: SseReader | undefined;
  #text: string | undefined = '';

  constructor(call: Call) {
    this.#call = call;
    if (call.request.isStream) this.#sse = new SseReader((data) => this.#onEvent(data));
  }

  /** Takes text that came in; returns what the application may see. */
  push(text: string): string {
    if (this.#sse !== undefined) return this.#sse.push(text);
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
    const text = this.#text;
    this.#call.succeed(
      text === undefined ? undefined : guard('parsing a raw body', () => JSON.parse(text) as unknown),
    );
    return '';
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
      // The application cancelled its read.
      cancel: () => this.#call.abort(),
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
    if (data === '[DONE]') return data;
    const chunk = guard('parsing a raw event', () => JSON.parse(data) as unknown);
    this.#call.addChunk(chunk);
    if (!this.#call.hidesStreamUsage) return data;
    const shown = this.#call.endpoint.hideStreamUsage?.(chunk);
    return shown === undefined ? undefined : JSON.stringify(shown);
  }
}
