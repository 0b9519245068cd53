/** Bodies below it are made anew: their memory comes and goes within the heap of the process. */
const MIN_BYTES = 64 * 1024;
/** Larger ones are rare, and are not kept. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;
/** Buffers that are kept while nobody uses them: as many requests under way at a time find one. */
const MAX_KEPT = 16;

/**
 * Memory in which bodies are put together, which another thread may read, used again: new memory for each of them would
 * be fetched from the system page by page, and a collection of garbage would begin for its sake every few dozen. Whoever
 * takes a buffer alone has it until it is given back; nothing that is read from a body may lie in it.
 */
export class BodyBuffers {
  readonly #free: Buffer[] = [];

  /** The pieces, one behind the other. */
  join(pieces: readonly Buffer[], length: number): Buffer {
    if (length < MIN_BYTES) return Buffer.concat(pieces, length);
    const memory = length > MAX_KEPT_BYTES ? createShared(length) : this.#take(length);
    const body = memory.subarray(0, length);
    let at = 0;
    for (const piece of pieces) {
      body.set(piece, at);
      at += piece.length;
    }
    return body;
  }

  /** Takes back what {@link join} has made. */
  giveBack({ buffer, length }: Buffer): void {
    const isOurs = length >= MIN_BYTES && length <= MAX_KEPT_BYTES;
    if (isOurs && this.#free.length < MAX_KEPT) this.#free.push(Buffer.from(buffer));
  }

  #take(length: number): Buffer {
    const place = this.#free.findLastIndex((buffer) => buffer.length >= length);
    if (place !== -1) return this.#free.splice(place, 1)[0]!;
    // One that is too small makes room for the new one.
    this.#free.shift();
    return createShared(2 ** Math.ceil(Math.log2(length)));
  }
}

/** Another thread may read it where it stands. */
const createShared = (bytes: number): Buffer => Buffer.from(new SharedArrayBuffer(bytes));

/** Of all doors. */
export const BODY_BUFFERS = new BodyBuffers();
