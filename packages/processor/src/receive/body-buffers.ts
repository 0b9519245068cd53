/** Bodies below it are made anew: their memory comes and goes within the heap of the process. */
const MIN_BYTES = 64 * 1024;
/** Larger ones are rare, and are not kept; nobody gets more for a length that is only announced. */
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

  /** Room for so many bytes at least. */
  take(bytes: number): Buffer {
    if (bytes > MAX_KEPT_BYTES) return createShared(bytes);
    const place = this.#free.findLastIndex((buffer) => buffer.length >= bytes);
    if (place !== -1) return this.#free.splice(place, 1)[0]!;
    // One that is too small makes room for the new one.
    this.#free.shift();
    return createShared(2 ** Math.ceil(Math.log2(bytes)));
  }

  /** Takes back what {@link take} has given, or a part of it. */
  giveBack({ buffer }: Buffer): void {
    if (buffer.byteLength <= MAX_KEPT_BYTES && this.#free.length < MAX_KEPT)
      this.#free.push(Buffer.from(buffer));
  }
}

/** Another thread may read it where it stands. */
const createShared = (bytes: number): Buffer => Buffer.from(new SharedArrayBuffer(bytes));

/**
 * Into memory that threads share V8 copies a whole array byte by byte, unless it stands by chance as its new place does; a part
 * of one is copied by the system, fifteen times as fast.
 */
export function putBytes(memory: Buffer, bytes: Buffer, at: number): void {
  if (bytes.length === 0) return;
  const last = bytes.length - 1;
  bytes.copy(memory, at, 0, last);
  memory[at + last] = bytes[last]!;
}

/**
 * Gives large memory back at once, which nobody may read any more: while it waits for a collection V8 counts it as heap that
 * has grown, and for that it collects all of the heap. Smaller memory may be a part of what others use.
 */
export function freeBytes({ buffer, length }: Buffer): void {
  if (length >= MIN_BYTES && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Of all doors. */
export const BODY_BUFFERS = new BodyBuffers();

/**
 * A body while it comes. Each piece of a large one is put in its place at once: pieces that waited for the last one would
 * outlive the collections of young garbage, and for those that do V8 collects all of the heap.
 */
export class GrowingBody {
  length = 0;
  readonly #buffers: BodyBuffers;
  #pieces: Buffer[] = [];
  #memory: Buffer | undefined;

  constructor(buffers = BODY_BUFFERS) {
    this.#buffers = buffers;
  }

  /** `expectedBytes`: of the whole body, as far as anybody has said; it may be wrong. */
  add(piece: Buffer, expectedBytes: number): void {
    const length = this.length + piece.length;
    if (length < MIN_BYTES) this.#pieces.push(piece);
    else {
      if (this.#memory === undefined || this.#memory.length < length) this.#grow(length, expectedBytes);
      putBytes(this.#memory!, piece, this.length);
    }
    this.length = length;
  }

  /** All of it; the memory it lies in is others' once it is given back. */
  read(): Buffer {
    if (this.#memory !== undefined) return this.#memory.subarray(0, this.length);
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.length);
  }

  giveBack(): void {
    if (this.#memory !== undefined) this.#buffers.giveBack(this.#memory);
    this.#memory = undefined;
  }

  #grow(length: number, expectedBytes: number): void {
    const announcedBytes = Math.min(expectedBytes, MAX_KEPT_BYTES);
    const larger = this.#buffers.take(Math.max(length, announcedBytes, 2 * (this.#memory?.length ?? 0)));
    let at = 0;
    for (const piece of this.#memory === undefined ? this.#pieces : [this.#memory]) {
      putBytes(larger, piece, at);
      at += piece.length;
    }
    this.giveBack();
    this.#memory = larger;
    this.#pieces = [];
  }
}
