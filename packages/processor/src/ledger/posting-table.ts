import { lengthen, moreThan, NONE } from '@costspan/aggregate';
import { AmountTable } from './amount-table.js';
import { HOUR_MS, LEDGER_AMOUNTS, type LedgerLabels, type Posting } from './row.js';

/** What stands for a list of labels. */
export interface Labelled {
  readonly labels: LedgerLabels;
  /** No other one has it. */
  readonly number: number;
}

/** A posting as it is added; the amounts are copied. */
export interface LabelledPosting<Labels> {
  readonly hourMs: number;
  readonly labels: Labels;
  readonly amounts: ArrayLike<number>;
}

const FIRST_CAPACITY = 1_024;
const WIDTH = LEDGER_AMOUNTS.length;
const TASKS_AT = LEDGER_AMOUNTS.indexOf('tasks');
/** Stands for the amounts of a posting that counts one task and nothing else: every settled task has one. */
const ONE_TASK = NONE;

/** Postings in lists, in columns. */
export class PostingTable<Labels extends Labelled> {
  /** By their numbers. */
  readonly #sets: Labels[] = [];
  readonly #amounts = new AmountTable(WIDTH);
  readonly #free: number[] = [];
  #size = 0;
  #labels = new Int32Array(FIRST_CAPACITY);
  #hours = new Int32Array(FIRST_CAPACITY);
  #nexts = new Int32Array(FIRST_CAPACITY);
  #amountRows = new Int32Array(FIRST_CAPACITY);
  /** Used again for each sum. */
  readonly #sums = new Float64Array(WIDTH);

  /** Each posting of the list that begins there; its amounts are put into `amounts`. */
  forEach(first: number, amounts: Float64Array, visit: (labels: Labels, hourMs: number) => void): void {
    for (let row = first; row !== NONE; row = this.#nexts[row]!) {
      this.#readAmounts(row, amounts);
      visit(this.#sets[this.#labels[row]!]!, this.#hours[row]! * HOUR_MS);
    }
  }

  list(first: number): Posting[] {
    const postings: Posting[] = [];
    this.forEach(first, this.#sums, ({ labels }, hourMs) =>
      postings.push({ hourMs, labels, amounts: [...this.#sums] }),
    );
    return postings;
  }

  /** Adds to the posting of the list that is like this one, else at its end; returns where the list begins. */
  join(first: number, { hourMs, labels, amounts }: LabelledPosting<Labels>): number {
    const hour = hourMs / HOUR_MS;
    let last = NONE;
    for (let row = first; row !== NONE; row = this.#nexts[row]!) {
      if (this.#labels[row] === labels.number && this.#hours[row] === hour) {
        this.#addAmounts(row, amounts);
        return first;
      }
      last = row;
    }
    const row = this.#add();
    this.#sets[labels.number] = labels;
    this.#labels[row] = labels.number;
    this.#hours[row] = hour;
    this.#nexts[row] = NONE;
    this.#amountRows[row] = isOneTask(amounts) ? ONE_TASK : this.#amounts.add(amounts);
    if (last === NONE) return row;
    this.#nexts[last] = row;
    return first;
  }

  free(first: number): void {
    for (let row = first; row !== NONE; row = this.#nexts[row]!) {
      if (this.#amountRows[row] !== ONE_TASK) this.#amounts.free(this.#amountRows[row]!);
      this.#free.push(row);
    }
  }

  #addAmounts(row: number, amounts: ArrayLike<number>): void {
    const sums = this.#sums;
    this.#readAmounts(row, sums);
    for (let index = 0; index < WIDTH; index += 1) sums[index]! += amounts[index]!;
    if (this.#amountRows[row] === ONE_TASK) this.#amountRows[row] = this.#amounts.add(sums);
    else this.#amounts.set(this.#amountRows[row]!, sums);
  }

  #readAmounts(row: number, amounts: Float64Array): void {
    if (this.#amountRows[row] !== ONE_TASK) {
      this.#amounts.read(this.#amountRows[row]!, amounts);
      return;
    }
    amounts.fill(0);
    amounts[TASKS_AT] = 1;
  }

  #add(): number {
    const known = this.#free.pop();
    if (known !== undefined) return known;
    if (this.#size === this.#hours.length) {
      const to = moreThan(this.#size);
      this.#labels = lengthen(this.#labels, to);
      this.#hours = lengthen(this.#hours, to);
      this.#nexts = lengthen(this.#nexts, to);
      this.#amountRows = lengthen(this.#amountRows, to);
    }
    this.#size += 1;
    return this.#size - 1;
  }
}

function isOneTask(amounts: ArrayLike<number>): boolean {
  for (let index = 0; index < WIDTH; index += 1)
    if (amounts[index] !== (index === TASKS_AT ? 1 : 0)) return false;
  return true;
}
