import type { WasteReason } from '@costspan/semconv';
import type { RowReader } from '../bytes/row-reader.js';
import type { RowWriter } from '../bytes/row-writer.js';
import type { CallRecord } from '../records.js';
import { lengthen, moreThan, NONE, PagedColumn, RowSupply } from '../rows/columns.js';
import { IdColumn, REQUEST_DIGEST, readWrittenId, SPAN_ID } from '../rows/ids.js';
import { SharedColumn } from '../rows/shared-column.js';

/** What is remembered of a call, to compare others with and to book it as waste. */
export interface AskedCall extends Pick<CallRecord, 'endMs' | 'spanId' | 'feature'> {
  readonly costPicoUsd?: number | undefined;
  /** It bought nothing, and waits for the reason: this one, unless the same is asked again. */
  readonly waste?: WasteReason;
}

/** One call of each group that asks the same, by model and digest. */
export type AskedCalls = Map<string, AskedCall>;

/** What is remembered of a call that was answered. */
export interface FirstCall extends Pick<CallRecord, 'endMs' | 'spanId' | 'feature'> {
  readonly costPicoUsd: number;
}

/** What a call asks: the same of the same model is the same question. */
export interface Question {
  readonly model: string;
  readonly digest: string;
}

/** As a state has it. */
export const printQuestion = ({ model, digest }: Question): string => `${model}\u0000${digest}`;

export function parseQuestion(text: string): Question {
  const at = text.indexOf('\u0000');
  return { model: text.slice(0, at), digest: text.slice(at + 1) };
}

const FIRST_CAPACITY = 1_024;
/** Enough for one more when it is written. */
const ROOM_BYTES = 256;

/**
 * The first answered call of each question of each open task, in columns and lists: with three calls a task there are
 * more of them than of anything else. Each takes 48 bytes.
 */
export class FirstCallTable {
  readonly #digests = new IdColumn(REQUEST_DIGEST, FIRST_CAPACITY);
  readonly #spanIds = new IdColumn(SPAN_ID, FIRST_CAPACITY);
  readonly #models = new SharedColumn(FIRST_CAPACITY, '');
  readonly #features = new SharedColumn(FIRST_CAPACITY, '');
  /** When each ended, and what it cost. */
  readonly #amounts = new PagedColumn(Float64Array, { rows: FIRST_CAPACITY, width: 2 });
  /** Of the same task; of rows that are in no use, the next of those. */
  #nexts = new Int32Array(FIRST_CAPACITY);
  readonly #supply = new RowSupply();
  /** By row of the task; 0 is none, so that a row is one more here. */
  #heads = new Int32Array(FIRST_CAPACITY);

  /** Of the task in this row. */
  find(task: number, question: Question): FirstCall | undefined {
    const row = this.#find(task, question);
    return row === NONE ? undefined : this.#read(row);
  }

  has(task: number, question: Question): boolean {
    return this.#find(task, question) !== NONE;
  }

  countOf(task: number): number {
    let count = 0;
    for (let row = this.#headOf(task); row !== NONE; row = this.#nexts[row]!) count += 1;
    return count;
  }

  /** Writes those of a task for {@link readFirstCalls}, in the order in which their questions were first asked. */
  write(task: number, writer: RowWriter): void {
    const { to } = writer;
    to.varint(this.countOf(task));
    for (let row = this.#headOf(task); row !== NONE; row = this.#nexts[row]!) {
      const amounts = this.#amounts.pageOf(row);
      const place = this.#amounts.placeOf(row);
      writer.common(this.#models.at(row));
      this.#digests.write(row, writer);
      this.#spanIds.write(row, writer);
      writer.common(this.#features.at(row));
      to.double(amounts[place]!);
      to.number(amounts[place + 1]!);
      to.reserve(ROOM_BYTES);
    }
  }

  /** The call is the first of its question from now on. */
  set(task: number, question: Question, call: FirstCall): void {
    const known = this.#find(task, question);
    this.#write(known === NONE ? this.#append(task, question) : known, call);
  }

  forget(task: number): void {
    let row = this.#headOf(task);
    while (row !== NONE) {
      const next = this.#nexts[row]!;
      for (const column of [this.#digests, this.#spanIds, this.#models, this.#features]) column.forget(row);
      this.#supply.giveBack(row, this.#nexts);
      row = next;
    }
    if (task < this.#heads.length) this.#heads[task] = 0;
  }

  #headOf(task: number): number {
    return (this.#heads[task] ?? 0) - 1;
  }

  #find(task: number, { model, digest }: Question): number {
    let row = this.#headOf(task);
    while (row !== NONE && !(this.#digests.is(row, digest) && this.#models.at(row) === model))
      row = this.#nexts[row]!;
    return row;
  }

  #append(task: number, { model, digest }: Question): number {
    const row = this.#supply.take(this.#nexts);
    if (row === this.#nexts.length) this.#grow();
    this.#digests.set(row, digest);
    this.#models.set(row, model);
    this.#nexts[row] = NONE;
    let last = this.#headOf(task);
    if (last === NONE) this.#setHead(task, row);
    else {
      while (this.#nexts[last] !== NONE) last = this.#nexts[last]!;
      this.#nexts[last] = row;
    }
    return row;
  }

  #setHead(task: number, row: number): void {
    if (task >= this.#heads.length) this.#heads = lengthen(this.#heads, moreThan(task));
    this.#heads[task] = row + 1;
  }

  #read(row: number): FirstCall {
    const amounts = this.#amounts.pageOf(row);
    const place = this.#amounts.placeOf(row);
    return {
      endMs: amounts[place]!,
      spanId: this.#spanIds.at(row),
      feature: this.#features.at(row),
      costPicoUsd: amounts[place + 1]!,
    };
  }

  #write(row: number, { endMs, spanId, feature, costPicoUsd }: FirstCall): void {
    const amounts = this.#amounts.pageToChange(row);
    const place = this.#amounts.placeOf(row);
    amounts[place] = endMs;
    amounts[place + 1] = costPicoUsd;
    this.#features.set(row, feature);
    this.#spanIds.set(row, spanId);
  }

  #grow(): void {
    const to = moreThan(this.#nexts.length);
    for (const column of [this.#digests, this.#spanIds, this.#models, this.#features]) column.lengthen(to);
    this.#amounts.lengthen(to);
    this.#nexts = lengthen(this.#nexts, to);
  }
}

/** What {@link FirstCallTable.write} has written of one task, each by its question. */
export function readFirstCalls(reader: RowReader): [key: string, call: FirstCall][] {
  const { from } = reader;
  const calls: [string, FirstCall][] = [];
  for (let rest = from.varint(); rest > 0; rest -= 1) {
    const model = reader.common();
    const key = printQuestion({ model, digest: readWrittenId(from, REQUEST_DIGEST) });
    const known = { spanId: readWrittenId(from, SPAN_ID), feature: reader.common(), endMs: from.double() };
    calls.push([key, { ...known, costPicoUsd: from.number() }]);
  }
  return calls;
}
