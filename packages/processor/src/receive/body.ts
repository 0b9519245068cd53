import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { ByteBudget } from '../access/gate.js';

/** A request that gets an error; the message goes to the sender and says what to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly httpStatus: number;
  /** Label value of `costspan_processor_rejected_total`. */
  readonly reason: string;

  constructor(httpStatus: number, reason: string, options: { message: string }) {
    super(options.message);
    this.httpStatus = httpStatus;
    this.reason = reason;
  }
}

const DECOMPRESS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;
/** What a compressed body is expected to become at most, until it is known: spans come to a tenth of their size. */
const EXPECTED_RATIO = 16;

export interface BodyLimits {
  /** Bytes of one body, before and after decompression. */
  limitBytes: number;
  /** Bytes of all bodies at a time. */
  readonly budget: ByteBudget;
}

/** Reads the body, decompressed, and gives it to `use`; its bytes count as in memory until that is done. */
export async function useBody<T>(
  request: IncomingMessage,
  { limitBytes, budget }: BodyLimits,
  use: (body: Buffer) => Promise<T>,
): Promise<T> {
  const taken = new Taken(budget);
  try {
    return await use(await readBody(request, limitBytes, taken));
  } finally {
    taken.giveBack();
  }
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

async function readBody(request: IncomingMessage, limitBytes: number, taken: Taken): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate') {
    throw new RequestError(415, 'unsupported_encoding', {
      message: 'Content-Encoding must be gzip, deflate or absent',
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const raw = await readRaw(request, limitBytes, taken);
  if (encoding === 'identity') return raw;
  taken.take(Math.min(raw.length * EXPECTED_RATIO, limitBytes));
  try {
    return await DECOMPRESS[encoding](raw, { maxOutputLength: limitBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(limitBytes);
    throw new RequestError(400, 'malformed', { message: `the body is not ${encoding}` });
  }
}

async function readRaw(request: IncomingMessage, limitBytes: number, taken: Taken): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // A plain `for await` would destroy the request when it stops early, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    const stop = (error: unknown) => {
      request.removeAllListeners('data');
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limitBytes) {
        stop(tooLarge(limitBytes));
        return;
      }
      try {
        taken.take(chunk.length);
      } catch (error) {
        stop(error);
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', resolve);
    request.on('error', () => reject(cutOff()));
    request.on('close', () => reject(cutOff()));
  });
  return Buffer.concat(chunks, length);
}

const cutOff = (): RequestError =>
  new RequestError(400, 'cut_off', { message: 'the connection ended before the body did' });

const tooLarge = (limitBytes: number): RequestError =>
  new RequestError(413, 'too_large', {
    message: `the body is larger than ${limitBytes} bytes; send smaller batches or raise limits.body_bytes`,
  });
