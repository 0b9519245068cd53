import type { RowReader } from '../bytes/row-reader.js';
import type { RowWriter } from '../bytes/row-writer.js';

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

/** Rows of a page are a power of two, so that a row's page and its place in it are parts of its number. */
const PAGE_BITS = 12;
const PAGE_ROWS = 1 << PAGE_BITS;

type ColumnKind<C> = new (lengthOrNumbers: number | ArrayLike<number>) => C;

/** Numbers by their place. */
export interface NumbersToRead {
  readonly [place: number]: number;
}

/**
 * Numbers of a large table, so many a row, in pages. A column that grows is copied, and where it was before, memory stays
 * behind that is too small for what comes next; pages stay where they are, and of them only the last is not full.
 */
export class PagedColumn<C extends Column> {
  readonly #kind: ColumnKind<C>;
  readonly #width: number;
  #pages: C[] = [];
  /** By page, 1 where a copy has it, too: it is another page before it changes. */
  #isShared = new Uint8Array(0);
  #sharedPages = 0;

  /** `width`: numbers of a row. */
  constructor(kind: ColumnKind<C>, { rows, width = 1 }: { rows: number; width?: number }) {
    this.#kind = kind;
    this.#width = width;
    this.lengthen(rows);
  }

  lengthen(rows: number): void {
    while (this.#pages.length * PAGE_ROWS < rows) this.#pages.push(new this.#kind(PAGE_ROWS * this.#width));
  }

  /** Where the numbers of the row stand, from {@link placeOf} on, to be read. */
  pageOf(row: number): NumbersToRead {
    return this.#pages[row >>> PAGE_BITS]!;
  }

  /** The same, to be written. */
  pageToChange(row: number): C {
    const page = row >>> PAGE_BITS;
    if (this.#sharedPages > 0 && this.#isShared[page] === 1) this.#unshare(page);
    return this.#pages[page]!;
  }

  placeOf(row: number): number {
    return (row & (PAGE_ROWS - 1)) * this.#width;
  }

  /** As it is now, whatever changes. Both have the same pages at first: each is copied when it is written to, and not before. */
  copy(): PagedColumn<C> {
    const copy = new PagedColumn(this.#kind, { rows: 0, width: this.#width });
    copy.#pages = [...this.#pages];
    copy.#shareAll();
    this.#shareAll();
    return copy;
  }

  /** The same numbers in columns of another kind, which must be able to hold them. */
  as<D extends Column>(kind: ColumnKind<D>): PagedColumn<D> {
    const other = new PagedColumn(kind, { rows: 0, width: this.#width });
    other.#pages = this.#pages.map((page) => new kind(page));
    return other;
  }

  #shareAll(): void {
    this.#isShared = new Uint8Array(this.#pages.length).fill(1);
    this.#sharedPages = this.#pages.length;
  }

  #unshare(page: number): void {
    this.#pages[page] = this.#pages[page]!.slice() as C;
    this.#isShared[page] = 0;
    this.#sharedPages -= 1;
  }
}

/** Numbers by row, 0 before they are set, in pages: those of nothing but 0 take no memory. */
export class PagedNumbers {
  readonly #kind: ColumnKind<Float64Array | Int32Array>;
  readonly #pages: (Float64Array | Int32Array | undefined)[] = [];

  /** `kind`: `Int32Array` where all are whole numbers of four bytes. */
  constructor(kind: ColumnKind<Float64Array | Int32Array> = Float64Array) {
    this.#kind = kind;
  }

  at(row: number): number {
    const page = this.#pages[row >>> PAGE_BITS];
    return page === undefined ? 0 : page[row & (PAGE_ROWS - 1)]!;
  }

  set(row: number, number: number): void {
    const place = row >>> PAGE_BITS;
    let page = this.#pages[place];
    if (page === undefined) {
      if (number === 0) return;
      page = new this.#kind(PAGE_ROWS);
      while (this.#pages.length < place) this.#pages.push(undefined);
      this.#pages[place] = page;
    }
    page[row & (PAGE_ROWS - 1)] = number;
  }
}

/**
 * Sums of money, whole pico-USD, exact at any size: eight bytes each, a number as long as one holds them exactly; what is
 * more is kept apart.
 */
export class MoneyColumn {
  readonly #amounts = new PagedNumbers();
  /** Their amounts are no numbers. */
  readonly #apart = new Map<number, bigint>();

  at(row: number): bigint {
    return BigInt(this.exactAt(row));
  }

  /** The same, as a number where one holds it: to make a bigint takes longer than all that is done with most sums. */
  exactAt(row: number): number | bigint {
    const amount = this.#amounts.at(row);
    return Number.isNaN(amount) ? this.#apart.get(row)! : amount;
  }

  /** Writes the sum for {@link readWrittenMoney}. */
  write(row: number, writer: RowWriter): void {
    const amount = this.#amounts.at(row);
    writer.to.number(amount);
    if (Number.isNaN(amount)) writer.bigint(this.#apart.get(row)!);
  }

  set(row: number, picoUsd: number | bigint): void {
    const amount = typeof picoUsd === 'number' ? picoUsd : Number(picoUsd);
    const fits = Number.isSafeInteger(amount);
    this.#amounts.set(row, fits ? amount : Number.NaN);
    if (!fits) this.#apart.set(row, BigInt(picoUsd));
    else if (this.#apart.size > 0) this.#apart.delete(row);
  }

  add(row: number, picoUsd: number | bigint): void {
    const amount = typeof picoUsd === 'number' ? this.#amounts.at(row) + picoUsd : Number.NaN;
    if (Number.isSafeInteger(amount)) this.#amounts.set(row, amount);
    else this.set(row, this.at(row) + BigInt(picoUsd));
  }
}

/** A sum as {@link MoneyColumn.write} has written it. */
export function readWrittenMoney(reader: RowReader): bigint {
  const amount = reader.from.number();
  if (Number.isSafeInteger(amount)) return BigInt(amount);
  if (Number.isNaN(amount)) return reader.bigint();
  throw new RangeError('an amount is none');
}
