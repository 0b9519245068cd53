import type { Word } from './vocabulary.js';

export type Attributes = Record<string, unknown>;

/** A key that somebody wants. */
export interface WantedWord extends Word {
  readonly name: string;
}

/** V8 makes a dictionary of an object that gets more keys than that one by one: it takes as long as four such objects. */
const MAX_KEYS_ONE_BY_ONE = 16;

/** Keys of one list; as many an object that is read from JSON has without being a dictionary. */
const MAX_LISTED = 128;

/** Attributes of a span, of its resource or of an event while they are read; used again for the next ones. */
export class AttributeList {
  /** Those that nobody has named beforehand, and what came when the list was full. */
  unlisted: Attributes = {};
  /** Of those that {@link take} has given last, the names that some emitters alone write. */
  foreign: readonly string[] = NONE;
  #hasUnlisted = false;
  #foreign: string[] | undefined;
  readonly #words: WantedWord[] = [];
  readonly #values: unknown[] = [];
  #size = 0;

  /** Of two of one name the later one counts. */
  add(word: WantedWord, value: unknown): void {
    if (word.isForeign) this.#addForeign(word.name);
    if (word.isNamed && this.#size < MAX_LISTED) {
      this.#words[this.#size] = word;
      this.#values[this.#size] = value;
      this.#size += 1;
    } else {
      this.unlisted[word.name] = value;
      this.#hasUnlisted = true;
    }
  }

  /** All of them; then the list is empty. */
  take(): Attributes {
    const form = this.#size > MAX_KEYS_ONE_BY_ONE ? FORMS.find(this.#words, this.#size) : undefined;
    const attributes: Attributes = form === undefined ? {} : { ...form };
    for (let index = 0; index < this.#size; index += 1) {
      attributes[this.#words[index]!.name] = this.#values[index];
      this.#values[index] = undefined;
    }
    this.#size = 0;
    this.foreign = this.#foreign ?? NONE;
    this.#foreign = undefined;
    if (this.#hasUnlisted) {
      Object.assign(attributes, this.unlisted);
      this.unlisted = {};
      this.#hasUnlisted = false;
    }
    return attributes;
  }

  #addForeign(name: string): void {
    if (this.#foreign === undefined) this.#foreign = [name];
    else if (!this.#foreign.includes(name)) this.#foreign.push(name);
  }
}

const NONE: readonly string[] = [];

/** Lists of keys that are remembered at most, a power of two: an emitter has a few kinds of large spans. */
const MAX_FORMS = 256;

/** Objects with the keys that came before, to be copied: a copy has room for all of its values at once. */
class AttributeForms {
  readonly #words = new Array<readonly WantedWord[]>(MAX_FORMS).fill([]);
  readonly #forms = new Array<Attributes | undefined>(MAX_FORMS).fill(undefined);

  /** One with the first `size` words as its keys; undefined the first time that they come. */
  find(words: readonly WantedWord[], size: number): Attributes | undefined {
    const place = hashOf(words, size) & (MAX_FORMS - 1);
    const known = this.#words[place]!;
    if (!areSame(words, known, size)) {
      this.#words[place] = words.slice(0, size);
      this.#forms[place] = undefined;
      return undefined;
    }
    this.#forms[place] ??= createForm(known);
    return this.#forms[place];
  }
}

const FORMS = new AttributeForms();

function hashOf(words: readonly WantedWord[], size: number): number {
  let hash = size;
  for (let index = 0; index < size; index += 1) hash = Math.imul(hash, 31) + words[index]!.hash;
  return hash ^ (hash >>> 16);
}

function areSame(words: readonly WantedWord[], known: readonly WantedWord[], size: number): boolean {
  if (known.length !== size) return false;
  for (let index = 0; index < size; index += 1) if (words[index] !== known[index]) return false;
  return true;
}

/** By way of JSON, from which V8 makes an object that has its size from the start. */
const createForm = (words: readonly WantedWord[]): Attributes =>
  JSON.parse(JSON.stringify(Object.fromEntries(words.map(({ name }) => [name, null]))));
