/** No row. */
export const NONE = -1;

/** The rows of a table, used again and again: those in no use stand in a list of their own, in a column of the table. */
export class RowSupply {
  #free = NONE;
  #used = 0;

  /** A row in no use. It may be the one behind the last, for which the columns have to be lengthened. */
  take(nexts: Int32Array): number {
    const row = this.#free;
    if (row === NONE) {
      this.#used += 1;
      return this.#used - 1;
    }
    this.#free = nexts[row]!;
    return row;
  }

  giveBack(row: number, nexts: Int32Array): void {
    nexts[row] = this.#free;
    this.#free = row;
  }
}

/** An array of numbers of one kind. */
type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** Rows for columns that are full: a quarter more. Of twice as many nearly half would stand empty, in memory all the same. */
export const moreThan = (rows: number): number => Math.ceil((rows * 1.25) / 1_024) * 1_024;

/** The same, longer; what is new is 0 and takes no memory before it is used. */
export function lengthen<C extends Column>(column: C, length: number): C {
  const longer = new (column.constructor as new (length: number) => C)(length);
  longer.set(column as never);
  return longer;
}

/** Numbers of which most columns hold none but 0: one takes no memory until there is another. */
export class RareNumbers {
  #length: number;
  #numbers = new Float64Array(0);

  constructor(length: number) {
    this.#length = length;
  }

  lengthen(length: number): void {
    this.#length = length;
    if (this.#numbers.length > 0) this.#numbers = lengthen(this.#numbers, length);
  }

  at(row: number): number {
    return this.#numbers.length === 0 ? 0 : this.#numbers[row]!;
  }

  set(row: number, number: number): void {
    if (this.#numbers.length === 0) {
      if (number === 0) return;
      this.#numbers = new Float64Array(this.#length);
    }
    this.#numbers[row] = number;
  }
}

/**
 * Sums of money, whole pico-USD, exact at any size: eight bytes each, a number as long as one holds them exactly; what is
 * more is kept apart.
 */
export class MoneyColumn {
  readonly #amounts: RareNumbers;
  /** Their amounts are no numbers. */
  readonly #apart = new Map<number, bigint>();

  constructor(length: number) {
    this.#amounts = new RareNumbers(length);
  }

  lengthen(length: number): void {
    this.#amounts.lengthen(length);
  }

  at(row: number): bigint {
    const amount = this.#amounts.at(row);
    return Number.isNaN(amount) ? this.#apart.get(row)! : BigInt(amount);
  }

  set(row: number, picoUsd: bigint): void {
    const amount = Number(picoUsd);
    const fits = Number.isSafeInteger(amount);
    this.#amounts.set(row, fits ? amount : Number.NaN);
    if (!fits) this.#apart.set(row, picoUsd);
    else if (this.#apart.size > 0) this.#apart.delete(row);
  }

  add(row: number, picoUsd: number | bigint): void {
    const amount = typeof picoUsd === 'number' ? this.#amounts.at(row) + picoUsd : Number.NaN;
    if (Number.isSafeInteger(amount)) this.#amounts.set(row, amount);
    else this.set(row, this.at(row) + BigInt(picoUsd));
  }
}
