import { ARRAY, type JsonReader, OBJECT } from './json-reader.js';
import { Word } from './vocabulary.js';
import { MalformedError, viewOf } from './wire.js';

/** The members of one kind of object, told by the bytes of their keys; those that nobody reads are none of them. */
export class Members<Name extends string> {
  readonly #words: readonly Word[];
  /** The one that came last: emitters write them in the same order again and again. */
  #last: Word;

  constructor(...names: readonly [Name, ...Name[]]) {
    this.#words = names.map((name) => new Word(Buffer.from(name), name, 'named'));
    this.#last = this.#words[0]!;
  }

  /** Passes the key that stands there; the member that it names. */
  pass(reader: JsonReader): Name | undefined {
    reader.key();
    const { from, to, view } = reader;
    if (!reader.isPlain) return this.#findEscaped(reader);
    const likely = this.#last.next;
    if (!likely?.is(view, from, to)) return this.#search(view, from, to);
    this.#last = likely;
    return likely.name as Name;
  }

  #search(view: DataView, from: number, to: number): Name | undefined {
    const word = this.#words.find((one) => one.is(view, from, to));
    if (word === undefined) return undefined;
    this.#last.next = word;
    this.#last = word;
    return word.name as Name;
  }

  #findEscaped(reader: JsonReader): Name | undefined {
    const key = Buffer.from(reader.readEscaped());
    return this.#search(viewOf(key), 0, key.length);
  }
}

/** Each of these members of the object that stands here. */
export function forEachMember<Name extends string>(
  reader: JsonReader,
  members: Members<Name>,
  read: (name: Name) => void,
): void {
  if (!reader.enter(OBJECT)) return;
  do {
    const name = members.pass(reader);
    if (name === undefined) reader.skip();
    else read(name);
  } while (reader.more(OBJECT));
}

/** The same, but the one that the others are read with comes before them, wherever it stands. */
export function forEachMemberAfter<Name extends string>(
  reader: JsonReader,
  { members, first }: { readonly members: Members<Name>; readonly first: Name },
  read: (name: Name) => void,
): void {
  let isKnown = false;
  const waiting: { readonly name: Name; readonly position: number }[] = [];
  forEachMember(reader, members, (name) => {
    isKnown ||= name === first;
    if (isKnown) read(name);
    else {
      waiting.push({ name, position: reader.position });
      reader.skip();
    }
  });
  const { position: end } = reader;
  for (const { name, position } of waiting) {
    reader.position = position;
    read(name);
  }
  reader.position = end;
}

/** Each object of the array that stands here, or of null. `name`: for the error. */
export function forEachObject(reader: JsonReader, name: string, read: () => void): void {
  if (!isArrayHere(reader, name) || !reader.enter(ARRAY)) return;
  do {
    expectObject(reader, name);
    read();
  } while (reader.more(ARRAY));
}

/** An array stands here; false where null does, which is passed. */
export function isArrayHere(reader: JsonReader, name: string): boolean {
  if (reader.peek() === ARRAY.open) return true;
  if (reader.passesNull()) return false;
  throw new MalformedError(`${name} is not an array`);
}

/** An object stands here; false where null does, which is passed. */
export function isObjectHere(reader: JsonReader, name: string): boolean {
  if (reader.peek() === OBJECT.open) return true;
  if (reader.passesNull()) return false;
  throw new MalformedError(`${name} is not an object`);
}

export function expectObject(reader: JsonReader, name: string): void {
  if (reader.peek() !== OBJECT.open) throw new MalformedError(`an entry of ${name} is not an object`);
}
