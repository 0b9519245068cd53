import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { BodyTap } from '../call/body-tap.js';
import type { Call } from '../call/call.js';
import { FrameReader } from '../call/frames.js';
import type { CallStarter } from '../call/starter.js';
import { guard } from '../diagnostics.js';
import { asksModel, type Wire } from './wire.js';

/** A request body beyond this size is not read for its model: the answer names it as well. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** One request to a provider and its response, as their bytes pass by. */
export class Exchange {
  readonly #wire: Wire;
  readonly #starter: CallStarter;
  /** The application's own context: the bytes pass by in that of a connection. */
  readonly #inContext = AsyncLocalStorage.snapshot();
  #sent: Buffer[] | undefined = [];
  #sentBytes = 0;
  #hasBegun = false;
  #call: Call | undefined;
  #tap: BodyTap | undefined;
  /** Of a body that is no text. */
  #frames: FrameReader | undefined;
  #decoder: Transform | undefined;
  readonly #text = new TextDecoder();

  constructor(wire: Wire, starter: CallStarter) {
    this.#wire = wire;
    this.#starter = starter;
  }

  /** A part of the request's body. */
  send(part: unknown): void {
    const bytes =
      typeof part === 'string'
        ? Buffer.from(part)
        : part instanceof Uint8Array
          ? Buffer.from(part)
          : undefined;
    if (bytes === undefined || this.#sent === undefined) return;
    this.#sentBytes += bytes.length;
    if (this.#sentBytes > MAX_REQUEST_BYTES) this.#sent = undefined;
    else this.#sent.push(bytes);
  }

  /** The request has been handed over whole. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { readers, path, baseUrl, isKnownHost } = this.#wire;
    // Too large to be read is not too large to be asked: images.
    const isLarge = this.#sent === undefined;
    const body = this.#readSent();
    if (!isKnownHost && !isLarge && !asksModel(body, this.#wire)) return;
    this.#call = this.#inContext(() =>
      this.#starter.start(readers, { baseUrl, classNames: [] }, { path, body }),
    );
    if (this.#call !== undefined) this.#call.attempts = 1;
  }

  /** A form, a stream of something else: then only the answer tells. */
  #readSent(): unknown {
    const text = this.#sent === undefined ? '' : Buffer.concat(this.#sent).toString();
    this.#sent = undefined;
    if (!text.startsWith('{')) return {};
    try {
      return JSON.parse(text);
    } catch {
      return {};
    }
  }

  respond(status: number, header: (name: string) => string | undefined): void {
    this.begin();
    const call = this.#call;
    if (call === undefined || call.isSettled) return;
    if (status >= 400) {
      call.fail({ status });
      return;
    }
    call.begin(header);
    const type = header('content-type') ?? '';
    const isEvents = type.includes('text/event-stream');
    const isFramed = type.includes('application/vnd.amazon.eventstream');
    if (!isEvents && call.request.body === 'bytes') {
      call.succeed(undefined);
      return;
    }
    const body = isEvents ? 'events' : isFramed ? 'chunks' : (call.request.body ?? 'json');
    const tap = new BodyTap(call, body);
    this.#tap = tap;
    if (isFramed) this.#frames = new FrameReader((event) => call.addChunk(event));
    const decoder = createDecoder(header('content-encoding'));
    if (decoder === undefined) return;
    this.#decoder = decoder;
    decoder.on('data', (bytes: Buffer) => this.#read(bytes));
    decoder.on('end', () => guard('ending a response', () => tap.end()));
    decoder.on('error', () => guard('decoding a response', () => call.succeed(undefined)));
  }

  /** A part of the response's body, as it came over the connection. */
  receive(bytes: unknown): void {
    if (this.#tap === undefined || !(bytes instanceof Uint8Array)) return;
    // A copy: the parser reuses its buffer.
    if (this.#decoder !== undefined) this.#decoder.write(Buffer.from(bytes));
    else this.#read(bytes);
  }

  #read(bytes: Uint8Array): void {
    guard('reading a response', () => {
      if (this.#frames !== undefined) this.#frames.push(bytes);
      else this.#tap?.push(this.#text.decode(bytes, { stream: true }));
    });
  }

  /** The response is over. */
  end(): void {
    if (this.#decoder !== undefined) this.#decoder.end();
    else this.#tap?.end();
  }

  fail(error: unknown): void {
    this.begin();
    this.#call?.fail(error);
  }

  /** The application has left before the end, or the connection has. */
  abort(): void {
    if (this.#decoder?.writableEnded === true) return;
    if (this.#tap === undefined) this.#call?.abort();
    else this.#tap.leave();
  }
}

const DECODERS: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  // Not in every Node 22.
  zstd: createZstdDecompress as (() => Transform) | undefined,
};

/** `undefined` where the bytes are the text already. */
function createDecoder(encoding: string | undefined): Transform | undefined {
  const name = encoding?.trim().toLowerCase();
  return name !== undefined && Object.hasOwn(DECODERS, name) ? DECODERS[name]?.() : undefined;
}
