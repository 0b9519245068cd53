import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

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

/** The body, decompressed, at most `limitBytes` long both before and after; throws {@link RequestError}. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate') {
    throw new RequestError(415, 'unsupported_encoding', {
      message: 'Content-Encoding must be gzip, deflate or absent',
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const raw = await readRaw(request, limitBytes);
  if (encoding === 'identity') return raw;
  try {
    return await DECOMPRESS[encoding](raw, { maxOutputLength: limitBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(limitBytes);
    throw new RequestError(400, 'malformed', { message: `the body is not ${encoding}` });
  }
}

async function readRaw(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // A plain `for await` would destroy the request when it stops early, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limitBytes) {
        request.removeAllListeners('data');
        reject(tooLarge(limitBytes));
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
