import { NONE, PagedColumn, type RowReader, type RowWriter } from '@costspan/aggregate';
import { AmountTable } from './amount-table.js';
import {
  HOUR_MS,
  LEDGER_AMOUNTS,
  LEDGER_LABELS,
  type LedgerLabels,
  type Posting,
  putTasks,
  TASKS_AT,
} from './row.js';

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

/** What is kept of a posting, in this order: the number of its labels, its hour, the next one of the list, its amounts. */
const LABELS = 0;
const HOUR = 1;
const NEXT = 2;
const AMOUNTS = 3;
const ROW_WIDTH = 4;
const WIDTH = LEDGER_AMOUNTS.length;
/** Stands for the amounts of a posting that counts one task and nothing else: every settled task has one. */
const ONE_TASK = NONE;

/** Enough for a posting when it is written, beside its labels. */
const ROOM_BYTES = 256;

function writeLabels({ labels }: Labelled, writer: RowWriter): void {
  for (const label of labels) writer.common(label);
}

const readLabels = (reader: RowReader): LedgerLabels => LEDGER_LABELS.map(() => reader.common());

/** A list of postings as {@link PostingTable.write} has written it. */
export function readPostings(reader: RowReader): Posting[] {
  const { from } = reader;
  const postings: Posting[] = [];
  for (let rest = from.varint(); rest > 0; rest -= 1) {
    const labels = reader.shared(readLabels);
    const hourMs = from.number() * HOUR_MS;
    const present = from.varint();
    const amounts = LEDGER_AMOUNTS.map((_, index) => (((present >> index) & 1) === 0 ? 0 : from.number()));
    postings.push({ hourMs, labels, amounts });
  }
  return postings;
}

/** Postings in lists, in columns. */
export class PostingTable<Labels extends Labelled> {
  /** By their numbers. */
  readonly #sets: Labels[] = [];
  readonly #amounts = new AmountTable();
  readonly #free: number[] = [];
  #size = 0;
  readonly #rows = new PagedColumn(Int32Array, { rows: 0, width: ROW_WIDTH });
  /** Used again for each sum. */
  readonly #sums = new Float64Array(WIDTH);

  /** Each posting of the list that begins there; its amounts are put into `amounts`. */
  forEach(first: number, amounts: Float64Array, visit: (labels: Labels, hourMs: number) => void): void {
    for (let row = first; row !== NONE; row = this.#at(row, NEXT)) {
      this.#readAmounts(row, amounts);
      visit(this.#sets[this.#at(row, LABELS)]!, this.#at(row, HOUR) * HOUR_MS);
    }
  }

  list(first: number): Posting[] {
    const postings: Posting[] = [];
    this.forEach(first, this.#sums, ({ labels }, hourMs) =>
      postings.push({ hourMs, labels, amounts: [...this.#sums] }),
    );
    return postings;
  }

  /** Writes a list for {@link readPostings}. */
  write(first: number, writer: RowWriter): void {
    const { to } = writer;
    let count = 0;
    for (let row = first; row !== NONE; row = this.#at(row, NEXT)) count += 1;
    to.varint(count);
    const sums = this.#sums;
    for (let row = first; row !== NONE; row = this.#at(row, NEXT)) {
      writer.shared(this.#sets[this.#at(row, LABELS)]!, writeLabels);
      to.reserve(ROOM_BYTES);
      to.number(this.#at(row, HOUR));
      this.#readAmounts(row, sums);
      let present = 0;
      for (let index = 0; index < WIDTH; index += 1) if (sums[index] !== 0) present |= 1 << index;
      to.varint(present);
      for (let index = 0; index < WIDTH; index += 1) if (sums[index] !== 0) to.number(sums[index]!);
    }
  }

  /** Adds to the posting of the list that is like this one, else at its end; returns where the list begins. */
  join(first: number, { hourMs, labels, amounts }: LabelledPosting<Labels>): number {
    const hour = hourMs / HOUR_MS;
    let last = NONE;
    for (let row = first; row !== NONE; row = this.#at(row, NEXT)) {
      if (this.#at(row, LABELS) === labels.number && this.#at(row, HOUR) === hour) {
        this.#addAmounts(row, amounts);
        return first;
      }
      last = row;
    }
    const row = this.#add();
    this.#sets[labels.number] = labels;
    this.#set(row, LABELS, labels.number);
    this.#set(row, HOUR, hour);
    this.#set(row, NEXT, NONE);
    this.#set(row, AMOUNTS, isOneTask(amounts) ? ONE_TASK : this.#amounts.add(amounts));
    if (last === NONE) return row;
    this.#set(last, NEXT, row);
    return first;
  }

  free(first: number): void {
    for (let row = first; row !== NONE; row = this.#at(row, NEXT)) {
      if (this.#at(row, AMOUNTS) !== ONE_TASK) this.#amounts.free(this.#at(row, AMOUNTS));
      this.#free.push(row);
    }
  }

  #at(row: number, what: number): number {
    return this.#rows.pageOf(row)[this.#rows.placeOf(row) + what]!;
  }

  #set(row: number, what: number, number: number): void {
    this.#rows.pageToChange(row)[this.#rows.placeOf(row) + what] = number;
  }

  #addAmounts(row: number, amounts: ArrayLike<number>): void {
    const sums = this.#sums;
    this.#readAmounts(row, sums);
    for (let index = 0; index < WIDTH; index += 1) sums[index]! += amounts[index]!;
    if (this.#at(row, AMOUNTS) === ONE_TASK) this.#set(row, AMOUNTS, this.#amounts.add(sums));
    else this.#amounts.set(this.#at(row, AMOUNTS), sums);
  }

  #readAmounts(row: number, amounts: Float64Array): void {
    if (this.#at(row, AMOUNTS) !== ONE_TASK) {
      this.#amounts.read(this.#at(row, AMOUNTS), amounts);
      return;
    }
    putTasks(amounts, 1);
  }

  #add(): number {
    const known = this.#free.pop();
    if (known !== undefined) return known;
    this.#size += 1;
    this.#rows.lengthen(this.#size);
    return this.#size - 1;
  }
}

function isOneTask(amounts: ArrayLike<number>): boolean {
  for (let index = 0; index < WIDTH; index += 1)
    if (amounts[index] !== (index === TASKS_AT ? 1 : 0)) return false;
  return true;
}
