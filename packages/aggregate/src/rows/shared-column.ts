import { PagedColumn } from './columns.js';

/** With more values their numbers take four bytes, else two. */
const MAX_NARROW = 0xffff;

/** A column of values that many rows have in common: each is kept once, as long as there is a row that has it. */
export class SharedColumn<V> {
  /** By row: which value it has, 0 for none. */
  #numbers: PagedColumn<Uint16Array | Int32Array>;
  #isNarrow = true;
  readonly #known = new Map<V, number>();
  readonly #values: V[];
  /** Rows that have it, by number. */
  readonly #uses = [0];
  readonly #free: number[] = [];

  /** `none`: what a row has before it is set. */
  constructor(rows: number, none: V) {
    this.#numbers = new PagedColumn<Uint16Array | Int32Array>(Uint16Array, { rows });
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
    const number = value === this.#values[0] ? 0 : this.#take(value);
    this.#numbers.pageToChange(row)[place] = number;
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
      if (this.#isNarrow && number > MAX_NARROW) this.#widen();
      this.#known.set(value, number);
      this.#values[number] = value;
      this.#uses[number] = 0;
    }
    this.#uses[number]! += 1;
    return number;
  }

  #widen(): void {
    this.#numbers = this.#numbers.as(Int32Array);
    this.#isNarrow = false;
  }

  #release(number: number): void {
    this.#uses[number]! -= 1;
    if (this.#uses[number]! > 0) return;
    this.#known.delete(this.#values[number]!);
    this.#values[number] = this.#values[0]!;
    this.#free.push(number);
  }
}
