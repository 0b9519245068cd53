import { writeHex, writeVarint } from '@costspan/aggregate';
import { LAST_IDS, MAX_REPEATED_CHARS, MAX_SHAPES, SPAN_ID_BYTES, TAG, TRACE_ID_BYTES } from './pack-form.js';

/**
 * Plain data as bytes and back: objects, arrays, texts, numbers, bigints, booleans, bytes, undefined. A text that comes
 * again within one value is a number of one or two bytes, so that records, whose keys and labels repeat, are small.
 * Unlike `v8.serialize` the form is ours: what one version has written, another one on another Node reads.
 */
export function pack(value: unknown): Buffer {
  const pieces = packPieces(value);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** The same in pieces: bytes are one as they are, and are not copied. */
export function packPieces(value: unknown): Buffer[] {
  const writer = new PackWriter();
  writer.value(value);
  return writer.take();
}

const FIRST_BYTES = 512;
/** A tag and a number: what a value takes at least, and most do at most. */
const SMALL_BYTES = 16;
const NO_SHAPE = -1;

class PackWriter {
  readonly #pieces: Buffer[] = [];
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  readonly #texts = new Map<string, number>();
  readonly #shapes: string[][] = [];
  /** Place of the form of the object before, or the one behind all; and of the form that followed each the last time. */
  #last = MAX_SHAPES;
  readonly #next = new Int8Array(MAX_SHAPES + 1).fill(NO_SHAPE);
  readonly #ids = new Array<string>(LAST_IDS).fill('');
  #idCount = 0;

  take(): Buffer[] {
    return [...this.#pieces, this.#bytes.subarray(0, this.#length)];
  }

  value(value: unknown): void {
    this.#reserve(SMALL_BYTES);
    if (typeof value === 'string') {
      if (!this.#id(value)) this.#text(value);
    } else if (typeof value === 'number') this.#number(value);
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
      this.#put(value);
    } else {
      this.#object(value as Readonly<Record<string, unknown>>);
    }
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    const known = this.#findShape(object);
    const keys = this.#shapes[known] ?? Object.keys(object);
    if (known === NO_SHAPE) {
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

  /** Mostly what followed the object of that form the last time is what follows it again. */
  #findShape(object: object): number {
    const shapes = this.#shapes;
    const likely = this.#next[this.#last]!;
    let known = likely === NO_SHAPE || !hasShape(object, shapes[likely]!) ? 0 : likely;
    if (known !== likely) while (known < shapes.length && !hasShape(object, shapes[known]!)) known += 1;
    if (known === shapes.length) known = NO_SHAPE;
    this.#next[this.#last] = known;
    this.#last = known === NO_SHAPE ? MAX_SHAPES : known;
    return known;
  }

  /** Writes a text as an id; false, and nothing is written, when it is none. */
  #id(text: string): boolean {
    const size = text.length / 2;
    if (size !== SPAN_ID_BYTES && size !== TRACE_ID_BYTES) return false;
    const known = this.#ids.indexOf(text);
    if (known !== -1) {
      this.#byte(TAG.ID_AGAIN);
      this.#byte(known);
      return true;
    }
    this.#reserve(size + 1);
    if (!writeHex(text, this.#bytes, this.#length + 1)) return false;
    this.#bytes[this.#length] = size === SPAN_ID_BYTES ? TAG.SPAN_ID : TAG.TRACE_ID;
    this.#length += 1 + size;
    this.#ids[this.#idCount % LAST_IDS] = text;
    this.#idCount += 1;
    return true;
  }

  #text(text: string): void {
    this.#reserve(SMALL_BYTES);
    const known = this.#texts.get(text);
    if (known !== undefined) {
      this.#byte(TAG.AGAIN);
      this.#varint(known);
      return;
    }
    this.#byte(TAG.TEXT);
    if (text.length > MAX_REPEATED_CHARS) {
      this.#raw(text);
      return;
    }
    this.#texts.set(text, this.#texts.size);
    if (!this.#plain(text)) this.#raw(text);
  }

  /** Writes a short text of ASCII, without the two calls of {@link #raw}; false, and nothing is written, for others. */
  #plain(text: string): boolean {
    this.#reserve(MAX_REPEATED_CHARS + SMALL_BYTES);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 128) return false;
      bytes[start + index] = code;
    }
    bytes[this.#length] = text.length;
    this.#length = start + text.length;
    return true;
  }

  #raw(text: string): void {
    // UTF-8 takes at most three bytes for one UTF-16 unit; then there is room for a value again.
    this.#reserve(text.length * 3 + SMALL_BYTES);
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
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Its room is there: {@link value} has seen to it. */
  #varint(value: number): void {
    this.#length = writeVarint(this.#bytes, this.#length, value);
  }

  /** Its room is there: {@link value} has seen to it. */
  #byte(byte: number): void {
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #put({ buffer, byteOffset, length }: Uint8Array): void {
    this.#pieces.push(this.#bytes.subarray(0, this.#length), Buffer.from(buffer, byteOffset, length));
    this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#length = 0;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Keys are the same text in memory where they come from the same code, which makes this quick. Records inherit nothing. */
function hasShape(object: object, shape: readonly string[]): boolean {
  let count = 0;
  for (const key in object) {
    if (shape[count] !== key) return false;
    count += 1;
  }
  return count === shape.length;
}
