const FIRST_CAPACITY = 4_096;
/** Texts up to here are names, ids and tiers, written character by character; longer ones by Node's own encoder. */
const MAX_SHORT_CHARS = 128;
/** Whole numbers up to here are written digit by digit, in 32-bit arithmetic. */
const MAX_INT = 0x7fff_ffff;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TILDE = 0x7e;
const ZERO = 0x30;
/** The most bytes that UTF-8 takes for one UTF-16 unit. */
const MAX_BYTES_PER_CHAR = 3;

/**
 * JSON as bytes, written piece by piece into one buffer that is used again. No string of the whole is ever made: a
 * span's pieces joined to a text cost three times as much.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What stands from `start` on, until the next change. */
  view(start = 0): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  /** Takes back what was written after this length. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A piece of JSON that was encoded before. */
  addBytes(piece: Uint8Array): void {
    this.#reserve(piece.length);
    this.#bytes.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** A piece of JSON as it stands. */
  addRaw(json: string): void {
    this.#reserve(json.length * MAX_BYTES_PER_CHAR);
    this.#length += this.#bytes.write(json, this.#length);
  }

  /** A string, quoted. */
  addText(text: string): void {
    if (text.length > MAX_SHORT_CHARS || !this.#addPlain(text)) this.addRaw(JSON.stringify(text));
  }

  /** A finite number. */
  addNumber(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value <= MAX_INT) this.addDigits(value, countDigits(value));
    else this.#addAscii(String(value));
  }

  /** A whole number from 0 to 2³¹ - 1, with leading zeros up to this width. */
  addDigits(value: number, width: number): void {
    this.#reserve(width);
    const bytes = this.#bytes;
    const start = this.#length;
    let rest = value;
    for (let at = start + width - 1; at >= start; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#length = start + width;
  }

  /** Writes a string that needs no escape, as nearly all are; says false and writes nothing for any other. */
  #addPlain(text: string): boolean {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
    return true;
  }

  #addAscii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let index = 0; index < text.length; index += 1) bytes[start + index] = text.charCodeAt(index);
    this.#length = start + text.length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function countDigits(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits += 1;
  return digits;
}
