/** An entry, in the order in which entries were set. */
interface Entry<V> {
  readonly key: string;
  value: V;
  older: Entry<V> | undefined;
  newer: Entry<V> | undefined;
}

/**
 * A map that forgets its oldest entries. The order is a list through the entries: what is set again moves to its end
 * without a change of the map, which would cost a search for a place and, again and again, a new table.
 */
export class BoundedMap<V> {
  readonly #limit: number;
  readonly #map = new Map<string, Entry<V>>();
  #oldest: Entry<V> | undefined;
  #newest: Entry<V> | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#map.size;
  }

  /** Oldest first: what {@link set} one by one makes the same map of. */
  *entries(): IterableIterator<[string, V]> {
    for (let entry = this.#oldest; entry !== undefined; entry = entry.newer) yield [entry.key, entry.value];
  }

  get(key: string): V | undefined {
    return this.#map.get(key)?.value;
  }

  /** The value that has been there longest. */
  get oldest(): V | undefined {
    return this.#oldest?.value;
  }

  delete(key: string): void {
    const entry = this.#map.get(key);
    if (entry === undefined) return;
    this.#map.delete(key);
    this.#unlink(entry);
  }

  /** Sets a key, as the newest; returns how many were forgotten to make room. */
  set(key: string, value: V): number {
    const known = this.#map.get(key);
    if (known !== undefined) {
      known.value = value;
      if (known === this.#newest) return 0;
      this.#unlink(known);
      this.#append(known);
      return 0;
    }
    return this.add(key, value);
  }

  /** {@link set} of a key that is not there. */
  add(key: string, value: V): number {
    const entry: Entry<V> = { key, value, older: undefined, newer: undefined };
    this.#map.set(key, entry);
    this.#append(entry);
    return this.#map.size > this.#limit ? this.#forgetOldest() : 0;
  }

  /** Forgets from the oldest on, as long as `isDue` says so; returns how many. */
  forgetWhile(isDue: (value: V) => boolean): number {
    let forgotten = 0;
    while (this.#oldest !== undefined && isDue(this.#oldest.value)) forgotten += this.#forgetOldest();
    return forgotten;
  }

  #forgetOldest(): number {
    const oldest = this.#oldest;
    if (oldest === undefined) return 0;
    this.#map.delete(oldest.key);
    this.#unlink(oldest);
    return 1;
  }

  #append(entry: Entry<V>): void {
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry<V>): void {
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    entry.older = undefined;
    entry.newer = undefined;
  }
}
