import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { BodyTap } from '../call/body-tap.js';
import type { Call } from '../call/call.js';
import { FrameReader } from '../call/frames.js';
import type { CallStarter, ReservedCall } from '../call/starter.js';
import { guard } from '../diagnostics.js';
import { readNowMs } from '../timers.js';
import { RequestBody } from './request-body.js';
import { UnsureTap } from './unsure-tap.js';
import { asksModel, type Wire } from './wire.js';

/** One request to a provider and its response, as their bytes pass by. */
export class Exchange {
  readonly #wire: Wire;
  readonly #starter: CallStarter;
  /** Of a request that had to say which call it is before it was read. */
  readonly #reserved: ReservedCall | undefined;
  /** The application's own context: the bytes pass by in that of a connection. */
  readonly #inContext = AsyncLocalStorage.snapshot();
  readonly #sent = new RequestBody();
  /** When the request was made: it is read when it has been handed over whole. */
  readonly #startMs = readNowMs();
  #hasBegun = false;
  #call: Call | undefined;
  #tap: BodyTap | UnsureTap | undefined;
  /** Starts a call that only its answer makes one. */
  #startUnsure: (() => Call | undefined) | undefined;
  /** Of a body that is no text. */
  #frames: FrameReader | undefined;
  #decoder: Transform | undefined;
  readonly #text = new TextDecoder();

  constructor(wire: Wire, starter: CallStarter, reserved?: ReservedCall) {
    this.#wire = wire;
    this.#starter = starter;
    this.#reserved = reserved;
  }

  /** A part of the request's body. */
  send(part: unknown): void {
    if (!this.#hasBegun) this.#sent.push(part);
  }

  /** The request has been handed over whole. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { isKnownHost, isAnswer } = this.#wire;
    const body = this.#sent.read();
    // Too large to be read is not too large to be asked: images.
    if (!isKnownHost && !this.#sent.isLarge && !asksModel(body, this.#wire)) return;
    if (isAnswer === undefined) this.#call = this.#start(body);
    else this.#startUnsure = () => this.#start(body);
  }

  #start(body: unknown): Call | undefined {
    const { readers, path, baseUrl } = this.#wire;
    const call = this.#inContext(() =>
      this.#starter.start(
        readers,
        { baseUrl, classNames: [] },
        { path, body, startMs: this.#startMs },
        this.#reserved,
      ),
    );
    if (call === undefined) this.#reserved?.span.drop();
    else call.attempts = 1;
    return call;
  }

  respond(status: number, header: (name: string) => string | undefined): void {
    this.begin();
    const { isAnswer } = this.#wire;
    if (this.#startUnsure !== undefined && isAnswer !== undefined && status < 400) {
      this.#tap = new UnsureTap(this.#startUnsure, isAnswer);
      this.#decode(header('content-encoding'), this.#tap);
      return;
    }
    const call = this.#call;
    if (call === undefined || call.isSettled) return;
    if (status >= 400) {
      call.fail({ status });
      return;
    }
    call.begin(header);
    const type = header('content-type') ?? '';
    const isFramed = type.includes('application/vnd.amazon.eventstream');
    // Protobuf, which nobody here reads.
    const isGrpc = type.startsWith('application/grpc');
    // Not every server says that it is one.
    const isUnsaid = call.request.isStream && call.request.body === undefined && !type.includes('json');
    const isEvents = type.includes('text/event-stream') || (isUnsaid && !isFramed);
    if (isGrpc || (!isEvents && call.request.body === 'bytes')) {
      call.succeed(undefined);
      return;
    }
    const body = isEvents ? 'events' : isFramed ? 'chunks' : (call.request.body ?? 'json');
    const tap = new BodyTap(call, body);
    this.#tap = tap;
    if (isFramed) this.#frames = new FrameReader((event) => call.addChunk(event));
    this.#decode(header('content-encoding'), tap);
  }

  #decode(encoding: string | undefined, tap: BodyTap | UnsureTap): void {
    const decoders = createDecoders(encoding);
    this.#decoder = decoders[0];
    for (const [at, decoder] of decoders.slice(1).entries()) decoders[at]?.pipe(decoder);
    for (const decoder of decoders)
      decoder.on('error', () => guard('decoding a response', () => this.#call?.succeed(undefined)));
    const last = decoders.at(-1);
    last?.on('data', (bytes: Buffer) => this.#read(bytes));
    last?.on('end', () => guard('ending a response', () => tap.end()));
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

/** A body that lacks the last bytes of its encoding is read as far as it goes, as `fetch` does. */
const DECODERS: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  // Not in every Node 22.
  zstd: createZstdDecompress as (() => Transform) | undefined,
};
/** More than this is no answer of a provider. */
const MAX_ENCODINGS = 5;

/** What takes a body's encodings off, the last one first; nothing where the bytes are the text already. */
function createDecoders(encodings = ''): Transform[] {
  const names = encodings
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-/, ''))
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  const makers = names.map((name) => (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined));
  if (names.length > MAX_ENCODINGS || makers.includes(undefined)) return [];
  return makers.flatMap((make) => make?.() ?? []);
}
