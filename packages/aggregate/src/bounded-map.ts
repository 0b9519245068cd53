import { lengthen } from './columns.js';

const FIRST_CAPACITY = 64;
const NONE = -1;
/** Nobody outside can choose keys that all fall into one place. It changes no order and no result. */
const SEED = Math.floor(Math.random() * 2 ** 31);

/**
 * A map that forgets its oldest entries. Its rows are used again and again: a `Map` that takes and forgets one entry
 * for each span makes a new table of all of them every few thousand, and an object for each.
 */
export class BoundedMap<V> {
  readonly #limit: number;
  #size = 0;
  // One entry is one row. Rows that are in use stand in a list from the oldest to the newest, the others in one of their own.
  #keys: string[] = [];
  #values: (V | undefined)[] = [];
  #hashes = new Int32Array(FIRST_CAPACITY);
  #older = new Int32Array(FIRST_CAPACITY);
  #newer = new Int32Array(FIRST_CAPACITY);
  #oldest = NONE;
  #newest = NONE;
  #free = NONE;
  /** Rows by the hash of their keys, each plus one, 0 where there is none; at most half full. */
  #table = new Int32Array(FIRST_CAPACITY * 2);

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Oldest first: what {@link set} one by one makes the same map of. */
  *entries(): IterableIterator<[string, V]> {
    for (let row = this.#oldest; row !== NONE; row = this.#newer[row]!)
      yield [this.#keys[row]!, this.#values[row] as V];
  }

  /** Something of each entry, oldest first, at once: {@link entries} makes a pair of each on the way. */
  map<T>(read: (value: V, key: string) => T): T[] {
    const all: T[] = [];
    for (let row = this.#oldest; row !== NONE; row = this.#newer[row]!)
      all.push(read(this.#values[row] as V, this.#keys[row]!));
    return all;
  }

  get(key: string): V | undefined {
    const row = this.#find(key, hashOf(key));
    return row === NONE ? undefined : this.#values[row];
  }

  /** The value that has been there longest. */
  get oldest(): V | undefined {
    return this.#oldest === NONE ? undefined : this.#values[this.#oldest];
  }

  delete(key: string): void {
    if (this.#size === 0) return;
    const row = this.#find(key, hashOf(key));
    if (row !== NONE) this.#remove(row);
  }

  /** Sets a key, as the newest; returns how many were forgotten to make room. */
  set(key: string, value: V): number {
    const hash = hashOf(key);
    const known = this.#find(key, hash);
    if (known !== NONE) {
      this.#values[known] = value;
      if (known !== this.#newest) {
        this.#unlink(known);
        this.#append(known);
      }
      return 0;
    }
    this.#add(key, value, hash);
    if (this.#size <= this.#limit) return 0;
    this.#remove(this.#oldest);
    return 1;
  }

  /** Forgets from the oldest on, as long as `isDue` says so; returns how many. */
  forgetWhile(isDue: (value: V) => boolean): number {
    let forgotten = 0;
    while (this.#oldest !== NONE && isDue(this.#values[this.#oldest] as V)) {
      this.#remove(this.#oldest);
      forgotten += 1;
    }
    return forgotten;
  }

  #find(key: string, hash: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    for (let cell = hash & mask; table[cell] !== 0; cell = (cell + 1) & mask) {
      const row = table[cell]! - 1;
      if (this.#hashes[row] === hash && this.#keys[row] === key) return row;
    }
    return NONE;
  }

  #add(key: string, value: V, hash: number): void {
    const row = this.#takeRow();
    this.#keys[row] = key;
    this.#values[row] = value;
    this.#hashes[row] = hash;
    this.#place(row);
    this.#append(row);
    this.#size += 1;
  }

  #takeRow(): number {
    const row = this.#free;
    if (row !== NONE) {
      this.#free = this.#newer[row]!;
      return row;
    }
    if (this.#keys.length === this.#hashes.length) this.#grow();
    return this.#keys.length;
  }

  #grow(): void {
    const capacity = this.#hashes.length * 2;
    this.#hashes = lengthen(this.#hashes, capacity);
    this.#older = lengthen(this.#older, capacity);
    this.#newer = lengthen(this.#newer, capacity);
    this.#table = new Int32Array(capacity * 2);
    for (let row = this.#oldest; row !== NONE; row = this.#newer[row]!) this.#place(row);
  }

  #place(row: number): void {
    const mask = this.#table.length - 1;
    let cell = this.#hashes[row]! & mask;
    while (this.#table[cell] !== 0) cell = (cell + 1) & mask;
    this.#table[cell] = row + 1;
  }

  #remove(row: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#hashes[row]! & mask;
    while (table[hole] !== row + 1) hole = (hole + 1) & mask;
    // What stands behind the hole and would no longer be found moves into it.
    for (let cell = (hole + 1) & mask; table[cell] !== 0; cell = (cell + 1) & mask) {
      const home = this.#hashes[table[cell]! - 1]! & mask;
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue;
      table[hole] = table[cell]!;
      hole = cell;
    }
    table[hole] = 0;
    this.#unlink(row);
    this.#keys[row] = '';
    this.#values[row] = undefined;
    this.#newer[row] = this.#free;
    this.#free = row;
    this.#size -= 1;
  }

  #append(row: number): void {
    this.#older[row] = this.#newest;
    this.#newer[row] = NONE;
    if (this.#newest === NONE) this.#oldest = row;
    else this.#newer[this.#newest] = row;
    this.#newest = row;
  }

  #unlink(row: number): void {
    const [older, newer] = [this.#older[row]!, this.#newer[row]!];
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
  }
}

/** FNV-1a with a seed, and the finalizer of MurmurHash3. */
function hashOf(key: string): number {
  let hash = SEED;
  for (let index = 0; index < key.length; index += 1)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
