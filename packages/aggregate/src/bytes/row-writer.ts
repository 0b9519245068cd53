import { ByteWriter } from './byte-writer.js';
import { PART_MEMORY } from './part-memory.js';

/** What a row takes beside its texts, at most. */
const MAX_ROW_BYTES = 1024;
/** In front of the rows of a part: how many there are, and whether what rows have in common begins anew. */
const HEAD_BYTES = 5;
/** So much that rows have in common is remembered from one part to the next. */
const MAX_KNOWN = 50_000;

/**
 * Rows of a table as bytes, in parts that are read in their order. What many rows have in common stands there once: it is
 * a number, its place among those that came before, counted from 1, where the next place stands for a new one that
 * follows.
 */
export class RowWriter {
  readonly to = new ByteWriter(PART_MEMORY.take());
  readonly #texts = new Map<string, number>();
  readonly #shared = new Map<object, number>();
  #count = 0;
  #isAnew = true;

  constructor() {
    this.to.length = HEAD_BYTES;
  }

  /** Of the part so far. */
  get bytes(): number {
    return this.to.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** To be called before each row: makes room for it. */
  beginRow(): void {
    this.#count += 1;
    this.to.reserve(MAX_ROW_BYTES);
  }

  /** A text that does not come again; then there is room for a row again. */
  text(text: string): void {
    this.to.text(text);
    this.to.reserve(MAX_ROW_BYTES);
  }

  /** A text that other rows have, too. */
  common(text: string): void {
    const known = this.#texts.get(text);
    this.to.varint(known ?? this.#texts.size + 1);
    if (known !== undefined) return;
    this.#texts.set(text, this.#texts.size + 1);
    this.text(text);
  }

  /** An object that other rows have, too, and which does not change; `write` is called where it is new. */
  shared<V extends object>(value: V, write: (value: V, writer: RowWriter) => void): void {
    const known = this.#shared.get(value);
    this.to.varint(known ?? this.#shared.size + 1);
    if (known !== undefined) return;
    this.#shared.set(value, this.#shared.size + 1);
    write(value, this);
  }

  /** One more than a number, or 0 before a text. */
  bigint(value: bigint): void {
    const number = Number(value);
    if (number >= 0 && number < Number.MAX_SAFE_INTEGER) {
      this.to.varint(number + 1);
      return;
    }
    this.to.varint(0);
    this.text(value.toString());
  }

  /** The part, in memory that may be given back to {@link PART_MEMORY}; the next begins. */
  take(): Uint8Array {
    const end = this.to.length;
    this.to.length = 0;
    this.to.uint32(this.#count);
    this.to.byte(this.#isAnew ? 1 : 0);
    this.to.length = end;
    const part = this.to.handOver(PART_MEMORY.take());
    this.to.length = HEAD_BYTES;
    this.#count = 0;
    this.#isAnew = this.#texts.size + this.#shared.size > MAX_KNOWN;
    if (this.#isAnew) {
      this.#texts.clear();
      this.#shared.clear();
    }
    return part;
  }
}
