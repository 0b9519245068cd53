import { lengthen, moreThan, NONE } from './columns.js';

/**
 * Something of some rows of a table: of the rows that were noted last. Which one is the oldest stands in a ring of rows;
 * where a note went before its turn, its place there stays empty.
 */
export class RowNotes<V> {
  readonly #values: (V | undefined)[] = [];
  readonly #ring: Int32Array;
  #next = 0;
  /** Place in the ring plus one by row, 0 where nothing is noted. */
  #places = new Int32Array(0);

  /** `limit`: notes at most. */
  constructor(limit: number) {
    this.#ring = new Int32Array(limit).fill(NONE);
  }

  has(row: number): boolean {
    return row < this.#places.length && this.#places[row] !== 0;
  }

  get(row: number): V | undefined {
    return this.has(row) ? this.#values[row] : undefined;
  }

  /** Notes something of a row, as the newest. */
  set(row: number, value: V): void {
    if (row >= this.#places.length) this.#places = lengthen(this.#places, moreThan(row + 1));
    this.delete(row);
    const oldest = this.#ring[this.#next]!;
    if (oldest !== NONE) this.delete(oldest);
    this.#ring[this.#next] = row;
    this.#values[row] = value;
    this.#next = (this.#next + 1) % this.#ring.length;
    this.#places[row] = this.#next === 0 ? this.#ring.length : this.#next;
  }

  delete(row: number): void {
    if (!this.has(row)) return;
    this.#ring[this.#places[row]! - 1] = NONE;
    this.#places[row] = 0;
    this.#values[row] = undefined;
  }

  /** Oldest first: what {@link set} one by one makes the same notes of. */
  *entries(): IterableIterator<[row: number, V]> {
    for (let count = 0; count < this.#ring.length; count += 1) {
      const row = this.#ring[(this.#next + count) % this.#ring.length]!;
      if (row !== NONE) yield [row, this.#values[row] as V];
    }
  }
}
