import { Pattern } from './pattern.js';
import { MalformedError, viewOf } from './wire.js';

export const ZERO = 0x30;
const NINE = 0x39;
export const QUOTE = 0x22;
const [BACKSLASH, COLON, COMMA, PLUS, MINUS, POINT, SPACE] = [0x5c, 0x3a, 0x2c, 0x2b, 0x2d, 0x2e, 0x20];
const [NEWLINE, RETURN, TAB] = [0x0a, 0x0d, 0x09];
const LETTER_E = 0x65;
const LOWER = 0x20;
/** Digits of which every number is exact. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, digits) => Number(`1e${digits}`));
/** Texts are this short mostly. */
const NEAR_BYTES = 64;
const [FOUR_QUOTES, FOUR_BACKSLASHES] = [0x22222222, 0x5c5c5c5c];
/** Objects and arrays in each other that nobody reads: OTLP's own are ten deep. */
const MAX_DEPTH = 200;

/** How an object and an array begin and end. */
export const OBJECT = { open: 0x7b, close: 0x7d } as const;
export const ARRAY = { open: 0x5b, close: 0x5d } as const;
export type Container = typeof OBJECT | typeof ARRAY;

export const patternOf = (text: string): Pattern => new Pattern(Buffer.from(text));
const LITERALS = { null: patternOf('null'), true: patternOf('true'), false: patternOf('false') } as const;
const [LETTER_N, LETTER_T, LETTER_F] = [0x6e, 0x74, 0x66];

/**
 * Reads JSON from a buffer and makes nothing of what nobody asks for; whatever does not fit throws
 * {@link MalformedError}: it is as strict as `JSON.parse`, but for the inside of texts. An object or an array is read so:
 * `if (reader.enter(OBJECT)) do { reader.key(); …its value… } while (reader.more(OBJECT));`
 */
export class JsonReader {
  readonly bytes: Buffer;
  /** The same bytes, for what is longer than one of them. */
  readonly view: DataView;
  /** Where the next token begins, or the white space before it; a value is read a second time by setting it back. */
  position = 0;
  /** Where the text or the number lies that was passed last, without quotes. */
  from = 0;
  to = 0;
  /** It has no escapes. */
  isPlain = true;
  readonly #length: number;
  readonly #quotes: Finder;
  readonly #backslashes: Finder;
  /** Of what {@link skip} is in. */
  #depth = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.#length = bytes.length;
    this.#quotes = new Finder(bytes, QUOTE);
    this.#backslashes = new Finder(bytes, BACKSLASH);
  }

  /** The first byte of the next token; undefined at the end. */
  peek(): number | undefined {
    const byte = this.bytes[this.position];
    return byte !== undefined && byte > SPACE ? byte : this.#peekBehindSpace();
  }

  #peekBehindSpace(): number | undefined {
    const { bytes } = this;
    let byte = bytes[this.position];
    while (byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB) {
      this.position += 1;
      byte = bytes[this.position];
    }
    return byte;
  }

  /** Goes into the container that stands here; false when it is empty, and passed. */
  enter({ open, close }: Container): boolean {
    this.#expect(open);
    if (this.peek() !== close) return true;
    this.position += 1;
    return false;
  }

  /** Behind a member or an item: whether another one follows; else goes out of the container. */
  more({ close }: Container): boolean {
    if (this.peek() === COMMA) {
      this.position += 1;
      return true;
    }
    this.#expect(close);
    return false;
  }

  /** Passes the key of a member, which {@link from} and {@link to} then tell, and the colon behind it. */
  key(): void {
    this.passText();
    this.#expect(COLON);
  }

  /** So many bytes follow. */
  has(length: number): boolean {
    return this.position + length <= this.#length;
  }

  /** Whether these bytes stand here, and if so passes them. */
  passes(expected: Pattern): boolean {
    const { position } = this;
    const end = position + expected.length;
    if (end > this.#length || !expected.standsAt(this.view, position)) return false;
    this.position = end;
    return true;
  }

  /** Whether null stands here, and if so passes it: it is the same as nothing. */
  passesNull(): boolean {
    if (this.peek() !== LETTER_N) return false;
    this.#expectLiteral(LITERALS.null);
    return true;
  }

  isAtText(): boolean {
    return this.peek() === QUOTE;
  }

  isAtNumber(): boolean {
    const byte = this.peek();
    return byte !== undefined && (byte === MINUS || isDigit(byte));
  }

  isAtBoolean(): boolean {
    const byte = this.peek();
    return byte === LETTER_T || byte === LETTER_F;
  }

  passText(): void {
    this.#expect(QUOTE);
    this.passRest();
  }

  /** The text of which the first quote is passed. Its end is found; what is in it is looked at by whoever reads it. */
  passRest(): void {
    this.from = this.position;
    let at = this.#findSpecial(this.from);
    this.isPlain = this.bytes[at] === QUOTE;
    while (this.bytes[at] === BACKSLASH) at = this.#findSpecial(at + 2);
    if (this.bytes[at] !== QUOTE) throw notJson();
    this.to = at;
    this.position = at + 1;
  }

  /** The text that was passed last. */
  readEscaped(): string {
    try {
      return JSON.parse(this.bytes.toString('utf8', this.from - 1, this.to + 1)) as string;
    } catch {
      throw notJson();
    }
  }

  number(): number {
    this.passNumber();
    return this.readNumber();
  }

  /** The number that was passed last. */
  readNumber(): number {
    return this.readDecimal() ?? Number(this.bytes.toString('latin1', this.from, this.to));
  }

  /**
   * The value of what was passed last, where that is digits and maybe a point among them: a whole number that is exact,
   * divided by a power of ten that is, is the double nearest to it.
   */
  readDecimal(): number | undefined {
    const { bytes, from, to } = this;
    if (from === to || to - from > EXACT_DIGITS + 1) return undefined;
    let value = 0;
    let point = to;
    for (let at = from; at < to; at += 1) {
      const digit = bytes[at]! - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (bytes[at] === POINT && point === to) point = at;
      else return undefined;
    }
    if (point === to) return to - from > EXACT_DIGITS ? undefined : value;
    return point === from || point === to - 1 ? undefined : value / POWERS_OF_TEN[to - point - 1]!;
  }

  passNumber(): void {
    const { bytes } = this;
    this.peek();
    this.from = this.position;
    if (bytes[this.position] === MINUS) this.position += 1;
    const hasZero = bytes[this.position] === ZERO;
    const digits = this.#passDigits();
    // A zero stands alone.
    if (hasZero && digits > 1) throw notJson();
    if (bytes[this.position] === POINT) {
      this.position += 1;
      this.#passDigits();
    }
    if ((bytes[this.position]! | LOWER) === LETTER_E) {
      this.position += 1;
      const sign = bytes[this.position];
      if (sign === MINUS || sign === PLUS) this.position += 1;
      this.#passDigits();
    }
    this.to = this.position;
  }

  boolean(): boolean {
    const isTrue = this.peek() === LETTER_T;
    this.#expectLiteral(isTrue ? LITERALS.true : LITERALS.false);
    return isTrue;
  }

  /** Passes a value that nobody needs. */
  skip(): void {
    const byte = this.peek();
    if (byte === QUOTE) this.passText();
    else if (byte === OBJECT.open) this.#skipContainer(OBJECT);
    else if (byte === ARRAY.open) this.#skipContainer(ARRAY);
    else if (byte === LETTER_N) this.#expectLiteral(LITERALS.null);
    else if (byte === LETTER_T) this.#expectLiteral(LITERALS.true);
    else if (byte === LETTER_F) this.#expectLiteral(LITERALS.false);
    else this.passNumber();
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== undefined) throw notJson();
  }

  #skipContainer(container: Container): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new MalformedError('the body is nested too deep');
    if (this.enter(container))
      do {
        if (container === OBJECT) this.key();
        this.skip();
      } while (this.more(container));
    this.#depth -= 1;
  }

  #expect(byte: number): void {
    if (this.peek() !== byte) throw notJson();
    this.position += 1;
  }

  #expectLiteral(literal: Pattern): void {
    if (!this.passes(literal)) throw notJson();
  }

  #passDigits(): number {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    while (isDigit(bytes[at])) at += 1;
    if (at === start) throw notJson();
    this.position = at;
    return at - start;
  }

  /** Where the next quote or backslash stands: four bytes at a time, and by the system where that is far away. */
  #findSpecial(from: number): number {
    const { view } = this;
    const last = Math.min(from + NEAR_BYTES, this.#length - 4);
    for (let at = from; at <= last; at += 4) {
      const four = view.getInt32(at, true);
      const hit = findZeros(four ^ FOUR_QUOTES) | findZeros(four ^ FOUR_BACKSLASHES);
      // The lowest is the first one; those above it may be none.
      if (hit !== 0) return at + ((31 - Math.clz32(hit & -hit)) >> 3);
    }
    return Math.min(this.#quotes.find(from), this.#backslashes.find(from));
  }
}

/** Where one byte stands that is far away. The same place is not looked for twice, however many others are before it. */
class Finder {
  readonly #bytes: Buffer;
  readonly #byte: number;
  #from = 0;
  #at = -1;

  constructor(bytes: Buffer, byte: number) {
    this.#bytes = bytes;
    this.#byte = byte;
  }

  /** The first one from there on; the end where there is none. */
  find(from: number): number {
    if (from >= this.#from && from <= this.#at) return this.#at;
    const at = this.#bytes.indexOf(this.#byte, from);
    this.#from = from;
    this.#at = at === -1 ? this.#bytes.length : at;
    return this.#at;
  }
}

/** The highest bit of each byte that is zero. */
const findZeros = (four: number): number => (four - 0x01010101) & ~four & 0x80808080;

export const isDigit = (byte: number | undefined): boolean => byte! >= ZERO && byte! <= NINE;

export const notJson = (): MalformedError => new MalformedError('the body is not JSON');
