import { type CostStanding, lengthen, moreThan, NONE, PagedColumn } from '@costspan/aggregate';
import type { Labelled } from './posting-table.js';
import { LEDGER_AMOUNTS, LEDGER_LABELS, type Posting } from './row.js';

const OUTCOME_AT = LEDGER_LABELS.indexOf('outcome');
const WIDTH = LEDGER_AMOUNTS.length;
const FIRST_CAPACITY = 1_024;
/** With more rows than that memory is given back once they are written. */
const KEPT_CAPACITY = 16_384;

/** Which row an amount is of. */
export interface RowKey {
  readonly hourMs: number;
  readonly standing: CostStanding;
}

/**
 * What has to be added to the rows of the ledger, in columns: each call adds to one or two of them, and each task that
 * settles takes from and adds to some, so that sums stand side by side and are no objects.
 */
export class PendingRows {
  size = 0;
  readonly #labels: Labelled[] = [];
  readonly #standings: CostStanding[] = [];
  #hoursMs = new Float64Array(FIRST_CAPACITY);
  /** Of the same labels. */
  #nexts = new Int32Array(FIRST_CAPACITY);
  #sums = createSums();
  /** By the number of the labels, each plus one. */
  #firsts = new Int32Array(FIRST_CAPACITY);

  /** Adds amounts to a row, `sign` times. */
  add(labels: Labelled, key: RowKey, { amounts, sign }: { amounts: Float64Array; sign: 1 | -1 }): void {
    const row = this.#rowOf(labels, key);
    const sums = this.#sums.pageToChange(row);
    const start = this.#sums.placeOf(row);
    for (let index = 0; index < WIDTH; index += 1) sums[start + index]! += sign * amounts[index]!;
  }

  *postings(): IterableIterator<Posting> {
    for (let row = 0; row < this.size; row += 1) {
      const start = this.#sums.placeOf(row);
      const sums = this.#sums.pageToChange(row).subarray(start, start + WIDTH);
      const labels = this.#labels[row]!.labels.with(OUTCOME_AT, this.#standings[row]!);
      yield { hourMs: this.#hoursMs[row]!, labels, amounts: Array.from(sums) };
    }
  }

  clear(): void {
    for (const { number } of this.#labels) this.#firsts[number] = 0;
    this.#labels.length = 0;
    this.#standings.length = 0;
    this.size = 0;
    if (this.#hoursMs.length > KEPT_CAPACITY) this.#shrink();
  }

  #rowOf(labels: Labelled, { hourMs, standing }: RowKey): number {
    const { number } = labels;
    if (number >= this.#firsts.length) this.#firsts = lengthen(this.#firsts, moreThan(number + 1));
    for (let row = this.#firsts[number]! - 1; row !== NONE; row = this.#nexts[row]!)
      if (this.#hoursMs[row] === hourMs && this.#standings[row] === standing) return row;
    const row = this.size;
    this.size += 1;
    if (row === this.#hoursMs.length) this.#lengthen(moreThan(row + 1));
    this.#labels.push(labels);
    this.#standings.push(standing);
    this.#hoursMs[row] = hourMs;
    this.#nexts[row] = this.#firsts[number]! - 1;
    this.#firsts[number] = row + 1;
    const start = this.#sums.placeOf(row);
    this.#sums.pageToChange(row).fill(0, start, start + WIDTH);
    return row;
  }

  #lengthen(rows: number): void {
    this.#hoursMs = lengthen(this.#hoursMs, rows);
    this.#nexts = lengthen(this.#nexts, rows);
    this.#sums.lengthen(rows);
  }

  #shrink(): void {
    this.#hoursMs = new Float64Array(FIRST_CAPACITY);
    this.#nexts = new Int32Array(FIRST_CAPACITY);
    this.#sums = createSums();
  }
}

const createSums = (): PagedColumn<Float64Array> =>
  new PagedColumn(Float64Array, { rows: FIRST_CAPACITY, width: WIDTH });
