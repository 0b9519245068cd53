import { PagedColumn } from './columns.js';

/** A column of values that many rows have in common: each is kept once, as long as there is a row that has it. */
export class SharedColumn<V> {
  /** By row: which value it has, 0 for none. */
  readonly #numbers: PagedColumn<Int32Array>;
  readonly #known = new Map<V, number>();
  readonly #values: V[];
  /** Rows that have it, by number. */
  readonly #uses = [0];
  readonly #free: number[] = [];

  /** `none`: what a row has before it is set. */
  constructor(rows: number, none: V) {
    this.#numbers = new PagedColumn(Int32Array, { rows });
    this.#values = [none];
  }

  lengthen(rows: number): void {
    this.#numbers.lengthen(rows);
  }

  at(row: number): V {
    return this.#values[this.#numbers.pageOf(row)[this.#numbers.placeOf(row)]!]!;
  }

  set(row: number, value: V): void {
    const place = this.#numbers.placeOf(row);
    const before = this.#numbers.pageOf(row)[place]!;
    if (this.#values[before] === value) return;
    this.#numbers.pageToChange(row)[place] = value === this.#values[0] ? 0 : this.#take(value);
    if (before !== 0) this.#release(before);
  }

  /** The row has none again. */
  forget(row: number): void {
    this.set(row, this.#values[0]!);
  }

  #take(value: V): number {
    let number = this.#known.get(value);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#values.length;
      this.#known.set(value, number);
      this.#values[number] = value;
      this.#uses[number] = 0;
    }
    this.#uses[number]! += 1;
    return number;
  }

  #release(number: number): void {
    this.#uses[number]! -= 1;
    if (this.#uses[number]! > 0) return;
    this.#known.delete(this.#values[number]!);
    this.#values[number] = this.#values[0]!;
    this.#free.push(number);
  }
}
