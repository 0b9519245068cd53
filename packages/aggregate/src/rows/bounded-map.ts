import { NONE } from './columns.js';
import { HashedRows } from './hashed-rows.js';
import { hashText } from './row-hashes.js';

/** A map that forgets its oldest entries. */
export class BoundedMap<V> {
  readonly #limit: number;
  readonly #rows = new HashedRows();
  readonly #keys: string[] = [];
  readonly #values: (V | undefined)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Oldest first: what {@link set} one by one makes the same map of. */
  *entries(): IterableIterator<[string, V]> {
    for (let row = this.#rows.oldest; row !== NONE; row = this.#rows.newerThan(row))
      yield [this.#keys[row]!, this.#values[row] as V];
  }

  get(key: string): V | undefined {
    if (this.#rows.size === 0) return undefined;
    const row = this.#find(key, hashText(key));
    return row === NONE ? undefined : this.#values[row];
  }

  /** The value that has been there longest. */
  get oldest(): V | undefined {
    const { oldest } = this.#rows;
    return oldest === NONE ? undefined : this.#values[oldest];
  }

  delete(key: string): void {
    if (this.#rows.size === 0) return;
    const row = this.#find(key, hashText(key));
    if (row !== NONE) this.#remove(row);
  }

  /** Sets a key, as the newest; returns how many were forgotten to make room. */
  set(key: string, value: V): number {
    const hash = hashText(key);
    const known = this.#find(key, hash);
    if (known !== NONE) {
      this.#values[known] = value;
      this.#rows.renew(known);
      return 0;
    }
    const row = this.#rows.add(hash);
    this.#keys[row] = key;
    this.#values[row] = value;
    if (this.#rows.size <= this.#limit) return 0;
    this.#remove(this.#rows.oldest);
    return 1;
  }

  /** Forgets from the oldest on, as long as `isDue` says so; returns how many. */
  forgetWhile(isDue: (value: V) => boolean): number {
    let forgotten = 0;
    for (let row = this.#rows.oldest; row !== NONE; row = this.#rows.oldest) {
      if (!isDue(this.#values[row] as V)) break;
      this.#remove(row);
      forgotten += 1;
    }
    return forgotten;
  }

  #find(key: string, hash: number): number {
    let row = this.#rows.first(hash);
    while (row !== NONE && this.#keys[row] !== key) row = this.#rows.next(hash);
    return row;
  }

  #remove(row: number): void {
    this.#rows.remove(row);
    this.#keys[row] = '';
    this.#values[row] = undefined;
  }
}
