import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { ByteBudget } from '../access/gate.js';
import { freeBytes, GrowingBody } from './body-buffers.js';
import { Places } from './places.js';
import { RequestError } from './request-error.js';

const DECOMPRESS = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
} as const;
/** What a compressed body is expected to become at most, until it is known: spans come to a tenth of their size. */
const EXPECTED_RATIO = 16;
/**
 * What is decompressed comes in pieces of this size. For each of them a thread is asked and this one has to have its turn:
 * in pieces of 16 KB, as they would come, a body waited for dozens of turns, each as long as others take to be counted.
 */
const PIECE_BYTES = { MIN: 16 * 1024, MAX: 1024 * 1024 } as const;
/** What says that it becomes more times its size than spans do is read in pieces. */
const MAX_ANNOUNCED_RATIO = 64;
/** A gzip ends with the size of what it becomes, of its last member at least (RFC 1952). */
const GZIP_SIZE_BYTES = 4;

/** How a body may be compressed. */
export type Compression = keyof typeof DECOMPRESS | 'identity';
export const isCompression = (name: string): name is Compression =>
  name === 'identity' || Object.hasOwn(DECOMPRESS, name);

export interface BodyLimits {
  /** Bytes of one body, before and after decompression. */
  limitBytes: number;
  /** Bytes of all bodies at a time. */
  readonly budget: ByteBudget;
}

/** Where a body comes from, and how its bytes are found in what comes. */
export interface BodySource {
  readonly stream: Readable;
  /** Bytes that stand around it. */
  readonly frameBytes: number;
  /** Bytes of all that comes, by its first piece; 0 when nobody has said. */
  readonly readExpected: (first: Buffer) => number;
  /** Nobody waits for the answer any more. */
  readonly isGone: () => boolean;
  readonly open: (raw: Buffer) => { readonly bytes: Buffer; readonly compression: Compression };
}

/**
 * Reads the body, decompressed, and gives it to `use`; its bytes count as in memory until that is done, and are others'
 * from then on.
 */
export async function useBody<T>(
  source: BodySource,
  { limitBytes, budget }: BodyLimits,
  use: (body: Buffer) => Promise<T>,
): Promise<T> {
  const { isGone, open } = source;
  const taken = new Taken(budget);
  const body = new GrowingBody();
  try {
    await receive(source, body, { limitBytes, taken });
    const { bytes, compression } = open(body.read());
    if (compression === 'identity') return await use(bytes);
    const expectedBytes = Math.min(bytes.length * EXPECTED_RATIO, limitBytes);
    taken.take(expectedBytes);
    const decompressed = await DECOMPRESSING.take(async () => {
      if (isGone()) throw cutOff();
      return decompress(bytes, compression, { expectedBytes, limitBytes });
    });
    try {
      taken.take(Math.max(0, decompressed.length - expectedBytes));
      return await use(decompressed);
    } finally {
      freeBytes(decompressed);
    }
  } finally {
    taken.giveBack();
    body.giveBack();
  }
}

/**
 * As many as the threads that do it. All that have come would grow side by side, and nobody knows to what before they
 * have: 16 KB that are a bomb to `limits.body_bytes`.
 */
const DECOMPRESSING = new Places(4);

/** The body of a request over HTTP. */
export function readHttpBody(request: IncomingMessage, { limitBytes }: BodyLimits): BodySource {
  const compression = request.headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (!isCompression(compression)) {
    throw new RequestError(415, 'unsupported_encoding', {
      message: 'Content-Encoding must be gzip, deflate, zstd or absent',
    });
  }
  const expectedBytes = Number(request.headers['content-length'] ?? 0);
  if (expectedBytes > limitBytes) throw tooLarge(limitBytes);
  return {
    stream: request,
    frameBytes: 0,
    readExpected: () => expectedBytes,
    isGone: () => request.socket.destroyed,
    open: (bytes) => ({ bytes, compression }),
  };
}

/** What one request has taken of the budget. */
class Taken {
  bytes = 0;
  readonly #budget: ByteBudget;
  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }
  take(bytes: number): void {
    this.#budget.take(bytes);
    this.bytes += bytes;
  }
  giveBack(): void {
    this.#budget.give(this.bytes);
    this.bytes = 0;
  }
}

interface DecompressOptions {
  readonly expectedBytes: number;
  readonly limitBytes: number;
}

async function decompress(
  bytes: Buffer,
  compression: keyof typeof DECOMPRESS,
  options: DecompressOptions,
): Promise<Buffer> {
  const { limitBytes } = options;
  const announcedBytes = compression === 'gzip' ? readAnnounced(bytes, options) : undefined;
  const chunkSize = announcedBytes ?? readPieceBytes(options);
  try {
    return await DECOMPRESS[compression](bytes, { maxOutputLength: limitBytes, chunkSize });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(limitBytes);
    throw new RequestError(400, 'malformed', { message: `the body is not ${compression}` });
  }
}

/**
 * Bytes of one piece that takes all that a gzip says it becomes, which may be a lie: pieces would be put together in memory of
 * their own, and be garbage that only a collection of the whole heap finds.
 */
function readAnnounced(bytes: Buffer, { limitBytes }: DecompressOptions): number | undefined {
  if (bytes.length < GZIP_SIZE_BYTES) return undefined;
  const announcedBytes = bytes.readUInt32LE(bytes.length - GZIP_SIZE_BYTES);
  const isLikely = announcedBytes <= Math.min(bytes.length * MAX_ANNOUNCED_RATIO, limitBytes);
  // With a byte to spare: zlib asks for another piece once one is full.
  return isLikely && announcedBytes >= PIECE_BYTES.MIN ? announcedBytes + 1 : undefined;
}

const readPieceBytes = ({ expectedBytes }: DecompressOptions): number =>
  Math.max(PIECE_BYTES.MIN, Math.min(expectedBytes, PIECE_BYTES.MAX));

interface ReceiveOptions {
  readonly limitBytes: number;
  readonly taken: Taken;
}

/** Resolves once all has come. */
async function receive(
  { stream, frameBytes, readExpected }: BodySource,
  body: GrowingBody,
  { limitBytes, taken }: ReceiveOptions,
): Promise<void> {
  let expectedBytes: number | undefined;
  // A plain `for await` would destroy the stream when it stops early, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    const stop = (error: unknown) => {
      stream.removeAllListeners('data');
      reject(error);
    };
    stream.on('data', (chunk: Buffer) => {
      if (body.length + chunk.length > limitBytes + frameBytes) {
        stop(tooLarge(limitBytes));
        return;
      }
      try {
        taken.take(chunk.length);
      } catch (error) {
        stop(error);
        return;
      }
      expectedBytes ??= readExpected(chunk);
      body.add(chunk, expectedBytes);
    });
    stream.on('end', resolve);
    stream.on('error', (error) => {
      stop(error instanceof RequestError ? error : cutOff());
    });
    stream.on('close', () => {
      if (!stream.readableEnded) stop(cutOff());
    });
  });
}

/** A client that is too slow. */
export const timedOut = (): RequestError =>
  new RequestError(408, 'timed_out', { message: 'the request took longer than limits.request_timeout' });

const cutOff = (): RequestError =>
  new RequestError(400, 'cut_off', { message: 'the connection ended before the body did' });

const tooLarge = (limitBytes: number): RequestError =>
  new RequestError(413, 'too_large', {
    message: `the body is larger than ${limitBytes} bytes; send smaller batches or raise limits.body_bytes`,
  });
