import { NONE } from './columns.js';
import { Task, type TaskState } from './task.js';
import type { TaskShelf } from './task-shelf.js';
import type { TaskTable } from './task-table.js';

/** The queues, in the order in which they are read. */
const QUEUES = ['undecided', 'decided', 'settled'] as const;

/** A task in its place. One that is remembered no more, but still is around another one, has no queue. */
export interface ShelvedTask {
  readonly queue?: (typeof QUEUES)[number];
  readonly state: TaskState;
  /** Number of the task around it; see {@link number}. */
  readonly parent?: number;
  /** Given to those that are around others. */
  readonly number?: number;
}

/**
 * Every task as plain data as it is now, each queue from its first on, side by side. Only their order is noted at once, which takes
 * some nanoseconds a task; the tasks themselves are read one by one, while they go on changing.
 */
export function readTasks(shelf: TaskShelf): IterableIterator<ShelvedTask> {
  const { table } = shelf;
  const rows = joinQueues(QUEUES.map((queue) => shelf[queue].listRows()));
  const numbers = numberParents(rows, table);
  const forgotten = [...numbers.keys()].filter((row) => !shelf.isKnown(new Task(table, row)));
  // Its queue is part of a task's state, and the row of a task may be another's before this one is read.
  const queues = table.queues.slice();
  return table.read(joinRows(rows, forgotten), (row) => {
    const parent = numbers.get(table.parentOf(row));
    const number = numbers.get(row);
    const queue = QUEUES[queues[row]! - 1];
    return {
      state: new Task(table, row).readState(),
      ...(queue === undefined ? {} : { queue }),
      ...(parent === undefined ? {} : { parent }),
      ...(number === undefined ? {} : { number }),
    };
  });
}

/** Slices of each queue that are read in turn. */
const SLICES = 1_000;

/** All queues side by side: what changes meanwhile mostly stands first in its queue, and has been read by then. */
function joinQueues(queues: readonly Int32Array[]): Int32Array {
  const rows = new Int32Array(queues.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (let slice = 0; slice < SLICES; slice += 1)
    for (const queue of queues) {
      const placeOf = (number: number): number => Math.floor((number * queue.length) / SLICES);
      const part = queue.subarray(placeOf(slice), placeOf(slice + 1));
      rows.set(part, at);
      at += part.length;
    }
  return rows;
}

function joinRows(rows: Int32Array, more: readonly number[]): Int32Array {
  if (more.length === 0) return rows;
  const all = new Int32Array(rows.length + more.length);
  all.set(rows);
  all.set(more, rows.length);
  return all;
}

/** A number for each row that is around another one. */
function numberParents(rows: Int32Array, table: TaskTable): Map<number, number> {
  const numbers = new Map<number, number>();
  for (const row of rows)
    for (
      let outer = table.parentOf(row);
      outer !== NONE && !numbers.has(outer);
      outer = table.parentOf(outer)
    )
      numbers.set(outer, numbers.size + 1);
  return numbers;
}

/** Puts tasks back onto an empty shelf; {@link TaskRestorer.finish} puts them inside one another. */
export class TaskRestorer {
  readonly #shelf: TaskShelf;
  readonly #byNumber = new Map<number, Task>();
  readonly #inside: [task: Task, parent: number][] = [];
  readonly #forgotten: Task[] = [];

  constructor(shelf: TaskShelf) {
    this.#shelf = shelf;
  }

  add({ queue, state, parent, number }: ShelvedTask): void {
    const task = Task.restore(this.#shelf.table, state);
    if (queue === undefined) this.#forgotten.push(task);
    else {
      this.#shelf.list(task);
      this.#shelf[queue].push(task);
    }
    if (number !== undefined) this.#byNumber.set(number, task);
    if (parent !== undefined) this.#inside.push([task, parent]);
  }

  finish(): void {
    for (const [task, number] of this.#inside) {
      const parent = this.#byNumber.get(number);
      if (parent !== undefined) task.parent = parent;
    }
    for (const { row } of this.#forgotten) this.#shelf.table.forget(row);
  }
}
