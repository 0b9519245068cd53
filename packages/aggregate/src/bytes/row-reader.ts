import { ByteReader } from './byte-reader.js';

const NOTHING = Buffer.alloc(0);

/** Reads what one `RowWriter` has written, part after part; whatever does not fit throws a RangeError. */
export class RowReader {
  from = new ByteReader(NOTHING);
  #texts: string[] = [];
  #shared: unknown[] = [];

  /** Each row of the next part, which `readOne` reads to its end. */
  *rows<T>(part: Uint8Array, readOne: (reader: RowReader) => T): IterableIterator<T> {
    this.from = new ByteReader(Buffer.from(part.buffer, part.byteOffset, part.length));
    const count = this.from.uint32();
    if (this.from.byte() !== 0) {
      this.#texts = [];
      this.#shared = [];
    }
    for (let rest = count; rest > 0; rest -= 1) yield readOne(this);
    if (!this.from.isAtEnd) throw new RangeError('there is more than one part');
  }

  text(): string {
    return this.from.text(false);
  }

  common(): string {
    const index = this.from.varint() - 1;
    if (index === this.#texts.length) this.#texts.push(this.from.text(true));
    const text = this.#texts[index];
    if (text === undefined) throw new RangeError('a text is used before it is known');
    return text;
  }

  /** `read` is called where it is new: all that are shared have to be of one kind. */
  shared<V extends object>(read: (reader: RowReader) => V): V {
    const index = this.from.varint() - 1;
    if (index === this.#shared.length) this.#shared.push(read(this));
    const value = this.#shared[index];
    if (value === undefined) throw new RangeError('something is used before it is known');
    return value as V;
  }

  bigint(): bigint {
    const value = this.from.varint();
    return value > 0 ? BigInt(value - 1) : parseBigint(this.text());
  }
}

function parseBigint(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new RangeError('an amount is none');
  return BigInt(text);
}
