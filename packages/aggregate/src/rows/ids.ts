import type { ByteReader } from '../bytes/byte-reader.js';
import type { RowWriter } from '../bytes/row-writer.js';
import { NONE, PagedColumn } from './columns.js';
import { hashText } from './row-hashes.js';

/** An id as numbers: what its digits are. */
export interface ReadId {
  readonly words: Int32Array;
  /**
   * The id itself where it is none of the form: its numbers are then hashes, of 32 bits each, and those of two different
   * ids are the same once in 2^64.
   */
  readonly text: string | undefined;
}

/** The id of a form that was read last. */
class LastId implements ReadId {
  readonly words: Int32Array;
  text: string | undefined;
  id: string | undefined;

  constructor(words: number) {
    this.words = new Int32Array(words);
  }
}

/** How ids of one kind are written. */
export interface IdForm {
  /** Characters of each, {@link DASH}es included. */
  readonly chars: number;
  /** Where dashes stand between the digits. */
  readonly dashes: Uint8Array;
  /** Digits that stand side by side, and are of one number. */
  readonly runs: readonly Run[];
  /** Digits that are one number of at most 32 bits, and bits of each. */
  readonly wordChars: number;
  readonly charBits: number;
  /** What each character stands for; {@link NO_DIGIT} where it is none of the form. */
  readonly digits: Uint8Array;
  /** Two characters for what they stand for. */
  readonly pairs: readonly string[];
  readonly last: LastId;
}

/** Places from the one up to the other, and which number they are of. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly word: number;
}

const NO_DIGIT = 64;
const DASH = '-';

/** `template`: an id of the form. */
function createForm(template: string, alphabet: string, wordChars: number): IdForm {
  const dashes = Uint8Array.from([...template.matchAll(/-/g)], ({ index }) => index);
  const runs: Run[] = [];
  let digitCount = 0;
  for (let from = 0; from < template.length; ) {
    const end = template.indexOf(DASH, from);
    const rest = wordChars - (digitCount % wordChars);
    const to = Math.min(from + rest, end === -1 ? template.length : end);
    runs.push({ from, to, word: Math.floor(digitCount / wordChars) });
    digitCount += to - from;
    from = to === end ? to + 1 : to;
  }
  const digits = new Uint8Array(128).fill(NO_DIGIT);
  for (const [digit, char] of [...alphabet].entries()) digits[char.charCodeAt(0)] = digit;
  const pairs = [...alphabet].flatMap((first) => [...alphabet].map((second) => first + second));
  const last = new LastId(digitCount / wordChars);
  const charBits = Math.log2(alphabet.length);
  return { chars: template.length, dashes, runs, wordChars, charBits, digits, pairs, last };
}

const HEX = '0123456789abcdef';
const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const SPAN = '0'.repeat(16);
const TRACE = '0'.repeat(32);

/** 16 lower-case hex digits of a span, kept as 8 bytes. */
export const SPAN_ID = createForm(SPAN, HEX, 8);
/** 32 lower-case hex digits of a trace, kept as 16 bytes. */
export const TRACE_ID = createForm(TRACE, HEX, 8);
/** Of a request, as costspan's instrumentation writes it. */
export const REQUEST_DIGEST = createForm('A'.repeat(16), BASE64_URL, 4);
/** Of a task, as costspan's API and `crypto.randomUUID` write it. */
export const UUID = createForm('00000000-0000-0000-0000-000000000000', HEX, 8);
/** Of a task that a span is. */
export const TRACE_AND_SPAN_ID = createForm(`${TRACE}-${SPAN}`, HEX, 8);

/**
 * Reads an id; what it returns holds until the next one of the form is read. One span has its ids read for several
 * tables, and spans of a trace come together: the same id again is known already.
 */
export function readId(id: string, form: IdForm): ReadId {
  const { last } = form;
  if (id === last.id) return last;
  const isWhole = readDigits(id, form);
  if (!isWhole)
    for (let place = 0; place < last.words.length; place += 1) last.words[place] = hashText(id, place + 1);
  last.text = isWhole ? undefined : id;
  last.id = id;
  return last;
}

/** Whether it is an id as it should be. */
function readDigits(id: string, { chars, dashes, runs, charBits, digits, last: { words } }: IdForm): boolean {
  if (id.length !== chars) return false;
  for (let dash = 0; dash < dashes.length; dash += 1) if (id[dashes[dash]!] !== DASH) return false;
  const mask = NO_DIGIT - 1;
  let seen = 0;
  let before = NONE;
  for (let place = 0; place < runs.length; place += 1) {
    const { from, to, word } = runs[place]!;
    let number = word === before ? words[word]! : 0;
    for (let at = from; at < to; at += 1) {
      const code = id.charCodeAt(at);
      const digit = code < digits.length ? digits[code]! : NO_DIGIT;
      seen |= digit;
      number = (number << charBits) | (digit & mask);
    }
    words[word] = number;
    before = word;
  }
  return seen < NO_DIGIT;
}

function printWord(word: number, { wordChars, charBits, pairs }: IdForm): string {
  let text = '';
  for (let shift = (wordChars - 2) * charBits; shift >= 0; shift -= 2 * charBits)
    text += pairs[(word >>> shift) & (pairs.length - 1)]!;
  return text;
}

/** Puts the dashes of the form between digits. */
function addDashes(digits: string, { dashes }: IdForm): string {
  let text = digits;
  for (let dash = 0; dash < dashes.length; dash += 1)
    text = `${text.slice(0, dashes[dash])}${DASH}${text.slice(dashes[dash])}`;
  return text;
}

/** What stands in front of an id: whether it is written as its numbers or, where it is none of the form, as a text. */
const WRITTEN = { WORDS: 0, TEXT: 1 } as const;

/** An id of the form, as {@link IdColumn.write} has written it. */
export function readWrittenId(from: ByteReader, form: IdForm): string {
  const written = from.byte();
  if (written === WRITTEN.TEXT) return from.text(false);
  if (written !== WRITTEN.WORDS) throw new RangeError('an id is written in a way that is not known');
  let digits = '';
  for (let place = 0; place < form.last.words.length; place += 1) digits += printWord(from.uint32(), form);
  return addDashes(digits, form);
}

/** A text of its own: a part of another text would keep all of that in memory. */
const copyText = (text: string): string => Array.from(text).join('');

/**
 * Ids of one form in a column of numbers: a third of the memory that texts take, and nothing for a collector of garbage
 * to look at. Of those that are none the texts are kept beside.
 */
export class IdColumn {
  /** Numbers of an id. */
  readonly width: number;
  readonly #form: IdForm;
  readonly #texts: Map<number, string>;
  #words: PagedColumn<Int32Array>;

  constructor(form: IdForm, rows: number, texts: ReadonlyMap<number, string> = new Map()) {
    this.#form = form;
    this.width = form.last.words.length;
    this.#texts = new Map(texts);
    this.#words = new PagedColumn(Int32Array, { rows, width: this.width });
  }

  lengthen(rows: number): void {
    this.#words.lengthen(rows);
  }

  /** As it is now, whatever changes. */
  copy(): IdColumn {
    const copy = new IdColumn(this.#form, 0, this.#texts);
    copy.#words = this.#words.copy();
    return copy;
  }

  at(row: number): string {
    const known = this.#texts.size === 0 ? undefined : this.#texts.get(row);
    if (known !== undefined) return known;
    let text = '';
    for (let place = 0; place < this.width; place += 1)
      text += printWord(this.wordAt(row, place), this.#form);
    return addDashes(text, this.#form);
  }

  /** Writes the id for {@link readWrittenId}. */
  write(row: number, writer: RowWriter): void {
    const { to } = writer;
    const text = this.#texts.size === 0 ? undefined : this.#texts.get(row);
    to.byte(text === undefined ? WRITTEN.WORDS : WRITTEN.TEXT);
    if (text === undefined)
      for (let place = 0; place < this.width; place += 1) to.uint32(this.wordAt(row, place));
    else writer.text(text);
  }

  set(row: number, id: string): void {
    this.put(row, readId(id, this.#form));
  }

  /** {@link set}, of an id that is read already. */
  put(row: number, { words, text }: ReadId): void {
    const page = this.#words.pageToChange(row);
    const start = this.#words.placeOf(row);
    for (let place = 0; place < this.width; place += 1) page[start + place] = words[place]!;
    if (text !== undefined) this.#texts.set(row, copyText(text));
    else if (this.#texts.size > 0) this.#texts.delete(row);
  }

  /** Nobody reads this row before it is set again. */
  forget(row: number): void {
    if (this.#texts.size > 0) this.#texts.delete(row);
  }

  /** Whether it is the id in this row. */
  is(row: number, id: string): boolean {
    return this.has(row, readId(id, this.#form));
  }

  /** {@link is}, of an id that is read already. */
  has(row: number, { words }: ReadId): boolean {
    const page = this.#words.pageOf(row);
    const start = this.#words.placeOf(row);
    for (let place = 0; place < this.width; place += 1)
      if (words[place] !== page[start + place]) return false;
    return true;
  }

  /** Whether two rows have the same. */
  isSame(row: number, other: number): boolean {
    for (let place = 0; place < this.width; place += 1)
      if (this.wordAt(row, place) !== this.wordAt(other, place)) return false;
    return true;
  }

  /** One of the numbers of an id. */
  wordAt(row: number, place: number): number {
    return this.#words.pageOf(row)[this.#words.placeOf(row) + place]!;
  }
}
