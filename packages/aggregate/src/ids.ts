import { lengthen } from './columns.js';
import { hashText } from './hashed-rows.js';

/** Hex digits of an id. */
export const SPAN_ID_CHARS = 16;
export const TRACE_ID_CHARS = 32;
/** Digits that are one number of 32 bits. */
const WORD_CHARS = 8;

/** What stands for a character that is no hex digit in lower case. */
const NO_DIGIT = 16;
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return digit === -1 ? NO_DIGIT : digit;
});
const digitOf = (code: number): number => (code < DIGITS.length ? DIGITS[code]! : NO_DIGIT);

/**
 * Reads an id as numbers of 32 bits: what its hex digits are. What is none of that length is known by as many bits of
 * hashes, of which two are the same once in 2^64; says whether it is an id as it should be.
 */
export function readId(id: string, words: Int32Array): boolean {
  if (id.length === words.length * WORD_CHARS) {
    let seen = 0;
    let at = 0;
    for (let place = 0; place < words.length; place += 1) {
      let word = 0;
      for (const end = at + WORD_CHARS; at < end; at += 1) {
        const digit = digitOf(id.charCodeAt(at));
        seen |= digit;
        word = (word << 4) | (digit & 15);
      }
      words[place] = word;
    }
    if (seen < NO_DIGIT) return true;
  }
  for (let place = 0; place < words.length; place += 1) words[place] = hashText(id, place + 1);
  return false;
}

const printWord = (word: number): string => (word >>> 0).toString(16).padStart(WORD_CHARS, '0');

/**
 * Ids of one length in a column of numbers: a third of the memory that texts take, and nothing for a collector of
 * garbage to look at. Of those that are none the texts are kept beside.
 */
export class IdColumn {
  readonly #width: number;
  readonly #sought: Int32Array;
  #words: Int32Array;
  readonly #texts: Map<number, string>;

  /** `chars`: hex digits of each id. */
  constructor(chars: number, rows: number, texts: ReadonlyMap<number, string> = new Map()) {
    this.#width = chars / WORD_CHARS;
    this.#sought = new Int32Array(this.#width);
    this.#words = new Int32Array(rows * this.#width);
    this.#texts = new Map(texts);
  }

  lengthen(rows: number): void {
    this.#words = lengthen(this.#words, rows * this.#width);
  }

  /** As it is now, whatever changes. */
  copy(): IdColumn {
    const copy = new IdColumn(this.#width * WORD_CHARS, 0, this.#texts);
    copy.#words = this.#words.slice();
    return copy;
  }

  at(row: number): string {
    const known = this.#texts.size === 0 ? undefined : this.#texts.get(row);
    if (known !== undefined) return known;
    let text = '';
    for (let place = 0; place < this.#width; place += 1) text += printWord(this.wordAt(row, place));
    return text;
  }

  set(row: number, id: string): void {
    const isText = !readId(id, this.#sought);
    this.#words.set(this.#sought, row * this.#width);
    if (isText) this.#texts.set(row, id);
    else if (this.#texts.size > 0) this.#texts.delete(row);
  }

  /** Whether it is the id in this row. */
  is(row: number, id: string): boolean {
    readId(id, this.#sought);
    for (let place = 0; place < this.#width; place += 1)
      if (this.#sought[place] !== this.wordAt(row, place)) return false;
    return true;
  }

  /** Whether two rows have the same. */
  isSame(row: number, other: number): boolean {
    for (let place = 0; place < this.#width; place += 1)
      if (this.wordAt(row, place) !== this.wordAt(other, place)) return false;
    return true;
  }

  /** One of the numbers of an id, of 32 bits. */
  wordAt(row: number, place: number): number {
    return this.#words[row * this.#width + place]!;
  }
}
