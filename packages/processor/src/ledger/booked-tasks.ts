import { type CostStanding, lengthen, RowReading, RowReadings } from '@costspan/aggregate';
import { OUTCOMES } from '@costspan/semconv';
import { HOUR_MS, LEDGER_AMOUNTS, type LedgerAmounts, type LedgerLabels, type Posting } from './row.js';

/** What a task has in the ledger: its postings move together when its outcome changes. */
export interface BookedTask {
  readonly id: string;
  readonly standing: CostStanding;
  /** Their labels are without an outcome. */
  readonly postings: readonly Posting[];
}

const NONE = -1;
const FIRST_CAPACITY = 1_024;
const WIDTH = LEDGER_AMOUNTS.length;
const STANDINGS: readonly CostStanding[] = [...OUTCOMES, 'unsettled', 'untasked'];

/** A posting as it is added; the amounts are copied. */
interface NewPosting<Labels> {
  readonly hourMs: number;
  readonly labels: Labels;
  readonly amounts: LedgerAmounts;
  /** Of the task, where it has none yet. */
  readonly standing: CostStanding;
}

/** What stands for a list of labels. */
interface Labelled {
  readonly labels: LedgerLabels;
}

/**
 * The tasks whose cost may still move, in columns: there are hundreds of thousands of them, most with one or two
 * postings.
 */
export class BookedTasks<Labels extends Labelled> {
  readonly #rows = new Map<string, number>();
  readonly #postings = new PostingTable<Labels>();
  readonly #readings = new RowReadings<BookedTask>();
  readonly #ids: string[] = [];
  readonly #free: number[] = [];
  #standings = new Uint8Array(FIRST_CAPACITY);
  #firsts = new Int32Array(FIRST_CAPACITY);

  /** The row of a task; undefined where it has nothing in the ledger. */
  find(id: string): number | undefined {
    return this.#rows.get(id);
  }

  standingOf(row: number | undefined): CostStanding | undefined {
    return row === undefined ? undefined : STANDINGS[this.#standings[row]!];
  }

  setStanding(id: string, standing: CostStanding): void {
    const row = this.#rows.get(id) ?? this.#add(id, standing);
    this.#readings.beforeChange(row);
    this.#standings[row] = STANDINGS.indexOf(standing);
  }

  /** The postings of a task, in the order in which they came; the amounts of each are put into the list. */
  forEachPosting(
    row: number | undefined,
    amounts: number[],
    visit: (labels: Labels, hourMs: number) => void,
  ): void {
    if (row !== undefined) this.#postings.forEach(this.#firsts[row]!, amounts, visit);
  }

  /** Adds a posting to a task; those of one hour and the same labels become one. */
  post(id: string, posting: NewPosting<Labels>): void {
    const row = this.#rows.get(id) ?? this.#add(id, posting.standing);
    this.#readings.beforeChange(row);
    this.#firsts[row] = this.#postings.join(this.#firsts[row]!, posting);
  }

  forget(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#readings.beforeChange(row);
    this.#rows.delete(id);
    this.#postings.free(this.#firsts[row]!);
    this.#ids[row] = '';
    this.#free.push(row);
  }

  /** The tasks as they are now, read one by one while they go on changing. */
  read(): IterableIterator<BookedTask> {
    const rows = new Int32Array(this.#rows.size);
    let at = 0;
    for (const row of this.#rows.values()) {
      rows[at] = row;
      at += 1;
    }
    const read = (row: number): BookedTask => ({
      id: this.#ids[row]!,
      standing: STANDINGS[this.#standings[row]!]!,
      postings: this.#postings.list(this.#firsts[row]!),
    });
    return this.#readings.values(new RowReading(rows, { capacity: this.#ids.length, read }));
  }

  #add(id: string, standing: CostStanding): number {
    const row = this.#free.pop() ?? this.#ids.length;
    if (row === this.#firsts.length) {
      this.#standings = lengthen(this.#standings, row * 2);
      this.#firsts = lengthen(this.#firsts, row * 2);
    }
    this.#ids[row] = id;
    this.#standings[row] = STANDINGS.indexOf(standing);
    this.#firsts[row] = NONE;
    this.#rows.set(id, row);
    return row;
  }
}

/** Whether each of them is a whole number of four bytes. By index: an iterator would be an object for each of them. */
function fit(amounts: LedgerAmounts): boolean {
  for (let index = 0; index < amounts.length; index += 1)
    if (amounts[index]! >>> 0 !== amounts[index]) return false;
  return true;
}

/** Postings in lists. */
class PostingTable<Labels extends Labelled> {
  readonly #labels: (Labels | undefined)[] = [];
  /** Amounts that four bytes do not hold, by row. */
  readonly #apart = new Map<number, readonly number[]>();
  readonly #free: number[] = [];
  #hours = new Int32Array(FIRST_CAPACITY);
  #nexts = new Int32Array(FIRST_CAPACITY);
  #amounts = new Uint32Array(FIRST_CAPACITY * WIDTH);
  /** Used again for each sum. */
  readonly #sums = new Array<number>(WIDTH).fill(0);

  forEach(first: number, amounts: number[], visit: (labels: Labels, hourMs: number) => void): void {
    for (let row = first; row !== NONE; row = this.#nexts[row]!) {
      this.#readAmounts(row, amounts);
      visit(this.#labels[row]!, this.#hours[row]! * HOUR_MS);
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
  join(first: number, { hourMs, labels, amounts }: NewPosting<Labels>): number {
    const hour = hourMs / HOUR_MS;
    let last = NONE;
    for (let row = first; row !== NONE; row = this.#nexts[row]!) {
      if (this.#labels[row] === labels && this.#hours[row] === hour) {
        this.#addAmounts(row, amounts);
        return first;
      }
      last = row;
    }
    const row = this.#add();
    this.#labels[row] = labels;
    this.#hours[row] = hour;
    this.#nexts[row] = NONE;
    this.#setAmounts(row, amounts);
    if (last === NONE) return row;
    this.#nexts[last] = row;
    return first;
  }

  free(first: number): void {
    for (let row = first; row !== NONE; row = this.#nexts[row]!) {
      this.#apart.delete(row);
      this.#labels[row] = undefined;
      this.#free.push(row);
    }
  }

  #addAmounts(row: number, amounts: LedgerAmounts): void {
    const sums = this.#sums;
    this.#readAmounts(row, sums);
    for (let index = 0; index < WIDTH; index += 1) sums[index]! += amounts[index]!;
    this.#setAmounts(row, sums);
  }

  #readAmounts(row: number, amounts: number[]): void {
    const apart = this.#apart.size === 0 ? undefined : this.#apart.get(row);
    for (let index = 0; index < WIDTH; index += 1)
      amounts[index] = apart === undefined ? this.#amounts[row * WIDTH + index]! : apart[index]!;
  }

  #setAmounts(row: number, amounts: LedgerAmounts): void {
    if (!fit(amounts)) {
      this.#apart.set(row, [...amounts]);
      return;
    }
    for (let index = 0; index < WIDTH; index += 1) this.#amounts[row * WIDTH + index] = amounts[index]!;
    if (this.#apart.size > 0) this.#apart.delete(row);
  }

  #add(): number {
    const row = this.#free.pop() ?? this.#labels.length;
    if (row === this.#hours.length) {
      this.#hours = lengthen(this.#hours, row * 2);
      this.#nexts = lengthen(this.#nexts, row * 2);
      this.#amounts = lengthen(this.#amounts, row * 2 * WIDTH);
    }
    return row;
  }
}
