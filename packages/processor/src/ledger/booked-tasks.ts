import {
  type CostStanding,
  lengthen,
  moreThan,
  NONE,
  RowReading,
  RowReadings,
  TextIndex,
} from '@costspan/aggregate';
import { OUTCOMES } from '@costspan/semconv';
import { type Labelled, type LabelledPosting, PostingTable } from './posting-table.js';
import type { Posting } from './row.js';

/** What a task has in the ledger: its postings move together when its outcome changes. */
export interface BookedTask {
  readonly id: string;
  readonly standing: CostStanding;
  /** Their labels are without an outcome. */
  readonly postings: readonly Posting[];
}

/** In a row that is in no use. */
const NO_ID = '';
const FIRST_CAPACITY = 1_024;
const STANDINGS: readonly CostStanding[] = [...OUTCOMES, 'unsettled', 'untasked'];

/**
 * The tasks whose cost may still move, in columns: there are hundreds of thousands of them, most with one or two
 * postings.
 */
export class BookedTasks<Labels extends Labelled> {
  readonly #ids: string[] = [];
  readonly #rows = new TextIndex(this.#ids);
  readonly #postings = new PostingTable<Labels>();
  readonly #readings = new RowReadings<BookedTask>();
  readonly #free: number[] = [];
  #standings = new Uint8Array(FIRST_CAPACITY);
  #firsts = new Int32Array(FIRST_CAPACITY);

  /** The row of a task; one that has nothing in the ledger gets one of this standing. */
  at(id: string, standing: CostStanding): number {
    const known = this.#rows.find(id);
    if (known !== NONE) return known;
    const row = this.#free.pop() ?? this.#ids.length;
    if (row === this.#firsts.length) {
      this.#standings = lengthen(this.#standings, moreThan(row));
      this.#firsts = lengthen(this.#firsts, moreThan(row));
    }
    this.#ids[row] = id;
    this.#standings[row] = STANDINGS.indexOf(standing);
    this.#firsts[row] = NONE;
    this.#rows.add(row);
    return row;
  }

  standingOf(row: number): CostStanding {
    return STANDINGS[this.#standings[row]!]!;
  }

  setStanding(row: number, standing: CostStanding): void {
    this.#readings.beforeChange(row);
    this.#standings[row] = STANDINGS.indexOf(standing);
  }

  /** The postings of a task, in the order in which they came; the amounts of each are put into the list. */
  forEachPosting(row: number, amounts: Float64Array, visit: (labels: Labels, hourMs: number) => void): void {
    this.#postings.forEach(this.#firsts[row]!, amounts, visit);
  }

  /** Adds a posting to a task; those of one hour and the same labels become one. */
  post(row: number, posting: LabelledPosting<Labels>): void {
    this.#readings.beforeChange(row);
    this.#firsts[row] = this.#postings.join(this.#firsts[row]!, posting);
  }

  forget(id: string): void {
    const row = this.#rows.find(id);
    if (row === NONE) return;
    this.#readings.beforeChange(row);
    this.#rows.remove(row);
    this.#postings.free(this.#firsts[row]!);
    this.#ids[row] = NO_ID;
    this.#free.push(row);
  }

  /** The tasks as they are now, read one by one while they go on changing. */
  read(): IterableIterator<BookedTask> {
    const rows = new Int32Array(this.#rows.size);
    let at = 0;
    for (let row = 0; row < this.#ids.length; row += 1) {
      if (this.#ids[row] === NO_ID) continue;
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
}
