import { NONE } from './columns.js';
import { HashedRows, hashNumber } from './hashed-rows.js';
import { IdColumn, readId, SPAN_ID, wordsOf } from './ids.js';

/** Spans by their ids, a row for each, oldest first. */
export class SpanIndex {
  readonly rows = new HashedRows();
  readonly ids = new IdColumn(SPAN_ID, this.rows.capacity);
  readonly #sought = new Int32Array(wordsOf(SPAN_ID));
  #capacity = this.rows.capacity;

  find(spanId: string): number {
    readId(spanId, SPAN_ID, this.#sought);
    return this.#find(this.#sought[0]!, this.#sought[1]!);
  }

  /** The one whose id stands in a row of another column. */
  findOf(ids: IdColumn, row: number): number {
    return this.#find(ids.wordAt(row, 0), ids.wordAt(row, 1));
  }

  /** A row for a span that has none, the newest. */
  add(spanId: string): number {
    readId(spanId, SPAN_ID, this.#sought);
    const row = this.rows.add(hashNumber(this.#sought[0]!, this.#sought[1]!));
    if (this.rows.capacity > this.#capacity) {
      this.#capacity = this.rows.capacity;
      this.ids.lengthen(this.#capacity);
    }
    this.ids.set(row, spanId);
    return row;
  }

  removeOldest(): void {
    const { oldest } = this.rows;
    this.ids.forget(oldest);
    this.rows.remove(oldest);
  }

  #find(high: number, low: number): number {
    const { rows, ids } = this;
    let cell = rows.firstCell(hashNumber(high, low));
    let row = rows.rowAt(cell);
    while (row !== NONE && !(ids.wordAt(row, 0) === high && ids.wordAt(row, 1) === low)) {
      cell = rows.nextCell(cell);
      row = rows.rowAt(cell);
    }
    return row;
  }
}

/** Something of some spans; the oldest are forgotten. */
export class SpanMap<V> {
  readonly #limit: number;
  readonly #index = new SpanIndex();
  readonly #values: (V | undefined)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Oldest first: what {@link set} one by one makes the same map of. */
  *entries(): IterableIterator<[spanId: string, V]> {
    const { ids, rows } = this.#index;
    for (let row = rows.oldest; row !== NONE; row = rows.newerThan(row))
      yield [ids.at(row), this.#values[row] as V];
  }

  /** That of the span whose id stands in a row of this column. */
  getOf(ids: IdColumn, row: number): V | undefined {
    if (this.#index.rows.size === 0) return undefined;
    const own = this.#index.findOf(ids, row);
    return own === NONE ? undefined : this.#values[own];
  }

  /** Sets that of a span, as the newest. */
  set(spanId: string, value: V): void {
    const { rows } = this.#index;
    const known = this.#index.find(spanId);
    if (known !== NONE) rows.renew(known);
    this.#values[known === NONE ? this.#index.add(spanId) : known] = value;
    if (rows.size <= this.#limit) return;
    this.#values[rows.oldest] = undefined;
    this.#index.removeOldest();
  }
}
