import { lengthen, NONE, RowSupply } from '../rows/columns.js';
import { HashedRows } from '../rows/hashed-rows.js';
import { hashNumber, hashText } from '../rows/row-hashes.js';
import type { SightingTable } from './sightings.js';

/** Of a key whose list has not been looked for. */
const NOT_LOOKED_FOR = -2;

/** What calls have in common that may be one: the id of the answer, what was used, or who asked which model. */
export class AlikeKey {
  readonly kind: 'answer' | 'usage' | 'layer';
  /** Of an answer its id, else the service. */
  name = '';
  /** Of what was used, and of a layer, without a release date. */
  model = '';
  /** Tokens of what was used. */
  input = 0;
  output = 0;
  hash = 0;
  /** Where {@link AlikeLists} has found its list; the list may be forgotten by now. */
  list = NOT_LOOKED_FOR;

  constructor(kind: AlikeKey['kind']) {
    this.kind = kind;
  }

  /** From now on it is the key of another call; `name` alone makes the key of an answer. */
  set(name: string, family = NO_FAMILY, { input, output } = NO_TOKENS): this {
    this.name = name;
    this.model = family.name;
    this.input = input;
    this.output = output;
    this.hash = hashNumber(input, hashNumber(output, hashText(name, family.hash)));
    this.list = NOT_LOOKED_FOR;
    return this;
  }
}

/** A model whatever its release date, and the hash of its name: there are few, and each call asks for one of them. */
export interface Family {
  readonly name: string;
  readonly hash: number;
}
export const createFamily = (name: string): Family => ({ name, hash: hashText(name) });
const NO_FAMILY = createFamily('');
const NO_TOKENS = { input: 0, output: 0 };

/** As it stands in a state. */
function printKey({
  kind,
  name,
  model,
  input,
  output,
}: Pick<AlikeKey, 'kind' | 'name' | 'model' | 'input' | 'output'>): string {
  const parts = { answer: [name], usage: [name, model, input, output], layer: [name, model] };
  return [kind, ...parts[kind]].join('\u0000');
}

export function parseKey(text: string): AlikeKey {
  const [kind, ...parts] = text.split('\u0000');
  // An id may hold anything; labels have no such characters.
  if (kind === 'answer') return new AlikeKey(kind).set(parts.join('\u0000'));
  const [name = '', model = '', input = 0, output = 0] = parts;
  const family = createFamily(model);
  if (kind === 'layer') return new AlikeKey(kind).set(name, family);
  return new AlikeKey('usage').set(name, family, { input: Number(input), output: Number(output) });
}

const FIRST_CAPACITY = 1_024;

export interface AlikeLimits {
  /** Keys that are remembered; the oldest are forgotten with all of their calls. */
  readonly keys: number;
  /** Calls of one key; the oldest are forgotten. */
  readonly callsOfAKey: number;
  /** Calls of all keys together. */
  readonly calls: number;
}

/**
 * Counted calls in a list for each key, the newest last, in columns: keys and calls come and go with every call. A list
 * is a row until it is forgotten, which only {@link push} does.
 */
export class AlikeLists {
  readonly #table: SightingTable;
  readonly #limits: AlikeLimits;
  readonly #rows = new HashedRows();
  readonly #kinds: AlikeKey['kind'][] = [];
  readonly #names: string[] = [];
  readonly #models: string[] = [];
  /** Who has told all calls of a list; undefined where several have. */
  readonly #emitters: (string | undefined)[] = [];
  #inputs = new Float64Array(this.#rows.capacity);
  #outputs = new Float64Array(this.#rows.capacity);
  #firsts = new Int32Array(this.#rows.capacity);
  #lasts = new Int32Array(this.#rows.capacity);
  #sizes = new Uint16Array(this.#rows.capacity);
  readonly #entries = new Entries();

  /** `table`: where the calls are kept that stand in the lists. */
  constructor(table: SightingTable, limits: AlikeLimits) {
    this.#table = table;
    this.#limits = limits;
  }

  /** The list of this key, if there is one with calls of others than this emitter; else {@link NONE}. */
  findOfOthers(key: AlikeKey, emitter: string): number {
    key.list = this.#find(key);
    return key.list === NONE || this.#emitters[key.list] === emitter ? NONE : key.list;
  }

  /** The list of this key, if there is one; else {@link NONE}. */
  find(key: AlikeKey): number {
    key.list = this.#isFound(key) ? key.list : this.#find(key);
    return key.list;
  }

  /** How many calls stand in a list. */
  sizeOf(list: number): number {
    return this.#sizes[list]!;
  }

  /** The first entry of a list; {@link nextOf} and {@link sightingOf} go on from it. */
  firstOf(list: number): number {
    return this.#firsts[list]!;
  }

  /** The next entry; {@link NONE} at the end. */
  nextOf(entry: number): number {
    return this.#entries.nexts[entry]!;
  }

  /** The row of the call that stands there. */
  sightingOf(entry: number): number {
    return this.#entries.sightings[entry]!;
  }

  /** Adds a call to the list of a key, which is the newest from now on. */
  push(key: AlikeKey, sighting: number): void {
    const emitter = this.#table.emitterOf(sighting);
    const known = this.find(key);
    const list = known === NONE ? this.#add(key, emitter) : known;
    key.list = list;
    if (known !== NONE) this.#rows.renew(list);
    if (this.#emitters[list] !== emitter) this.#emitters[list] = undefined;
    if (this.#sizes[list]! >= this.#limits.callsOfAKey) this.#shift(list);
    this.#append(list, sighting);
    if (this.#rows.size > this.#limits.keys) this.#forget(this.#rows.oldest);
    while (this.#entries.size > this.#limits.calls) this.#forget(this.#rows.oldest);
  }

  /** Each key and the rows of its calls as they are now, oldest first: copied at once, keys are printed one by one. */
  readState(): IterableIterator<[key: string, sightings: number[]]> {
    return readLists(this.#rows.list(), {
      kinds: this.#kinds.slice(),
      names: this.#names.slice(),
      models: this.#models.slice(),
      inputs: this.#inputs.slice(),
      outputs: this.#outputs.slice(),
      firsts: this.#firsts.slice(),
      nexts: this.#entries.nexts.slice(),
      sightings: this.#entries.sightings.slice(),
    });
  }

  /** Whether what was found is still so: the list of another key may have pushed it out. None is ever empty. */
  #isFound(key: AlikeKey): boolean {
    const { list } = key;
    return list === NONE || (list >= 0 && this.#sizes[list]! > 0 && this.#isOf(list, key));
  }

  #find(key: AlikeKey): number {
    let row = this.#rows.first(key.hash);
    while (row !== NONE && !this.#isOf(row, key)) row = this.#rows.next(key.hash);
    return row;
  }

  #isOf(row: number, { kind, name, model, input, output }: AlikeKey): boolean {
    return (
      this.#names[row] === name &&
      this.#models[row] === model &&
      this.#inputs[row] === input &&
      this.#outputs[row] === output &&
      this.#kinds[row] === kind
    );
  }

  #add({ kind, name, model, input, output, hash }: AlikeKey, emitter: string): number {
    const row = this.#rows.add(hash);
    if (this.#rows.capacity > this.#inputs.length) this.#lengthen(this.#rows.capacity);
    this.#kinds[row] = kind;
    this.#names[row] = name;
    this.#models[row] = model;
    this.#inputs[row] = input;
    this.#outputs[row] = output;
    this.#emitters[row] = emitter;
    this.#firsts[row] = NONE;
    this.#lasts[row] = NONE;
    this.#sizes[row] = 0;
    return row;
  }

  #append(list: number, sighting: number): void {
    const entry = this.#entries.add(sighting);
    const last = this.#lasts[list]!;
    if (last === NONE) this.#firsts[list] = entry;
    else this.#entries.nexts[last] = entry;
    this.#lasts[list] = entry;
    this.#sizes[list]! += 1;
    this.#table.enlist(sighting);
  }

  /** Takes the oldest call out of a list. */
  #shift(list: number): void {
    const entry = this.#firsts[list]!;
    const next = this.nextOf(entry);
    this.#table.delist(this.sightingOf(entry));
    this.#entries.remove(entry);
    this.#firsts[list] = next;
    if (next === NONE) this.#lasts[list] = NONE;
    this.#sizes[list]! -= 1;
  }

  #forget(list: number): void {
    while (this.#firsts[list] !== NONE) this.#shift(list);
    this.#names[list] = '';
    this.#rows.remove(list);
  }

  #lengthen(to: number): void {
    this.#inputs = lengthen(this.#inputs, to);
    this.#outputs = lengthen(this.#outputs, to);
    this.#firsts = lengthen(this.#firsts, to);
    this.#lasts = lengthen(this.#lasts, to);
    this.#sizes = lengthen(this.#sizes, to);
  }
}

interface ListColumns {
  readonly kinds: readonly AlikeKey['kind'][];
  readonly names: readonly string[];
  readonly models: readonly string[];
  readonly inputs: Float64Array;
  readonly outputs: Float64Array;
  readonly firsts: Int32Array;
  /** By entry. */
  readonly nexts: Int32Array;
  readonly sightings: Int32Array;
}

function* readLists(
  lists: Iterable<number>,
  { kinds, names, models, inputs, outputs, firsts, nexts, sightings }: ListColumns,
): IterableIterator<[key: string, sightings: number[]]> {
  for (const list of lists) {
    const rows: number[] = [];
    for (let entry = firsts[list]!; entry !== NONE; entry = nexts[entry]!) rows.push(sightings[entry]!);
    const [kind, name, model] = [kinds[list]!, names[list]!, models[list]!];
    yield [printKey({ kind, name, model, input: inputs[list]!, output: outputs[list]! }), rows];
  }
}

/** What the lists consist of. */
class Entries {
  size = 0;
  sightings = new Int32Array(FIRST_CAPACITY);
  /** Of entries that are in no use, the next of those. */
  nexts = new Int32Array(FIRST_CAPACITY);
  readonly #supply = new RowSupply();

  add(sighting: number): number {
    const entry = this.#supply.take(this.nexts);
    if (entry === this.nexts.length) this.#lengthen(entry * 2);
    this.sightings[entry] = sighting;
    this.nexts[entry] = NONE;
    this.size += 1;
    return entry;
  }

  remove(entry: number): void {
    this.#supply.giveBack(entry, this.nexts);
    this.size -= 1;
  }

  #lengthen(to: number): void {
    this.sightings = lengthen(this.sightings, to);
    this.nexts = lengthen(this.nexts, to);
  }
}
