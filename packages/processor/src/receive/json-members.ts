import { ARRAY, type JsonReader, OBJECT, patternOf } from './json-reader.js';
import type { Pattern } from './pattern.js';
import { MalformedError, viewOf } from './wire.js';

interface Member<Name extends string> {
  readonly name: Name;
  readonly key: Pattern;
  /** With its quotes and the colon, as nearly everybody writes it. */
  readonly usual: Pattern;
  /** The one that came after it the last time: emitters write them in the same order again and again. */
  next: Member<Name> | undefined;
}

/** The members of one kind of object, told by the bytes of their keys; those that nobody reads are none of them. */
export class Members<Name extends string> {
  readonly #members: readonly Member<Name>[];
  /** The one that came last. */
  #last: Member<Name>;

  constructor(...names: readonly [Name, ...Name[]]) {
    this.#members = names.map((name) => ({
      name,
      key: patternOf(name),
      usual: patternOf(`"${name}":`),
      next: undefined,
    }));
    this.#last = this.#members[0]!;
  }

  /** Passes the key that stands there; the member that it names. */
  pass(reader: JsonReader): Name | undefined {
    const likely = this.#last.next;
    if (likely !== undefined && reader.passes(likely.usual)) {
      this.#last = likely;
      return likely.name;
    }
    reader.key();
    return reader.isPlain ? this.#search(reader.view, reader.from, reader.to) : this.#findEscaped(reader);
  }

  #search(view: DataView, from: number, to: number): Name | undefined {
    const member = this.#members.find(({ key }) => key.length === to - from && key.standsAt(view, from));
    if (member === undefined) return undefined;
    this.#last.next = member;
    this.#last = member;
    return member.name;
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
