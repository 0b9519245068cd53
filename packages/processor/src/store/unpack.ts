import { LAST_IDS, MAX_REPEATED_CHARS, MAX_SHAPES, SPAN_ID_BYTES, TAG, TRACE_ID_BYTES } from './pack-form.js';

/** The value again; throws a RangeError where the bytes are none that {@link pack} has written. */
export function unpack(bytes: Buffer): unknown {
  const reader = new PackReader(bytes);
  const value = reader.value();
  if (!reader.isAtEnd) throw new RangeError('there is more than one value');
  return value;
}

/** Arrays and objects inside one another; our own records go four deep. */
const MAX_DEPTH = 64;

class PackReader {
  readonly #bytes: Buffer;
  readonly #texts: string[] = [];
  readonly #shapes: string[][] = [];
  readonly #ids = new Array<string | undefined>(LAST_IDS).fill(undefined);
  #idCount = 0;
  #position = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  value(): unknown {
    const tag = this.#byte();
    switch (tag) {
      case TAG.UNDEFINED:
        return undefined;
      case TAG.FALSE:
        return false;
      case TAG.TRUE:
        return true;
      case TAG.INTEGER:
        return this.#varint();
      case TAG.NEGATIVE:
        return -this.#varint();
      case TAG.DOUBLE:
        return this.#bytes.readDoubleLE(this.#take(8));
      case TAG.BIGINT:
        return BigInt(this.#raw());
      case TAG.BYTES: {
        const length = this.#varint();
        const start = this.#take(length);
        return this.#bytes.subarray(start, start + length);
      }
      case TAG.TEXT:
      case TAG.AGAIN:
        return this.#text(tag);
      case TAG.SPAN_ID:
        return this.#id(SPAN_ID_BYTES);
      case TAG.TRACE_ID:
        return this.#id(TRACE_ID_BYTES);
      case TAG.ID_AGAIN:
        return this.#idAgain();
      default:
        return this.#composite(tag);
    }
  }

  #composite(tag: number): unknown {
    if (this.#depth === MAX_DEPTH) throw new RangeError('values are nested too deep');
    this.#depth += 1;
    const value = tag === TAG.ARRAY ? this.#array() : this.#object(tag);
    this.#depth -= 1;
    return value;
  }

  #array(): unknown[] {
    const list: unknown[] = [];
    for (let rest = this.#varint(); rest > 0; rest -= 1) list.push(this.value());
    return list;
  }

  #object(tag: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const key of this.#keys(tag)) object[key] = this.value();
    return object;
  }

  #keys(tag: number): readonly string[] {
    if (tag === TAG.LIKE) {
      const known = this.#shapes[this.#varint()];
      if (known === undefined) throw new RangeError('keys are used before they are known');
      return known;
    }
    if (tag !== TAG.OBJECT) throw new RangeError(`there is no kind ${tag} of value`);
    const keys: string[] = [];
    for (let rest = this.#varint(); rest > 0; rest -= 1) keys.push(this.#text(this.#byte()));
    if (keys.includes('__proto__')) throw new RangeError('an object has an impossible key');
    if (this.#shapes.length < MAX_SHAPES) this.#shapes.push(keys);
    return keys;
  }

  #text(tag: number): string {
    if (tag === TAG.AGAIN) {
      const known = this.#texts[this.#varint()];
      if (known === undefined) throw new RangeError('a text is used before it is known');
      return known;
    }
    if (tag !== TAG.TEXT) throw new RangeError('a key is not a text');
    const text = this.#raw();
    if (text.length <= MAX_REPEATED_CHARS) this.#texts.push(text);
    return text;
  }

  #id(size: number): string {
    const start = this.#take(size);
    const text = this.#bytes.toString('hex', start, start + size);
    this.#ids[this.#idCount % LAST_IDS] = text;
    this.#idCount += 1;
    return text;
  }

  #idAgain(): string {
    const known = this.#ids[this.#byte()];
    if (known === undefined) throw new RangeError('an id is used before it is known');
    return known;
  }

  #raw(): string {
    const length = this.#varint();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new RangeError('a number is too long');
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #take(count: number): number {
    const start = this.#position;
    if (count > this.#bytes.length - start) throw new RangeError('a value is cut short');
    this.#position = start + count;
    return start;
  }
}
