/**
 * A map that forgets its oldest entries. One iterator stays at the oldest: a new one would have to pass over every
 * entry that was deleted before, which makes forgetting one by one quadratic.
 */
export class BoundedMap<V> {
  readonly #limit: number;
  readonly #map = new Map<string, V>();
  #cursor: IterableIterator<[string, V]> | undefined;
  #oldest: [string, V] | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#map.size;
  }

  /** Oldest first: what {@link set} one by one makes the same map of. */
  entries(): IterableIterator<[string, V]> {
    return this.#map.entries();
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  /** The value that has been there longest. */
  get oldest(): V | undefined {
    return this.#peek()?.[1];
  }

  delete(key: string): void {
    this.#map.delete(key);
  }

  /** Sets a key, as the newest; returns how many were forgotten to make room. */
  set(key: string, value: V): number {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#limit) return 0;
    return this.forgetWhile(() => this.#map.size > this.#limit);
  }

  /** Forgets from the oldest on, as long as `isDue` says so; returns how many. */
  forgetWhile(isDue: (value: V) => boolean): number {
    let forgotten = 0;
    for (let oldest = this.#peek(); oldest !== undefined && isDue(oldest[1]); oldest = this.#peek()) {
      this.#map.delete(oldest[0]);
      this.#oldest = undefined;
      forgotten += 1;
    }
    return forgotten;
  }

  /** The oldest entry that is still there as it was when the iterator passed it. */
  #peek(): [string, V] | undefined {
    while (this.#map.size > 0) {
      if (this.#oldest !== undefined && this.#map.get(this.#oldest[0]) === this.#oldest[1])
        return this.#oldest;
      this.#cursor ??= this.#map.entries();
      const { value, done } = this.#cursor.next();
      this.#oldest = value;
      // At its end for good: what comes later needs another one.
      if (done === true) this.#cursor = undefined;
    }
    this.#oldest = undefined;
    return undefined;
  }
}
