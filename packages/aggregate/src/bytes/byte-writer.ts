import { HEX_BYTES, TEXT_FORM, TEXT_FORMS } from './byte-form.js';
import { writeHex } from './hex.js';
import { VARINT_BYTES, writeVarint } from './varint.js';

const FIRST_BYTES = 64 * 1024;
/** More than that is not kept from one entry to the next. */
const MAX_KEPT_BYTES = 1024 * 1024;
const HEX_CHARS = HEX_BYTES * 2;

/** Numbers and texts as bytes, one behind the other. Only {@link reserve} and {@link text} see to the room for them. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;
  #view: DataView;

  /** `memory`: what it writes to as long as there is room. */
  constructor(memory: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {
    this.bytes = memory;
    this.#view = new DataView(memory.buffer);
  }

  /** Makes room for so many bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(larger, 0, 0, this.length);
    this.#use(larger);
  }

  /** What was written from there on, in memory of its own; the next begins anew. */
  take(start = 0): Buffer<ArrayBuffer> {
    const taken = Buffer.allocUnsafeSlow(this.length - start);
    this.bytes.copy(taken, 0, start, this.length);
    this.length = 0;
    if (this.bytes.length > MAX_KEPT_BYTES) this.#use(Buffer.allocUnsafeSlow(FIRST_BYTES));
    return taken;
  }

  /** What was written, where it stands; the next is written to other memory. */
  handOver(memory: Buffer): Buffer {
    const written = this.bytes.subarray(0, this.length);
    this.length = 0;
    this.#use(memory);
    return written;
  }

  byte(value: number): void {
    this.bytes[this.length] = value;
    this.length += 1;
  }

  uint32(value: number): void {
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  double(value: number): void {
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** A whole number from 0 to 2^53 - 1: eight bytes at most. */
  varint(value: number): void {
    this.length = writeVarint(this.bytes, this.length, value);
  }

  /** How many bytes {@link varint} takes for it. */
  varintBytes(value: number): number {
    let count = 1;
    for (let rest = value; rest >= 128; rest /= 128) count += 1;
    return count;
  }

  /** Any number: a whole one that is not negative is one more than itself, 0 stands before all others. */
  number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER && !Object.is(value, -0)) {
      this.varint(value + 1);
      return;
    }
    this.byte(0);
    this.double(value);
  }

  /** A text behind its length in bytes and its form; makes room for it. */
  text(text: string): void {
    // UTF-8 takes at most three bytes for one UTF-16 unit.
    this.reserve(text.length * 3 + VARINT_BYTES);
    const start = this.length;
    if (text.length === HEX_CHARS && writeHex(text, this.bytes, start + 1)) {
      this.byte(HEX_BYTES * TEXT_FORMS + TEXT_FORM.HEX);
      this.length += HEX_BYTES;
      return;
    }
    this.varint(text.length * TEXT_FORMS + TEXT_FORM.ASCII);
    if (writeAscii(text, this.bytes, this.length)) {
      this.length += text.length;
      return;
    }
    this.length = start;
    this.varint(Buffer.byteLength(text) * TEXT_FORMS + TEXT_FORM.UTF8);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  #use(bytes: Buffer): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** Writes a text of ASCII; false for any other. */
function writeAscii(text: string, bytes: Buffer, at: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 128) return false;
    bytes[at + index] = code;
  }
  return true;
}
