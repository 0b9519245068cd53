import { lengthen, moreThan, NONE } from './columns.js';

const FIRST_CAPACITY = 64;
/** Nobody outside can choose keys that all fall into one place. It changes no order and no result. */
const SEED = Math.floor(Math.random() * 2 ** 31);

/**
 * Rows of a table, to be found by the hash of what their owner keeps in them: a `Map` takes four times the memory, and
 * where entries come and go it is made anew whenever as many were forgotten as it holds. All of it is numbers, which no
 * collector of garbage looks at.
 *
 * A key is looked for in the rows from {@link first} on, until there is none.
 */
export class RowHashes {
  /** By row. */
  #hashes = new Int32Array(FIRST_CAPACITY);
  /**
   * Rows, each plus one, 0 where there is none; at most half full. Bits that a row does not need are those of its hash:
   * what stands there for another one is mostly known without a look at its row.
   */
  #cells = new Int32Array(FIRST_CAPACITY * 2);
  #size = 0;
  /** Where the search at hand stands. */
  #cell = 0;

  get size(): number {
    return this.#size;
  }

  /** The first row that may be of this hash; {@link NONE} where there is none. */
  first(hash: number): number {
    return this.#search(hash & (this.#cells.length - 1), hash);
  }

  /** The one after the last that this or {@link first} has found. */
  next(hash: number): number {
    return this.#search((this.#cell + 1) & (this.#cells.length - 1), hash);
  }

  /** The row is found by this hash from now on. */
  add(row: number, hash: number): void {
    if (row >= this.#hashes.length) this.#hashes = lengthen(this.#hashes, moreThan(row));
    this.#hashes[row] = hash;
    this.#size += 1;
    while (this.#size * 2 > this.#cells.length || row + 1 >= this.#cells.length) this.#grow();
    this.#place(row);
  }

  remove(row: number): void {
    const cells = this.#cells;
    const mask = cells.length - 1;
    let hole = this.#hashes[row]! & mask;
    while (this.#rowAt(hole) !== row) hole = (hole + 1) & mask;
    // What stands behind the hole and would no longer be found moves into it.
    for (let cell = (hole + 1) & mask; cells[cell] !== 0; cell = (cell + 1) & mask) {
      const home = this.#hashes[this.#rowAt(cell)]! & mask;
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue;
      cells[hole] = cells[cell]!;
      hole = cell;
    }
    cells[hole] = 0;
    this.#size -= 1;
  }

  #grow(): void {
    const before = this.#cells;
    this.#cells = new Int32Array(before.length * 2);
    for (const cell of before) if (cell !== 0) this.#place((cell & (before.length - 1)) - 1);
  }

  #place(row: number): void {
    const mask = this.#cells.length - 1;
    const hash = this.#hashes[row]!;
    let cell = hash & mask;
    while (this.#cells[cell] !== 0) cell = (cell + 1) & mask;
    this.#cells[cell] = (hash & ~mask) | (row + 1);
  }

  #search(from: number, hash: number): number {
    const cells = this.#cells;
    const mask = cells.length - 1;
    for (let cell = from; cells[cell] !== 0; cell = (cell + 1) & mask) {
      if (((cells[cell]! ^ hash) & ~mask) !== 0) continue;
      this.#cell = cell;
      return this.#rowAt(cell);
    }
    return NONE;
  }

  #rowAt(cell: number): number {
    return (this.#cells[cell]! & (this.#cells.length - 1)) - 1;
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
