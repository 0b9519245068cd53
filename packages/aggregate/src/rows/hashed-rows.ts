import { lengthen, NONE, RowSupply } from './columns.js';
import { RowHashes } from './row-hashes.js';

const FIRST_CAPACITY = 64;

/**
 * The rows of a table: in a list from the oldest to the newest, and to be found by the hash of what their owner keeps in
 * them. Rows are used again and again: a `Map` that takes and forgets one entry for each span makes a new table of all
 * of them every few thousand, and an object for each.
 *
 * A key is looked for in the rows from {@link first} on, until there is none.
 */
export class HashedRows {
  readonly #supply = new RowSupply();
  readonly #hashes = new RowHashes();
  #older = new Int32Array(FIRST_CAPACITY);
  /** Of rows that are in no use, the next of those. */
  #newer = new Int32Array(FIRST_CAPACITY);
  #oldest = NONE;
  #newest = NONE;

  get size(): number {
    return this.#hashes.size;
  }

  /** Every row is below it: what is kept by row has this length. */
  get capacity(): number {
    return this.#older.length;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** The one that came after it. */
  newerThan(row: number): number {
    return this.#newer[row]!;
  }

  first(hash: number): number {
    return this.#hashes.first(hash);
  }

  next(hash: number): number {
    return this.#hashes.next(hash);
  }

  /** A row for a key that has none, the newest. Whatever is left in it is its owner's. */
  add(hash: number): number {
    const row = this.#supply.take(this.#newer);
    if (row === this.#older.length) {
      this.#older = lengthen(this.#older, row * 2);
      this.#newer = lengthen(this.#newer, row * 2);
    }
    this.#hashes.add(row, hash);
    this.#append(row);
    return row;
  }

  /** It is the newest from now on. */
  renew(row: number): void {
    if (row === this.#newest) return;
    this.#unlink(row);
    this.#append(row);
  }

  remove(row: number): void {
    this.#hashes.remove(row);
    this.#unlink(row);
    this.#supply.giveBack(row, this.#newer);
  }

  /** Those that are in use now, oldest first, whatever is added and removed while they are taken. */
  list(): IterableIterator<number> {
    return listFrom(this.#oldest, this.#newer.slice());
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

function* listFrom(oldest: number, newer: Int32Array): IterableIterator<number> {
  for (let row = oldest; row !== NONE; row = newer[row]!) yield row;
}
