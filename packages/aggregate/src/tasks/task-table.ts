import { OUTCOME_SOURCES, OUTCOMES, type Outcome } from '@costspan/semconv';
import type { DecidedOutcome } from '../read/outcome.js';
import { lengthen, MoneyColumn, moreThan, NONE, PagedNumbers } from '../rows/columns.js';
import { RowReadings } from '../rows/row-reading.js';
import { SharedColumn } from '../rows/shared-column.js';
import { TaskIds } from '../rows/task-ids.js';
import type { AskedCalls } from './first-calls.js';
import { FirstCallTable } from './first-calls.js';
import type { KeyedLabels } from './task-labels.js';

const FIRST_CAPACITY = 1_024;
/** Beside the marks of the queues: the task stands in none, nobody knows it by its id, and it is around another one. */
const ONLY_AROUND = 4;

/** What a byte stands for, 0 for nothing: to ask a list for what is before its first place takes ten times as long. */
const OUTCOME_CODES = [undefined, ...OUTCOMES] as const;
const SOURCE_CODES = [undefined, ...OUTCOME_SOURCES] as const;

/**
 * What is kept of tasks, a column for each thing that is known of one: half a million tasks are held at a time, and as
 * objects they would take three times the memory, all of which the garbage collector would have to walk. A `Task` is
 * a view of one row.
 */
export class TaskTable {
  readonly readings = new RowReadings();
  readonly ids = new TaskIds(FIRST_CAPACITY);
  readonly labels = new SharedColumn<KeyedLabels | undefined>(FIRST_CAPACITY, undefined);
  readonly bits = new SharedColumn(FIRST_CAPACITY, 0n);
  readonly lastBits = new SharedColumn(FIRST_CAPACITY, 0n);
  readonly costPicoUsd = new MoneyColumn();
  readonly subTasksPicoUsd = new MoneyColumn();
  readonly wastedPicoUsd = new MoneyColumn();
  /** By the rows of their tasks. */
  readonly firstCalls = new FirstCallTable();
  /** By row, of the few tasks that have them. */
  readonly lastCalls = new Map<number, AskedCalls>();
  readonly lastNewsMs = new PagedNumbers();
  readonly labelsEndMs = new PagedNumbers();
  readonly lastCallMs = new PagedNumbers();
  readonly heldCalls = new PagedNumbers(Int32Array);
  labelsAreOfSpan = new Uint8Array(FIRST_CAPACITY);
  isEnded = new Uint8Array(FIRST_CAPACITY);
  /** Whether it goes by its id, kept by `TaskShelf`. */
  isListed = new Uint8Array(FIRST_CAPACITY);
  /** Rows of the tasks around them, each plus one. */
  readonly #parents = new PagedNumbers(Int32Array);
  /** Where a row stands, 0 for nowhere, and beside which; kept by `TaskQueue` as long as the task is known. */
  queues = new Uint8Array(FIRST_CAPACITY);
  previous = new Int32Array(FIRST_CAPACITY);
  next = new Int32Array(FIRST_CAPACITY);
  #ruled = new Uint8Array(FIRST_CAPACITY);
  #settledAs = new Uint8Array(FIRST_CAPACITY);
  #said = new Uint8Array(FIRST_CAPACITY);
  #saidBy = new Uint8Array(FIRST_CAPACITY);
  readonly #saidAtMs = new PagedNumbers();
  /** Tasks directly inside. */
  readonly #inside = new PagedNumbers(Int32Array);
  /** How many tasks one stands for, where that is not one. */
  readonly #sampleCounts = new PagedNumbers();
  #capacity = FIRST_CAPACITY;
  /** Rows that have ever been used. */
  #size = 0;
  readonly #free: number[] = [];

  get capacity(): number {
    return this.#capacity;
  }

  /** A row with nothing but an id. */
  add(id: string, nowMs: number): number {
    const row = this.#free.pop() ?? this.#size;
    if (row === this.#size) this.#size += 1;
    if (row === this.#capacity) this.#grow();
    this.ids.set(row, id);
    this.costPicoUsd.set(row, 0);
    this.subTasksPicoUsd.set(row, 0);
    this.wastedPicoUsd.set(row, 0);
    this.labelsEndMs.set(row, 0);
    this.lastCallMs.set(row, 0);
    this.labelsAreOfSpan[row] = 0;
    this.isEnded[row] = 0;
    this.isListed[row] = 0;
    this.queues[row] = 0;
    this.#ruled[row] = 0;
    this.#settledAs[row] = 0;
    this.#said[row] = 0;
    this.#saidBy[row] = 0;
    this.#saidAtMs.set(row, 0);
    this.lastNewsMs.set(row, nowMs);
    this.#sampleCounts.set(row, 0);
    this.heldCalls.set(row, 0);
    this.#inside.set(row, 0);
    this.#parents.set(row, 0);
    this.previous[row] = NONE;
    this.next[row] = NONE;
    return row;
  }

  /** Nobody knows the row by its id any more. It is free for another as soon as no task is inside it. */
  forget(row: number): void {
    this.queues[row] = ONLY_AROUND;
    let at = row;
    while (at !== NONE && this.queues[at] === ONLY_AROUND && this.#inside.at(at) === 0) {
      this.readings.beforeChange(at);
      const parent = this.parentOf(at);
      this.firstCalls.forget(at);
      this.lastCalls.delete(at);
      this.ids.forget(at);
      for (const column of [this.labels, this.bits, this.lastBits]) column.forget(at);
      this.queues[at] = 0;
      this.#free.push(at);
      if (parent !== NONE) this.#inside.set(parent, this.#inside.at(parent) - 1);
      at = parent;
    }
  }

  /** The task around one; {@link NONE} where there is none. */
  parentOf(row: number): number {
    return this.#parents.at(row) - 1;
  }
  setParent(row: number, parent: number): void {
    this.#parents.set(row, parent + 1);
    this.#inside.set(parent, this.#inside.at(parent) + 1);
  }

  sampleCount(row: number): number {
    return this.#sampleCounts.at(row) || 1;
  }
  setSampleCount(row: number, count: number): void {
    this.#sampleCounts.set(row, count === 1 ? 0 : count);
  }

  ruled(row: number): Outcome | undefined {
    return OUTCOME_CODES[this.#ruled[row]!];
  }
  setRuled(row: number, outcome: Outcome | undefined): void {
    this.#ruled[row] = OUTCOME_CODES.indexOf(outcome);
  }
  settledAs(row: number): Outcome | undefined {
    return OUTCOME_CODES[this.#settledAs[row]!];
  }
  setSettledAs(row: number, outcome: Outcome | undefined): void {
    this.#settledAs[row] = OUTCOME_CODES.indexOf(outcome);
  }

  said(row: number): DecidedOutcome | undefined {
    const outcome = OUTCOME_CODES[this.#said[row]!];
    const source = SOURCE_CODES[this.#saidBy[row]!];
    if (outcome === undefined || outcome === 'unknown' || source === undefined) return undefined;
    return { outcome, source, atMs: this.#saidAtMs.at(row) };
  }
  setSaid(row: number, said: DecidedOutcome): void {
    this.#said[row] = OUTCOME_CODES.indexOf(said.outcome);
    this.#saidBy[row] = SOURCE_CODES.indexOf(said.source);
    this.#saidAtMs.set(row, said.atMs);
  }

  /** By row, above 0 for each that stands in a queue or is around one that does. */
  listRows(): Uint8Array {
    return this.queues.slice();
  }

  #grow(): void {
    const to = moreThan(this.#capacity);
    this.#capacity = to;
    this.ids.lengthen(to);
    for (const column of [this.labels, this.bits, this.lastBits]) column.lengthen(to);
    this.labelsAreOfSpan = lengthen(this.labelsAreOfSpan, to);
    this.isEnded = lengthen(this.isEnded, to);
    this.isListed = lengthen(this.isListed, to);
    this.queues = lengthen(this.queues, to);
    this.previous = lengthen(this.previous, to);
    this.next = lengthen(this.next, to);
    this.#ruled = lengthen(this.#ruled, to);
    this.#settledAs = lengthen(this.#settledAs, to);
    this.#said = lengthen(this.#said, to);
    this.#saidBy = lengthen(this.#saidBy, to);
  }
}
