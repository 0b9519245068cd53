import { HEX_BYTES, TEXT_FORM, TEXT_FORMS } from './byte-form.js';
import { readHex8 } from './hex.js';
import { TextPool } from './text-pool.js';

/** Reads what {@link ByteWriter} has written; whatever does not fit throws a RangeError. */
export class ByteReader {
  position = 0;
  readonly #bytes: Buffer;
  readonly #view: DataView;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.position === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#view.getUint8(this.position);
    this.position += 1;
    return byte;
  }

  uint32(): number {
    const value = this.#view.getUint32(this.position, true);
    this.position += 4;
    return value;
  }

  double(): number {
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 0x80; factor < 2 ** 56; factor *= 0x80) {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  number(): number {
    const value = this.varint();
    return value === 0 ? this.double() : value - 1;
  }

  /** Eight bytes as hex. */
  hex8(): string {
    return readHex8(this.#bytes, this.#take(8));
  }

  /** `isCommon`: it comes again in other entries, and shall be the same text in memory then. */
  text(isCommon: boolean): string {
    const code = this.varint();
    const length = Math.floor(code / TEXT_FORMS);
    const from = this.#take(length);
    const to = from + length;
    switch (code % TEXT_FORMS) {
      case TEXT_FORM.HEX:
        if (length !== HEX_BYTES) throw new RangeError('a text of hex has another length');
        return readHex8(this.#bytes, from) + readHex8(this.#bytes, from + HEX_BYTES / 2);
      case TEXT_FORM.ASCII:
        return isCommon ? COMMON.read(this.#bytes, from, to) : this.#bytes.toString('latin1', from, to);
      case TEXT_FORM.UTF8:
        return this.#bytes.toString('utf8', from, to);
      default:
        throw new RangeError('a text has a form that is not known');
    }
  }

  #take(count: number): number {
    const start = this.position;
    if (count > this.#bytes.length - start) throw new RangeError('a value is cut short');
    this.position = start + count;
    return start;
  }
}

/** Of all entries. */
const COMMON = new TextPool();
