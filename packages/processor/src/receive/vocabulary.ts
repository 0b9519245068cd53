import { isForeign } from './dialects.js';
import { isEqual, Pattern } from './pattern.js';
import { readText } from './wire.js';

/** Bytes in which words stand, and the same for what is longer than one of them. */
interface Bytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Keys that are remembered; hostile senders may make up keys without end. */
const MAX_WORDS = 4_096;
/** Places for them: few enough of them are taken that nearly none stands beside another. */
const TABLE_SIZE = 16_384;
/** Places that are looked at for one key: whoever makes up keys for one and the same place shall gain nothing. */
const MAX_STEPS = 8;
/** Values of one key that are remembered, and the longest of them. */
const VALUES = 64;
const MAX_VALUE_BYTES = 48;
/** A key whose values did not come again so often has ids for values: they are remembered no more. */
const MAX_MISSES = 256;

/** What a key is to those who read: named beforehand, one of a family of which so many are wanted, or nothing. */
export type WordKind = 'named' | 'counted' | 'unwanted';

/** A key of an attribute. */
export class Word {
  /** Undefined for what nobody wants. */
  readonly name: string | undefined;
  readonly isNamed: boolean;
  /** Whether some emitters alone write it. */
  readonly isForeign: boolean;
  /** Of its bytes. */
  readonly hash: number;
  /** The one that came after it the last time: emitters write their keys in the same order again and again. */
  next: Word | undefined;
  readonly length: number;
  readonly #bytes: Pattern;
  readonly #texts = new Array<string | undefined>(VALUES).fill(undefined);
  readonly #lengths = new Uint8Array(VALUES);
  #bytesOfTexts: DataView | undefined;
  #misses = 0;

  constructor(bytes: Uint8Array, name: string, kind: WordKind) {
    this.#bytes = new Pattern(bytes);
    this.length = bytes.length;
    this.name = kind === 'unwanted' ? undefined : name;
    this.isNamed = kind === 'named';
    this.isForeign = isForeign(name);
    this.hash = hashOf(bytes, 0, bytes.length);
  }

  /** Whether it stands there. */
  is(view: DataView, from: number, to: number): boolean {
    return this.length === to - from && this.#bytes.standsAt(view, from);
  }

  /** A value of it: models, features and their like come again and again, and are the same text in memory then. */
  readText({ bytes, view }: Bytes, from: number, to: number): string {
    const length = to - from;
    if (this.#misses > MAX_MISSES || length > MAX_VALUE_BYTES || length === 0)
      return readText(bytes, from, to);
    const slot = (length * 5 + bytes[to - 1]! * 3 + bytes[(from + to) >> 1]!) % VALUES;
    this.#bytesOfTexts ??= new DataView(new ArrayBuffer(VALUES * MAX_VALUE_BYTES));
    const at = slot * MAX_VALUE_BYTES;
    if (this.#lengths[slot] === length && isEqual(view, from, this.#bytesOfTexts, at, length)) {
      if (this.#misses > 0) this.#misses -= 1;
      return this.#texts[slot]!;
    }
    this.#misses += 2;
    const text = readText(bytes, from, to);
    for (let index = 0; index < length; index += 1)
      this.#bytesOfTexts.setUint8(at + index, bytes[from + index]!);
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
    return text;
  }
}

/** Tells keys by their bytes, without making a text of each; of what nobody wants never one. */
export class Vocabulary {
  /** For the names of spans: they come again as values do. */
  readonly names = new Word(new Uint8Array(0), '', 'unwanted');
  readonly #readKind: (name: string) => WordKind;
  readonly #table = new Array<Word | undefined>(TABLE_SIZE).fill(undefined);
  #size = 0;
  /** The one that was found last. */
  #last = this.names;

  constructor(readKind: (name: string) => WordKind) {
    this.#readKind = readKind;
  }

  /** The key that stands there. */
  find(reader: Bytes, from: number, to: number): Word {
    const likely = this.#last.next;
    if (likely?.is(reader.view, from, to)) {
      this.#last = likely;
      return likely;
    }
    return this.#search(reader, from, to);
  }

  #search({ bytes, view }: Bytes, from: number, to: number): Word {
    let place = hashOf(bytes, from, to) % TABLE_SIZE;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const word = this.#table[place] ?? this.#learn(bytes, { from, to }, place);
      if (word.is(view, from, to)) {
        this.#last.next = word;
        this.#last = word;
        return word;
      }
      place = (place + 1) % TABLE_SIZE;
    }
    return this.#read(bytes, from, to);
  }

  #learn(bytes: Buffer, { from, to }: { from: number; to: number }, place: number): Word {
    if (this.#size >= MAX_WORDS) this.#forgetAll();
    const word = this.#read(bytes, from, to);
    this.#table[place] = word;
    this.#size += 1;
    return word;
  }

  /** None keeps another one that is forgotten. */
  #forgetAll(): void {
    for (const word of this.#table) if (word !== undefined) word.next = undefined;
    this.#table.fill(undefined);
    this.#size = 0;
    this.names.next = undefined;
    this.#last = this.names;
  }

  #read(bytes: Buffer, from: number, to: number): Word {
    const name = readText(bytes, from, to);
    // A copy: the body it stands in shall not be kept for its sake.
    return new Word(Uint8Array.from(bytes.subarray(from, to)), name, this.#readKind(name));
  }
}

/** Of five bytes and the length; keys that agree in all of them are told apart by their places. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 0) return 0;
  let hash = length * 0x9e3779b1;
  hash = Math.imul(hash ^ bytes[to - 1]!, 0x85ebca6b);
  hash = Math.imul(hash ^ bytes[(from + to) >> 1]!, 0xc2b2ae35);
  hash = Math.imul(hash ^ bytes[to - (length >> 2 || 1)]!, 0x85ebca6b);
  hash = Math.imul(hash ^ bytes[from + (length >> 2)]!, 0xc2b2ae35);
  hash = Math.imul(hash ^ bytes[from]!, 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 0;
}
