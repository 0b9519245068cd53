import { promisify } from 'node:util';
import { gunzip, gunzipSync, inflate, zstdDecompress } from 'node:zlib';
import { freeBytes } from './body-buffers.js';
import { Places } from './places.js';
import { RequestError, tooLarge } from './request-error.js';
import { MalformedError } from './wire.js';

const DECOMPRESS = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
} as const;
/**
 * What is decompressed comes in pieces of this size. For each of them a thread is asked and this one has to have its turn:
 * in pieces of 16 KB, as they would come, a body waited for dozens of turns, each as long as others take to be counted.
 */
const PIECE_BYTES = { MIN: 16 * 1024, MAX: 1024 * 1024 } as const;
/** What says that it becomes more times its size than spans do is read in pieces. */
const MAX_ANNOUNCED_RATIO = 64;
/** A gzip ends with the size of what it becomes, of its last member at least (RFC 1952). */
const GZIP_SIZE_BYTES = 4;
/** What becomes no more is inflated by whoever reads it, in less time than that takes. */
const MAX_AT_ONCE_BYTES = 4 * 1024 * 1024;
/** zlib makes no smaller piece. */
const MIN_CHUNK_BYTES = 64;

type Compressed = keyof typeof DECOMPRESS;
/** How a body may be compressed. */
export type Compression = Compressed | 'identity';
export const isCompression = (name: string): name is Compression =>
  name === 'identity' || Object.hasOwn(DECOMPRESS, name);

/** A gzip has become more than it says, or would. */
export class OutgrownError extends Error {
  override readonly name = 'OutgrownError';
}

/**
 * A gzip that says it becomes little enough to be inflated at once, which may be a lie, and where it is read: what another
 * thread inflates is neither handed over to be inflated nor, ten times its size, to be read.
 */
export class Gzip {
  readonly bytes: Buffer;
  /** Of what it says it becomes: it is never given more room. */
  readonly length: number;

  constructor(bytes: Buffer, length: number) {
    this.bytes = bytes;
    this.length = length;
  }

  /** Undefined where it is not one to be inflated at once. */
  static find(bytes: Buffer, limitBytes: number): Gzip | undefined {
    const announcedBytes = readAnnounced(bytes, limitBytes);
    return announcedBytes === undefined || announcedBytes > MAX_AT_ONCE_BYTES
      ? undefined
      : new Gzip(bytes, announcedBytes);
  }

  /**
   * Inflates it, and gives its memory back once it was used. Throws a {@link MalformedError} where it is none, and an
   * {@link OutgrownError} where it has lied.
   */
  async use<T>(use: (body: Buffer) => T): Promise<Awaited<T>> {
    const body = inflateAtOnce(this.bytes, this.length);
    try {
      return await use(body);
    } finally {
      freeBytes(body);
    }
  }
}

/** What a gzip becomes, of so many bytes at most. */
export function inflateAtOnce(bytes: Buffer, atMostBytes: number): Buffer {
  try {
    return gunzipSync(bytes, {
      maxOutputLength: Math.max(1, atMostBytes),
      // With a byte to spare: zlib asks for another piece once one is full.
      chunkSize: Math.max(MIN_CHUNK_BYTES, atMostBytes + 1),
    });
  } catch (error) {
    if (isTooLarge(error)) throw new OutgrownError('it becomes more than it says');
    throw new MalformedError(describeMalformed('gzip'));
  }
}

export interface DecompressOptions {
  readonly expectedBytes: number;
  readonly limitBytes: number;
  /** Nobody waits for it any more. */
  readonly refuseGone: () => void;
}

/**
 * As many as the threads that do it. All that have come would grow side by side, and nobody knows to what before they
 * have: 16 KB that are a bomb to `limits.body_bytes`.
 */
const DECOMPRESSING = new Places(4);

/** Decompresses in a thread of the system's, whatever it becomes. */
export const decompress = (
  bytes: Buffer,
  compression: Compressed,
  options: DecompressOptions,
): Promise<Buffer> =>
  DECOMPRESSING.take(async () => {
    options.refuseGone();
    const { limitBytes } = options;
    try {
      const chunkSize = readPieceBytes(bytes, compression, options);
      return await DECOMPRESS[compression](bytes, { maxOutputLength: limitBytes, chunkSize });
    } catch (error) {
      if (isTooLarge(error)) throw tooLarge(limitBytes);
      throw new RequestError(400, 'malformed', { message: describeMalformed(compression) });
    }
  });

const describeMalformed = (compression: Compressed): string => `the body is not ${compression}`;

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/** What a gzip says it becomes; undefined for what no spans become, or nothing that is taken. */
function readAnnounced(bytes: Buffer, limitBytes: number): number | undefined {
  if (bytes.length < GZIP_SIZE_BYTES) return undefined;
  const announcedBytes = bytes.readUInt32LE(bytes.length - GZIP_SIZE_BYTES);
  const isLikely = announcedBytes <= Math.min(bytes.length * MAX_ANNOUNCED_RATIO, limitBytes);
  return isLikely ? announcedBytes : undefined;
}

/**
 * Bytes of one piece; of one that takes all where a gzip says how much that is: pieces would be put together in memory of their
 * own, and be garbage that only a collection of the whole heap finds.
 */
function readPieceBytes(
  bytes: Buffer,
  compression: Compressed,
  { expectedBytes, limitBytes }: DecompressOptions,
): number {
  const announcedBytes = compression === 'gzip' ? readAnnounced(bytes, limitBytes) : undefined;
  if (announcedBytes !== undefined && announcedBytes > MAX_AT_ONCE_BYTES) return announcedBytes + 1;
  return Math.max(PIECE_BYTES.MIN, Math.min(expectedBytes, PIECE_BYTES.MAX));
}
