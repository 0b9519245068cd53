import type { JsonReader } from './json-reader.js';
import { isEqual } from './pattern.js';
import type { Word } from './vocabulary.js';

/** Attributes that are remembered; hostile senders may make up keys without end. */
const MAX_REPEATS = 4_096;
/** After so many new keys all are forgotten, so that who makes up keys does not keep others from being remembered for good. */
const MAX_STRANGERS = 100_000;
/** Bytes of one attribute that are remembered; a value that stands beyond them is not. */
const MAX_BYTES = 128;
/** An attribute whose values did not come again so often has ids for values: they are remembered no more. */
const MAX_MISSES = 256;

const NOTHING = new DataView(new ArrayBuffer(0));

/** How a value begins, up to where it differs from others. */
export type ValueForm = 'text' | 'quoted_integer' | 'integer' | 'double' | 'other';

/** One attribute as it stood in JSON the last time: the bytes before its value, and those of the value where it comes again. */
export class Repeat {
  readonly word: Word;
  form: ValueForm;
  /** The one that came after it the last time: emitters write their attributes in the same order again and again. */
  next: Repeat | undefined;
  /** As it was remembered; undefined for a word that nobody wants. */
  value: unknown;
  #bytes = NOTHING;
  /** Bytes before the value, and with it; 0 where they are not remembered. */
  #valueAt = 0;
  #length = 0;
  #misses = 0;

  constructor(word: Word, form: ValueForm) {
    this.word = word;
    this.form = form;
  }

  /** All before the value is passed, from there on. */
  learn(reader: JsonReader, from: number, form: ValueForm): void {
    if (this.#valueAt > 0 && this.form === form) return;
    const length = reader.position - from;
    this.form = form;
    this.#length = 0;
    this.#valueAt = length > MAX_BYTES ? 0 : length;
    if (this.#valueAt === 0) return;
    if (this.#bytes === NOTHING) this.#bytes = new DataView(new ArrayBuffer(MAX_BYTES));
    this.#copy(reader, from, { at: 0, length });
  }

  /** Whether all before the value stands here, and if so passes it. */
  passesKey(reader: JsonReader): boolean {
    const { position } = reader;
    const length = this.#valueAt;
    if (length === 0 || !reader.has(length)) return false;
    if (!isEqual(reader.view, position, this.#bytes, 0, length)) return false;
    reader.position = position + length;
    return true;
  }

  /** Whether the value is the same and nothing follows, and if so passes it and the brace behind it. */
  passesValue(reader: JsonReader): boolean {
    const { position } = reader;
    const length = this.#length - this.#valueAt;
    if (length <= 0 || !reader.has(length)) return false;
    if (!isEqual(reader.view, position, this.#bytes, this.#valueAt, length)) return false;
    reader.position = position + length;
    if (this.#misses > 0) this.#misses -= 1;
    return true;
  }

  /** The value that stands there is passed, with all that follows; it must be one that nothing changes. */
  remember(reader: JsonReader, from: number, value: unknown): void {
    const [at, length] = [this.#valueAt, reader.position - from];
    if (at === 0 || this.#misses > MAX_MISSES) return;
    this.#misses += 2;
    const isLong = at + length > MAX_BYTES;
    this.#length = isLong || this.#misses > MAX_MISSES ? 0 : at + length;
    this.value = value;
    if (this.#length > 0) this.#copy(reader, from, { at, length });
  }

  #copy({ bytes }: JsonReader, from: number, { at, length }: { at: number; length: number }): void {
    for (let index = 0; index < length; index += 1) this.#bytes.setUint8(at + index, bytes[from + index]!);
  }
}

/** What attributes came after each other, over all bodies. */
export class Repeats {
  readonly #ofWord = new Map<Word, Repeat>();
  /** Keys that were new since all were forgotten. */
  #strangers = 0;
  /** The one that was passed last. */
  #last: Repeat | undefined;

  /** The one that comes next if all goes on as the last time, where it stands here; passed up to its value. */
  passLikely(reader: JsonReader): Repeat | undefined {
    const likely = this.#last?.next;
    if (likely === undefined || !likely.passesKey(reader)) return undefined;
    this.#last = likely;
    return likely;
  }

  /** The one that was passed, from there on up to its value. */
  find(reader: JsonReader, from: number, { word, form }: { word: Word; form: ValueForm }): Repeat {
    const known = this.#ofWord.get(word);
    // Keys that are made up come once: nothing is kept of how they stand.
    const repeat = known ?? this.#add(word, form);
    if (repeat === known) repeat.learn(reader, from, form);
    if (this.#last !== undefined) this.#last.next = repeat;
    this.#last = repeat;
    return repeat;
  }

  #add(word: Word, form: ValueForm): Repeat {
    const repeat = new Repeat(word, form);
    this.#strangers += 1;
    if (this.#strangers > MAX_STRANGERS) this.#forgetAll();
    if (this.#ofWord.size < MAX_REPEATS) this.#ofWord.set(word, repeat);
    return repeat;
  }

  /** None keeps another one that is forgotten. */
  #forgetAll(): void {
    for (const repeat of this.#ofWord.values()) repeat.next = undefined;
    this.#ofWord.clear();
    this.#strangers = 0;
    this.#last = undefined;
  }
}
