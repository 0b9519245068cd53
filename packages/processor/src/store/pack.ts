/**
 * Plain data as bytes and back: objects, arrays, texts, numbers, bigints, booleans, bytes, undefined. A text that comes
 * again within one value is a number of one or two bytes, so that records, whose keys and labels repeat, are small.
 * Unlike `v8.serialize` the form is ours: what one version has written, another one on another Node reads.
 */
export function pack(value: unknown): Buffer {
  const writer = new PackWriter();
  writer.value(value);
  return writer.take();
}

/** The value again; throws a RangeError where the bytes are none that {@link pack} has written. */
export function unpack(bytes: Buffer): unknown {
  const reader = new PackReader(bytes);
  const value = reader.value();
  if (!reader.isAtEnd) throw new RangeError('there is more than one value');
  return value;
}

/** What follows: one byte before each value. */
const TAG = {
  UNDEFINED: 0,
  FALSE: 1,
  TRUE: 2,
  INTEGER: 3,
  NEGATIVE: 4,
  DOUBLE: 5,
  BIGINT: 6,
  TEXT: 7,
  AGAIN: 8,
  ARRAY: 9,
  OBJECT: 10,
  BYTES: 11,
  /** An object with the keys of one before. */
  LIKE: 12,
} as const;

/** Longer texts do not come again, and few of the shorter ones fill more than this. */
const MAX_REPEATED_CHARS = 64;
const FIRST_BYTES = 512;
/** Lists of keys that are remembered within one value; our records have a dozen or two. */
const MAX_SHAPES = 64;
/** Arrays and objects inside one another; our own records go four deep. */
const MAX_DEPTH = 64;

class PackWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  readonly #texts = new Map<string, number>();
  readonly #shapes: string[][] = [];

  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  value(value: unknown): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? TAG.TRUE : TAG.FALSE);
    else if (value === undefined) this.#byte(TAG.UNDEFINED);
    else if (typeof value === 'bigint') {
      this.#byte(TAG.BIGINT);
      this.#raw(value.toString());
    } else this.#composite(value as object);
  }

  #composite(value: object): void {
    if (Array.isArray(value)) {
      this.#byte(TAG.ARRAY);
      this.#varint(value.length);
      for (const one of value) this.value(one);
    } else if (value instanceof Uint8Array) {
      this.#byte(TAG.BYTES);
      this.#varint(value.length);
      this.#reserve(value.length);
      this.#bytes.set(value, this.#length);
      this.#length += value.length;
    } else {
      this.#object(value as Readonly<Record<string, unknown>>);
    }
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(object);
    const known = this.#shapes.findIndex((shape) => isSame(shape, keys));
    if (known === -1) {
      this.#byte(TAG.OBJECT);
      this.#varint(keys.length);
      for (const key of keys) this.#text(key);
      if (this.#shapes.length < MAX_SHAPES) this.#shapes.push(keys);
    } else {
      this.#byte(TAG.LIKE);
      this.#varint(known);
    }
    for (const key of keys) this.value(object[key]);
  }

  #text(text: string): void {
    const known = this.#texts.get(text);
    if (known !== undefined) {
      this.#byte(TAG.AGAIN);
      this.#varint(known);
      return;
    }
    if (text.length <= MAX_REPEATED_CHARS) this.#texts.set(text, this.#texts.size);
    this.#byte(TAG.TEXT);
    this.#raw(text);
  }

  #raw(text: string): void {
    // UTF-8 takes at most three bytes for one UTF-16 unit.
    this.#reserve(text.length * 3 + 5);
    const length = Buffer.byteLength(text);
    this.#varint(length);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#byte(value < 0 ? TAG.NEGATIVE : TAG.INTEGER);
      this.#varint(Math.abs(value));
      return;
    }
    this.#byte(TAG.DOUBLE);
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Keys are the same text in memory where they come from the same code, which makes this quick. */
function isSame(shape: readonly string[], keys: readonly string[]): boolean {
  if (shape.length !== keys.length) return false;
  for (let index = 0; index < keys.length; index += 1) if (shape[index] !== keys[index]) return false;
  return true;
}

class PackReader {
  readonly #bytes: Buffer;
  readonly #texts: string[] = [];
  readonly #shapes: string[][] = [];
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
