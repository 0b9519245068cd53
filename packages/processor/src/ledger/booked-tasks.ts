import {
  type CostStanding,
  lengthen,
  moreThan,
  NONE,
  type RowReader,
  RowReading,
  RowReadings,
  type RowWriter,
  readWrittenTaskId,
} from '@costspan/aggregate';
import { OUTCOMES } from '@costspan/semconv';
import { type Labelled, type LabelledPosting, PostingTable, readPostings } from './posting-table.js';
import type { Posting } from './row.js';

/** What a task has in the ledger: its postings move together when its outcome changes. */
export interface BookedTask {
  readonly id: string;
  readonly standing: CostStanding;
  /** Their labels are without an outcome. */
  readonly postings: readonly Posting[];
}

const FIRST_CAPACITY = 1_024;
/** What a byte stands for, 0 for nothing. */
const STANDINGS: readonly (CostStanding | undefined)[] = [undefined, ...OUTCOMES, 'unsettled', 'untasked'];

/** A task as {@link BookedTasks.read} has written it. */
export function readBookedTask(reader: RowReader): BookedTask {
  const id = readWrittenTaskId(reader.from);
  const text = reader.common();
  const standing = STANDINGS.find((one) => one === text);
  if (standing === undefined) throw new RangeError('a task stands where nothing can');
  return { id, standing, postings: readPostings(reader) };
}

/**
 * What the tasks whose cost may still move have in the ledger, in columns, by the rows that the aggregate has them in: there
 * are hundreds of thousands of them, most with one or two postings.
 */
export class BookedTasks<Labels extends Labelled> {
  readonly #postings = new PostingTable<Labels>();
  readonly #readings = new RowReadings();
  #standings = new Uint8Array(FIRST_CAPACITY);
  /** Where the list of its postings begins. */
  #firsts = new Int32Array(FIRST_CAPACITY);

  /** Undefined where a task has nothing in the ledger. */
  standingOf(row: number): CostStanding | undefined {
    return row < this.#standings.length ? STANDINGS[this.#standings[row]!] : undefined;
  }

  setStanding(row: number, standing: CostStanding): void {
    this.#readings.beforeChange(row);
    if (row >= this.#standings.length) {
      this.#standings = lengthen(this.#standings, moreThan(row + 1));
      this.#firsts = lengthen(this.#firsts, moreThan(row + 1));
    }
    if (this.#standings[row] === 0) this.#firsts[row] = NONE;
    this.#standings[row] = STANDINGS.indexOf(standing);
  }

  /** The postings of a task, in the order in which they came; the amounts of each are put into the list. */
  forEachPosting(row: number, amounts: Float64Array, visit: (labels: Labels, hourMs: number) => void): void {
    this.#postings.forEach(this.#firsts[row]!, amounts, visit);
  }

  /** Adds a posting to a task that has a standing; those of one hour and the same labels become one. */
  post(row: number, posting: LabelledPosting<Labels>): void {
    this.#readings.beforeChange(row);
    this.#firsts[row] = this.#postings.join(this.#firsts[row]!, posting);
  }

  forget(row: number): void {
    if (this.standingOf(row) === undefined) return;
    this.#readings.beforeChange(row);
    this.#postings.free(this.#firsts[row]!);
    this.#standings[row] = 0;
  }

  /** The rows of tasks that have something in the ledger. */
  *rows(): IterableIterator<number> {
    for (let row = 0; row < this.#standings.length; row += 1) if (this.#standings[row] !== 0) yield row;
  }

  listPostings(row: number): Posting[] {
    return this.#postings.list(this.#firsts[row]!);
  }

  /** The tasks as they are now, written one by one while they go on changing; `writeId` writes which one is in a row. */
  read(writeId: (row: number, writer: RowWriter) => void): IterableIterator<Uint8Array> {
    const reading = new RowReading(this.#standings.slice(), (row, writer) => {
      writeId(row, writer);
      writer.common(this.standingOf(row)!);
      this.#postings.write(this.#firsts[row]!, writer);
    });
    return this.#readings.parts(reading);
  }
}
