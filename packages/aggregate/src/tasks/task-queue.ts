import { NONE } from '../rows/columns.js';
import { Task } from './task.js';
import type { TaskTable } from './task-table.js';

/** Tasks in the order of their last news. A list through the rows themselves: moving one to the end costs nothing. */
export class TaskQueue {
  size = 0;
  readonly #table: TaskTable;
  /** What a row that stands here is marked with, above 0. */
  readonly #mark: number;
  #first = NONE;
  #last = NONE;

  constructor(table: TaskTable, mark: number) {
    this.#table = table;
    this.#mark = mark;
  }

  get first(): Task | undefined {
    return this.#first === NONE ? undefined : new Task(this.#table, this.#first);
  }

  isLast({ row }: Task): boolean {
    return row === this.#last;
  }

  /** Puts a task at the end; it must have been taken from where it was. */
  push({ row }: Task): void {
    const { queues, previous, next } = this.#table;
    queues[row] = this.#mark;
    previous[row] = this.#last;
    if (this.#last === NONE) this.#first = row;
    else next[this.#last] = row;
    this.#last = row;
    this.size += 1;
  }

  remove({ row }: Task): void {
    const { queues, previous, next } = this.#table;
    if (queues[row] !== this.#mark) return;
    const [before, after] = [previous[row]!, next[row]!];
    if (before === NONE) this.#first = after;
    else next[before] = after;
    if (after === NONE) this.#last = before;
    else previous[after] = before;
    queues[row] = 0;
    previous[row] = NONE;
    next[row] = NONE;
    this.size -= 1;
  }

  /** From the first on; the task at hand may be removed meanwhile, and no other. */
  *[Symbol.iterator](): IterableIterator<Task> {
    let row = this.#first;
    while (row !== NONE) {
      const next = this.#table.next[row]!;
      yield new Task(this.#table, row);
      row = next;
    }
  }
}
