import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { ByteBudget } from '../access/gate.js';
import { freeBytes, GrowingBody } from './body-buffers.js';
import { type Compression, decompress, Gzip, isCompression, OutgrownError } from './decompress.js';
import { RequestError, tooLarge } from './request-error.js';

/** What a compressed body is expected to become at most, until it is known: spans come to a tenth of their size. */
const EXPECTED_RATIO = 16;

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
export const useBody = <T>(
  source: BodySource,
  limits: BodyLimits,
  use: (body: Buffer) => Promise<T>,
): Promise<T> => usePacked(source, limits, (body) => (body instanceof Gzip ? body.use(use) : use(body)));

/** The same, for who can inflate where the body is read; nothing may have come of it where that fails. */
export async function usePacked<T>(
  source: BodySource,
  { limitBytes, budget }: BodyLimits,
  use: (body: Buffer | Gzip) => Promise<T>,
): Promise<T> {
  const taken = new Taken(budget);
  const body = new GrowingBody();
  try {
    await receive(source, body, { limitBytes, taken });
    const { bytes, compression } = source.open(body.read());
    if (compression === 'identity') return await use(bytes);
    const gzip = compression === 'gzip' ? Gzip.find(bytes, limitBytes) : undefined;
    if (gzip !== undefined) {
      taken.take(gzip.length);
      try {
        return await use(gzip);
      } catch (error) {
        if (!(error instanceof OutgrownError)) throw error;
        taken.giveBack(gzip.length);
      }
    }
    const refuseGone = (): void => {
      if (source.isGone()) throw cutOff();
    };
    return await useDecompressed({ bytes, compression, limitBytes, taken, refuseGone }, use);
  } finally {
    taken.giveBack();
    body.giveBack();
  }
}

interface CompressedBody {
  readonly bytes: Buffer;
  readonly compression: Exclude<Compression, 'identity'>;
  readonly limitBytes: number;
  readonly taken: Taken;
  readonly refuseGone: () => void;
}

async function useDecompressed<T>(
  { bytes, compression, limitBytes, taken, refuseGone }: CompressedBody,
  use: (body: Buffer) => Promise<T>,
): Promise<T> {
  const expectedBytes = Math.min(bytes.length * EXPECTED_RATIO, limitBytes);
  taken.take(expectedBytes);
  const decompressed = await decompress(bytes, compression, { expectedBytes, limitBytes, refuseGone });
  try {
    taken.take(Math.max(0, decompressed.length - expectedBytes));
    return await use(decompressed);
  } finally {
    freeBytes(decompressed);
  }
}

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
  giveBack(bytes = this.bytes): void {
    this.#budget.give(bytes);
    this.bytes -= bytes;
  }
}

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
