import { LEDGER_AMOUNTS } from './row.js';

const WIDTH = LEDGER_AMOUNTS.length;
const LIST_MICRO = LEDGER_AMOUNTS.indexOf('list_micro_usd');
const LIST_REST = LEDGER_AMOUNTS.indexOf('list_rest_pico_usd');
const COST_MICRO = LEDGER_AMOUNTS.indexOf('cost_micro_usd');
const COST_REST = LEDGER_AMOUNTS.indexOf('cost_rest_pico_usd');

const PAGE_BITS = 12;
const PAGE_ROWS = 1 << PAGE_BITS;

/** By amount, the numbers of its rows; undefined as long as all of them are 0. */
type Page = (Uint32Array | undefined)[];

/**
 * Amounts of postings, a row each, in four bytes an amount; what these do not hold is kept apart. In pages by amount: of
 * those that nobody has, such as calls without a price, or a list price where there is no discount, none is made.
 */
export class AmountTable {
  readonly #apart = new Map<number, readonly number[]>();
  readonly #free: number[] = [];
  #size = 0;
  readonly #pages: Page[] = [];

  /** The row of new amounts, in the order of {@link LEDGER_AMOUNTS}. */
  add(amounts: ArrayLike<number>): number {
    const row = this.#free.pop() ?? this.#size;
    if (row === this.#size) this.#size += 1;
    if (row >>> PAGE_BITS === this.#pages.length) this.#pages.push(new Array(WIDTH).fill(undefined));
    this.set(row, amounts);
    return row;
  }

  set(row: number, amounts: ArrayLike<number>): void {
    const isAsCost = isListAsCost(amounts);
    if (!fit(amounts) || (!isAsCost && amounts[LIST_MICRO] === 0 && amounts[LIST_REST] === 0)) {
      this.#apart.set(row, Array.from(amounts));
      return;
    }
    if (this.#apart.size > 0) this.#apart.delete(row);
    const page = this.#pages[row >>> PAGE_BITS]!;
    for (let index = 0; index < WIDTH; index += 1) {
      const amount = isAsCost && isOfList(index) ? 0 : amounts[index]!;
      const numbers = page[index];
      if (numbers !== undefined) numbers[row & (PAGE_ROWS - 1)] = amount;
      else if (amount !== 0) {
        const made = new Uint32Array(PAGE_ROWS);
        made[row & (PAGE_ROWS - 1)] = amount;
        page[index] = made;
      }
    }
  }

  read(row: number, amounts: Float64Array): void {
    const apart = this.#apart.size === 0 ? undefined : this.#apart.get(row);
    if (apart !== undefined) {
      amounts.set(apart);
      return;
    }
    const page = this.#pages[row >>> PAGE_BITS]!;
    const place = row & (PAGE_ROWS - 1);
    for (let index = 0; index < WIDTH; index += 1) {
      const numbers = page[index];
      amounts[index] = numbers === undefined ? 0 : numbers[place]!;
    }
    if (amounts[LIST_MICRO] !== 0 || amounts[LIST_REST] !== 0) return;
    amounts[LIST_MICRO] = amounts[COST_MICRO]!;
    amounts[LIST_REST] = amounts[COST_REST]!;
  }

  free(row: number): void {
    if (this.#apart.size > 0) this.#apart.delete(row);
    this.#free.push(row);
  }
}

/** Without a discount the list price is what it cost: it stands as 0 then. */
const isListAsCost = (amounts: ArrayLike<number>): boolean =>
  amounts[LIST_MICRO] === amounts[COST_MICRO] && amounts[LIST_REST] === amounts[COST_REST];

const isOfList = (index: number): boolean => index === LIST_MICRO || index === LIST_REST;

/** Whether each of them is a whole number of four bytes. By index: an iterator would be an object for each of them. */
function fit(amounts: ArrayLike<number>): boolean {
  for (let index = 0; index < amounts.length; index += 1)
    if (amounts[index]! >>> 0 !== amounts[index]) return false;
  return true;
}
