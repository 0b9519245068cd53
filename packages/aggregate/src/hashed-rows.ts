import { lengthen, NONE, RowSupply } from './columns.js';

const FIRST_CAPACITY = 64;
/** Nobody outside can choose keys that all fall into one place. It changes no order and no result. */
const SEED = Math.floor(Math.random() * 2 ** 31);

/**
 * The rows of a table: in a list from the oldest to the newest, and to be found by the hash of what their owner keeps in
 * them. Rows are used again and again: a `Map` that takes and forgets one entry for each span makes a new table of all
 * of them every few thousand, and an object for each. All of it is numbers, which no collector of garbage looks at.
 *
 * A key is looked for in the cells from {@link firstCell} on, until one has no row.
 */
export class HashedRows {
  #size = 0;
  readonly #supply = new RowSupply();
  #hashes = new Int32Array(FIRST_CAPACITY);
  #older = new Int32Array(FIRST_CAPACITY);
  /** Of rows that are in no use, the next of those. */
  #newer = new Int32Array(FIRST_CAPACITY);
  #oldest = NONE;
  #newest = NONE;
  /** Rows by their hashes, each plus one, 0 where there is none; at most half full. */
  #table = new Int32Array(FIRST_CAPACITY * 2);

  get size(): number {
    return this.#size;
  }

  /** Every row is below it: what is kept by row has this length. */
  get capacity(): number {
    return this.#hashes.length;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** The one that came after it. */
  newerThan(row: number): number {
    return this.#newer[row]!;
  }

  firstCell(hash: number): number {
    return hash & (this.#table.length - 1);
  }

  nextCell(cell: number): number {
    return (cell + 1) & (this.#table.length - 1);
  }

  rowAt(cell: number): number {
    return this.#table[cell]! - 1;
  }

  hashOf(row: number): number {
    return this.#hashes[row]!;
  }

  /** A row for a key that has none, the newest. Whatever is left in it is its owner's. */
  add(hash: number): number {
    const row = this.#supply.take(this.#newer);
    if (row === this.#hashes.length) this.#grow();
    this.#hashes[row] = hash;
    this.#place(row);
    this.#append(row);
    this.#size += 1;
    return row;
  }

  /** It is the newest from now on. */
  renew(row: number): void {
    if (row === this.#newest) return;
    this.#unlink(row);
    this.#append(row);
  }

  remove(row: number): void {
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
    this.#supply.giveBack(row, this.#newer);
    this.#size -= 1;
  }

  /** Those that are in use now, oldest first. */
  list(): Int32Array {
    const rows = new Int32Array(this.#size);
    let at = 0;
    for (let row = this.#oldest; row !== NONE; row = this.#newer[row]!) {
      rows[at] = row;
      at += 1;
    }
    return rows;
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

/** A text's hash: FNV-1a with a seed, and the finalizer of MurmurHash3. */
export function hashText(text: string, before = 0): number {
  let hash = SEED ^ before;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hashNumber(hash, 0);
}

/** A number of 32 bits in which each bit of both matters. */
export function hashNumber(number: number, before: number): number {
  let hash = Math.imul(SEED ^ before, 0x9e3779b1) ^ number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
