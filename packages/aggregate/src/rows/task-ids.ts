import type { ByteReader } from '../bytes/byte-reader.js';
import type { RowWriter } from '../bytes/row-writer.js';
import { lengthen, NONE } from './columns.js';
import { IdColumn, type IdForm, readId, readWrittenId, TRACE_AND_SPAN_ID, UUID } from './ids.js';
import { hashNumber, hashText, RowHashes } from './row-hashes.js';

/** How nearly all ids are written. */
const FORMS: readonly IdForm[] = [UUID, TRACE_AND_SPAN_ID];
/** Of an id that is written otherwise: it is kept as it is. */
const NO_FORM = FORMS.length;

/** An id that was looked at: in which form it is written, and its hash. */
class LookedAt {
  id = '';
  form = NO_FORM;
  hash = hashText('');
}
/** The last one, of whatever table: a span's task is mostly looked for several times at once. */
const last = new LookedAt();

function lookAt(id: string): LookedAt {
  if (id === last.id) return last;
  last.form = FORMS.findIndex(({ chars }) => chars === id.length);
  const words = last.form === NONE ? undefined : readWhole(id, FORMS[last.form]!);
  if (words === undefined) last.form = NO_FORM;
  last.hash = words === undefined ? hashText(id) : hashWords(words);
  last.id = id;
  return last;
}

/** Undefined where its numbers are not what its digits are. */
function readWhole(id: string, form: IdForm): Int32Array | undefined {
  const { words, text } = readId(id, form);
  return text === undefined ? words : undefined;
}

function hashWords(words: Int32Array): number {
  let hash = 0;
  for (let place = 0; place < words.length; place += 1) hash = hashNumber(words[place]!, hash);
  return hash;
}

/** How a task's id is written: one more than the place of its form, so that forms may be added; 0 before a text. */
const WRITTEN_TEXT = 0;

/** An id as {@link TaskIds.write} has written it. */
export function readWrittenTaskId(from: ByteReader): string {
  const written = from.byte();
  if (written === WRITTEN_TEXT) return from.text(false);
  const form = FORMS[written - 1];
  if (form === undefined) throw new RangeError('an id has a form that is not known');
  return readWrittenId(from, form);
}

/**
 * The ids of tasks by row, and the rows by id. As numbers an id takes a quarter of the memory that its text takes, which the
 * collector of garbage would copy twice and look at each time, and would have to be found in the heap again.
 */
export class TaskIds {
  readonly #hashes = new RowHashes();
  /** By form; those of which no id has come have no column. */
  readonly #columns: (IdColumn | undefined)[] = FORMS.map(() => undefined);
  /** By row, of those of no form. */
  readonly #texts: string[] = [];
  #forms: Uint8Array;

  constructor(rows: number) {
    this.#forms = new Uint8Array(rows).fill(NO_FORM);
  }

  lengthen(rows: number): void {
    const before = this.#forms.length;
    this.#forms = lengthen(this.#forms, rows).fill(NO_FORM, before);
    for (const column of this.#columns) column?.lengthen(rows);
  }

  at(row: number): string {
    return this.#columns[this.#forms[row]!]?.at(row) ?? this.#texts[row]!;
  }

  write(row: number, writer: RowWriter): void {
    const column = this.#columns[this.#forms[row]!];
    writer.to.byte(column === undefined ? WRITTEN_TEXT : this.#forms[row]! + 1);
    if (column === undefined) writer.text(this.#texts[row]!);
    else column.write(row, writer);
  }

  /** It is not found by it before {@link list}. */
  set(row: number, id: string): void {
    const { form } = lookAt(id);
    this.#forms[row] = form;
    if (form === NO_FORM) this.#texts[row] = id;
    else this.#columnOf(form).put(row, readId(id, FORMS[form]!));
  }

  /** Nobody reads this row before it is set again. */
  forget(row: number): void {
    if (this.#forms[row] === NO_FORM) this.#texts[row] = '';
    this.#forms[row] = NO_FORM;
  }

  /** The row of this id; {@link NONE} where there is none. */
  find(id: string): number {
    const { form, hash } = lookAt(id);
    let row = this.#hashes.first(hash);
    while (row !== NONE && !this.#is(row, id, form)) row = this.#hashes.next(hash);
    return row;
  }

  /** The row is found by its id from now on. */
  list(row: number): void {
    this.#hashes.add(row, this.#hashAt(row));
  }

  /** It is found no more. */
  unlist(row: number): void {
    this.#hashes.remove(row);
  }

  #is(row: number, id: string, form: number): boolean {
    if (this.#forms[row] !== form) return false;
    return form === NO_FORM ? this.#texts[row] === id : this.#columns[form]!.is(row, id);
  }

  #hashAt(row: number): number {
    const column = this.#columns[this.#forms[row]!];
    if (column === undefined) return hashText(this.#texts[row]!);
    let hash = 0;
    for (let place = 0; place < column.width; place += 1) hash = hashNumber(column.wordAt(row, place), hash);
    return hash;
  }

  #columnOf(form: number): IdColumn {
    this.#columns[form] ??= new IdColumn(FORMS[form]!, this.#forms.length);
    return this.#columns[form];
  }
}
