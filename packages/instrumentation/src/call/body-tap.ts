import { Transform } from 'node:stream';
import { guard } from '../diagnostics.js';
import type { BodyFormat } from '../provider.js';
import { BodyText } from './body-text.js';
import type { Call } from './call.js';
import { LineReader } from './lines.js';
import { cutMember, SseReader } from './sse.js';

/** Reads a body that passes by: JSON as a whole, lines of it, be they results or chunks, or server-sent events one by one, with ours taken out. */
export class BodyTap {
  readonly #call: Call;
  readonly #format: BodyFormat;
  readonly #sse: SseReader | undefined;
  readonly #lines: LineReader | undefined;
  readonly #text = new BodyText();

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
    this.#text.push(text);
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
    const text = this.#text.read();
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
    const answer = this.#format === 'json' ? parseWhole(this.#text.read()) : undefined;
    if (answer !== undefined) this.#call.succeed(answer);
    else if (error === undefined) this.#call.abort();
    else this.#call.fail(error);
  }

  /** The body as it may be shown, of the same kind: who brings buffers of his own to a stream of bytes is served. */
  webStream(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const isOfBytes = takesOwnBuffers(source);
    const reader = source.getReader();
    const decoder = new TextDecoder();
    const read = async (): Promise<Passed> => {
      const { done, value } = await reader.read();
      return { isLast: done, bytes: done ? this.#rest() : this.#pass(value, decoder) };
    };
    const pull = async (controller: BodyController): Promise<void> => {
      try {
        let passed = await read();
        while (passed.bytes === undefined && !passed.isLast) passed = await read();
        if (passed.bytes !== undefined) controller.enqueue(passed.bytes);
        if (passed.isLast) close(controller);
      } catch (error) {
        this.leave(error instanceof Error ? error : undefined);
        throw error;
      }
    };
    const cancel = (reason: unknown): Promise<void> => {
      this.leave();
      return reader.cancel(reason);
    };
    // As with the body itself, nothing is read before somebody reads.
    return isOfBytes
      ? new ReadableStream({ type: 'bytes', pull, cancel })
      : new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
  }

  nodeStream(): Transform {
    const decoder = new TextDecoder();
    return new Transform({
      transform: (bytes: Uint8Array, _encoding, done) => done(undefined, this.#pass(bytes, decoder)),
      flush: (done) => done(undefined, this.#rest()),
    });
  }

  /** What goes on for bytes that came, `undefined` for nothing yet: the very bytes where nothing is to be hidden. */
  #pass(bytes: Uint8Array, decoder: InstanceType<typeof TextDecoder>): Uint8Array | undefined {
    if (!ArrayBuffer.isView(bytes)) return bytes;
    const shown = this.push(decoder.decode(bytes, { stream: true }));
    return this.#call.hidesStreamUsage ? toBytes(shown) : bytes;
  }

  #rest(): Uint8Array | undefined {
    const rest = this.end();
    return this.#call.hidesStreamUsage ? toBytes(rest) : undefined;
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
    return shown === chunk ? data : (cutMember(data, chunk, shown) ?? JSON.stringify(shown));
  }
}

interface Passed {
  readonly isLast: boolean;
  readonly bytes: Uint8Array | undefined;
}

type BodyController = ReadableStreamDefaultController<Uint8Array> | ReadableByteStreamController;

/** A reader's own buffer that waits at the end is given back to it. */
function close(controller: BodyController): void {
  controller.close();
  if ('byobRequest' in controller) controller.byobRequest?.respond(0);
}

/** Whether it is a stream of bytes: only those lend a reader that fills buffers of the application's. */
function takesOwnBuffers(source: ReadableStream<Uint8Array>): boolean {
  try {
    source.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** No bytes are `undefined`: a stream of bytes takes no empty piece. */
const toBytes = (text: string): Uint8Array | undefined => (text === '' ? undefined : encoder.encode(text));
const encoder = new TextEncoder();

/** What a JSON body says, when it is all there. */
function parseWhole(text = ''): object | undefined {
  if (!text.trimEnd().endsWith('}')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
