import { lengthen, moreThan } from './columns.js';

const FIRST_CAPACITY = 64;
/** Nobody outside can choose keys that all fall into one place. It changes no order and no result. */
const SEED = Math.floor(Math.random() * 2 ** 31);

/**
 * Rows of a table, to be found by the hash of what their owner keeps in them: a `Map` takes four times the memory, and
 * where entries come and go it is made anew whenever as many were forgotten as it holds. All of it is numbers, which no
 * collector of garbage looks at.
 *
 * A key is looked for in the cells from {@link firstCell} on, until one has no row.
 */
export class RowHashes {
  /** By row. */
  #hashes = new Int32Array(FIRST_CAPACITY);
  /** Rows, each plus one, 0 where there is none; at most half full. */
  #cells = new Int32Array(FIRST_CAPACITY * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  firstCell(hash: number): number {
    return hash & (this.#cells.length - 1);
  }

  nextCell(cell: number): number {
    return (cell + 1) & (this.#cells.length - 1);
  }

  /** `NONE` where the cell has none. */
  rowAt(cell: number): number {
    return this.#cells[cell]! - 1;
  }

  hashOf(row: number): number {
    return this.#hashes[row]!;
  }

  /** The row is found by this hash from now on. */
  add(row: number, hash: number): void {
    if (row >= this.#hashes.length) this.#hashes = lengthen(this.#hashes, moreThan(row));
    this.#hashes[row] = hash;
    this.#size += 1;
    if (this.#size * 2 > this.#cells.length) this.#grow();
    this.#place(row);
  }

  remove(row: number): void {
    const cells = this.#cells;
    const mask = cells.length - 1;
    let hole = this.#hashes[row]! & mask;
    while (cells[hole] !== row + 1) hole = (hole + 1) & mask;
    // What stands behind the hole and would no longer be found moves into it.
    for (let cell = (hole + 1) & mask; cells[cell] !== 0; cell = (cell + 1) & mask) {
      const home = this.#hashes[cells[cell]! - 1]! & mask;
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
    for (const cell of before) if (cell !== 0) this.#place(cell - 1);
  }

  #place(row: number): void {
    const mask = this.#cells.length - 1;
    let cell = this.#hashes[row]! & mask;
    while (this.#cells[cell] !== 0) cell = (cell + 1) & mask;
    this.#cells[cell] = row + 1;
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
