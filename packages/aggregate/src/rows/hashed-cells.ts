import { NONE } from './columns.js';

/** Bits of a cell that say how far its row stands behind where it belongs, if there are so many beside those of the row. */
const LAG_BITS = 5;

/**
 * An open-addressed table of rows by their hashes, all of it numbers, at most half full. A cell holds a row plus one, or 0;
 * how far behind the cell of its hash that is, so that a hole is closed without a look at the rows behind it, each of which
 * lies elsewhere in memory; and bits of the hash: what is another row is mostly known without a look at it.
 *
 * A key is looked for in the rows from {@link first} on, until there is none.
 */
export abstract class HashedCells {
  #cells = new Int32Array(0);
  /** Of a cell, its row plus one; of a hash, where it belongs. */
  #mask = 0;
  #rowBits = 0;
  /** The greatest lag means so far or further. */
  #maxLag = 0;
  /** Of a cell and of a hash. */
  #tagMask = 0;
  /** Where the search at hand stands. */
  #cell = 0;

  /** What the row was placed by. */
  protected abstract hashOf(row: number): number;

  /** The first row that may be of this hash; {@link NONE} where there is none. */
  first(hash: number): number {
    return this.#search(hash & this.#mask, hash);
  }

  /** The one after the last that this or {@link first} has found. */
  next(hash: number): number {
    return this.#search((this.#cell + 1) & this.#mask, hash);
  }

  /** Rows that there may be, each of them below it. */
  protected get room(): number {
    return this.#cells.length >>> 1;
  }

  /** No row is found any more; there is room for so many. */
  protected clear(rows: number): void {
    const rowBits = 32 - Math.clz32(rows * 2 - 1);
    const lagBits = Math.min(LAG_BITS, 32 - rowBits);
    this.#cells = new Int32Array(2 ** rowBits);
    this.#mask = 2 ** rowBits - 1;
    this.#rowBits = rowBits;
    this.#maxLag = 2 ** lagBits - 1;
    this.#tagMask = -(2 ** (rowBits + lagBits)) | 0;
  }

  /** There is room for twice as many. */
  protected grow(): void {
    const before = this.#cells;
    const mask = this.#mask;
    this.clear(this.room * 2);
    for (const cell of before) if (cell !== 0) this.place((cell & mask) - 1, this.hashOf((cell & mask) - 1));
  }

  protected place(row: number, hash: number): void {
    const cells = this.#cells;
    const home = hash & this.#mask;
    let cell = home;
    while (cells[cell] !== 0) cell = (cell + 1) & this.#mask;
    this.#write(cell, row + 1, hash, (cell - home) & this.#mask);
  }

  protected displace(row: number): void {
    const cells = this.#cells;
    const mask = this.#mask;
    let hole = this.hashOf(row) & mask;
    while ((cells[hole]! & mask) !== row + 1) hole = (hole + 1) & mask;
    // What stands behind the hole and would no longer be found moves into it.
    for (let cell = (hole + 1) & mask; cells[cell] !== 0; cell = (cell + 1) & mask) {
      const lag = this.#lagOf(cell);
      const step = (cell - hole) & mask;
      if (lag < step) continue;
      this.#write(hole, cells[cell]! & mask, cells[cell]!, lag - step);
      hole = cell;
    }
    cells[hole] = 0;
  }

  #write(cell: number, place: number, tag: number, lag: number): void {
    this.#cells[cell] = (tag & this.#tagMask) | (Math.min(lag, this.#maxLag) << this.#rowBits) | place;
  }

  #lagOf(cell: number): number {
    const lag = (this.#cells[cell]! >>> this.#rowBits) & this.#maxLag;
    if (lag < this.#maxLag) return lag;
    return (cell - this.hashOf((this.#cells[cell]! & this.#mask) - 1)) & this.#mask;
  }

  #search(from: number, hash: number): number {
    const cells = this.#cells;
    const mask = this.#mask;
    const tagMask = this.#tagMask;
    for (let cell = from; cells[cell] !== 0; cell = (cell + 1) & mask) {
      if (((cells[cell]! ^ hash) & tagMask) !== 0) continue;
      this.#cell = cell;
      return (cells[cell]! & mask) - 1;
    }
    return NONE;
  }
}
