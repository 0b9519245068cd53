import { PagedColumn } from '@costspan/aggregate';

/** Lists of amounts of one length, a row each, in four bytes an amount; a list that they do not hold is kept apart. */
export class AmountTable {
  readonly #width: number;
  readonly #apart = new Map<number, readonly number[]>();
  readonly #free: number[] = [];
  #size = 0;
  readonly #amounts: PagedColumn<Uint32Array>;

  /** `width`: amounts of a list. */
  constructor(width: number) {
    this.#width = width;
    this.#amounts = new PagedColumn(Uint32Array, { rows: 0, width });
  }

  /** The row of a new list. */
  add(amounts: ArrayLike<number>): number {
    const row = this.#free.pop() ?? this.#size;
    if (row === this.#size) this.#size += 1;
    this.#amounts.lengthen(this.#size);
    this.set(row, amounts);
    return row;
  }

  set(row: number, amounts: ArrayLike<number>): void {
    if (!fit(amounts)) {
      this.#apart.set(row, Array.from(amounts));
      return;
    }
    const page = this.#amounts.pageToChange(row);
    const start = this.#amounts.placeOf(row);
    for (let index = 0; index < this.#width; index += 1) page[start + index] = amounts[index]!;
    if (this.#apart.size > 0) this.#apart.delete(row);
  }

  read(row: number, amounts: Float64Array): void {
    const apart = this.#apart.size === 0 ? undefined : this.#apart.get(row);
    const page = this.#amounts.pageOf(row);
    const start = this.#amounts.placeOf(row);
    for (let index = 0; index < this.#width; index += 1)
      amounts[index] = apart === undefined ? page[start + index]! : apart[index]!;
  }

  free(row: number): void {
    if (this.#apart.size > 0) this.#apart.delete(row);
    this.#free.push(row);
  }
}

/** Whether each of them is a whole number of four bytes. By index: an iterator would be an object for each of them. */
function fit(amounts: ArrayLike<number>): boolean {
  for (let index = 0; index < amounts.length; index += 1)
    if (amounts[index]! >>> 0 !== amounts[index]) return false;
  return true;
}
