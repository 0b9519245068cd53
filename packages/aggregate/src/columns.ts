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
type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array | BigInt64Array;

/** Rows for columns that are full: a quarter more. Of twice as many nearly half would stand empty, in memory all the same. */
export const moreThan = (rows: number): number => Math.ceil((rows * 1.25) / 1_024) * 1_024;

/** The same, longer; what is new is 0 and takes no memory before it is used. */
export function lengthen<C extends Column>(column: C, length: number): C {
  const longer = new (column.constructor as new (length: number) => C)(length);
  longer.set(column as never);
  return longer;
}

const MAX_PICO_USD = 2n ** 63n - 1n;
/** Stands for an amount that is kept apart. */
const APART = -(2n ** 63n);

/** Sums of money, pico-USD, exact at any size: eight bytes each, and what does not fit into them is kept apart. */
export class MoneyColumn {
  #amounts: BigInt64Array;
  readonly #apart = new Map<number, bigint>();

  constructor(length: number) {
    this.#amounts = new BigInt64Array(length);
  }

  lengthen(length: number): void {
    this.#amounts = lengthen(this.#amounts, length);
  }

  at(row: number): bigint {
    const amount = this.#amounts[row]!;
    return amount === APART ? this.#apart.get(row)! : amount;
  }

  set(row: number, picoUsd: bigint): void {
    const fits = picoUsd <= MAX_PICO_USD && picoUsd > APART;
    this.#amounts[row] = fits ? picoUsd : APART;
    if (!fits) this.#apart.set(row, picoUsd);
    else if (this.#apart.size > 0) this.#apart.delete(row);
  }
}
