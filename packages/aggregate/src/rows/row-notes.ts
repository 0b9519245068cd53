import { lengthen, moreThan, NONE } from './columns.js';

/**
 * Something of some rows of a table: of the rows that were noted last. Which one is the oldest stands in a ring of rows;
 * where a note went before its turn, its place there stays empty.
 */
export class RowNotes<V> {
  /** By place in the ring. */
  readonly #values: (V | undefined)[];
  readonly #ring: Int32Array;
  #next = 0;
  /** Place in the ring plus one by row, 0 where nothing is noted. */
  #places = new Int32Array(0);

  /** `limit`: notes at most. */
  constructor(limit: number) {
    this.#ring = new Int32Array(limit).fill(NONE);
    this.#values = new Array<V | undefined>(limit).fill(undefined);
  }

  has(row: number): boolean {
    return row < this.#places.length && this.#places[row] !== 0;
  }

  get(row: number): V | undefined {
    return this.has(row) ? this.#values[this.#places[row]! - 1] : undefined;
  }

  /** Notes something of a row, as the newest. */
  set(row: number, value: V): void {
    if (row >= this.#places.length) this.#places = lengthen(this.#places, moreThan(row + 1));
    this.delete(row);
    const oldest = this.#ring[this.#next]!;
    if (oldest !== NONE) this.delete(oldest);
    this.#ring[this.#next] = row;
    this.#values[this.#next] = value;
    this.#places[row] = this.#next + 1;
    this.#next = (this.#next + 1) % this.#ring.length;
  }

  delete(row: number): void {
    if (!this.has(row)) return;
    const place = this.#places[row]! - 1;
    this.#ring[place] = NONE;
    this.#values[place] = undefined;
    this.#places[row] = 0;
  }

  /** Notes something else of each row, in its place. */
  replaceAll(replace: (value: V) => V): void {
    for (const [place, value] of this.#values.entries())
      if (value !== undefined) this.#values[place] = replace(value);
  }

  /**
   * As they are now, whatever is noted while they are taken, oldest first: what {@link set} one by one makes the same
   * notes of.
   */
  entries(): IterableIterator<[row: number, V]> {
    return listFrom(this.#next, this.#ring.slice(), this.#values.slice());
  }
}

function* listFrom<V>(
  oldest: number,
  ring: Int32Array,
  values: readonly (V | undefined)[],
): IterableIterator<[row: number, V]> {
  for (let count = 0; count < ring.length; count += 1) {
    const place = (oldest + count) % ring.length;
    if (ring[place] !== NONE) yield [ring[place]!, values[place] as V];
  }
}
