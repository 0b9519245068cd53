import { RowReader } from '../bytes/row-reader.js';
import { lengthen, moreThan, NONE } from '../rows/columns.js';
import { RowReading } from '../rows/row-reading.js';
import { Task, type TaskState } from './task.js';
import { readWrittenTask, type WrittenTask, writeTask } from './task-form.js';
import type { TaskShelf } from './task-shelf.js';

/** Where tasks stand. One that is remembered no more, but still is around another one, stands in none. */
export const TASK_QUEUES = ['undecided', 'decided', 'settled'] as const;
export type TaskQueueName = (typeof TASK_QUEUES)[number];

/** A task in its place, as earlier versions have written it. */
export interface ShelvedTask {
  readonly queue?: TaskQueueName;
  readonly state: TaskState;
  /** Number of the task around it. */
  readonly parent?: number;
  /** Given to those that are around others. */
  readonly number?: number;
}

/** Numbers of tasks in one part of a queue. */
const NUMBERS_OF_PART = 16_384;

/** Of a queue, the next numbers of its tasks, four bytes each. */
export type QueuePart = readonly [queue: TaskQueueName, numbers: Uint8Array];

/** Tasks in a state. */
export type TaskPart =
  /** As earlier versions have written them. */
  | { readonly part: 'tasks'; readonly tasks: readonly ShelvedTask[] }
  | { readonly part: 'task_rows'; readonly rows: Uint8Array }
  | { readonly part: 'task_queue'; readonly queue: QueuePart };

export const isTaskPart = <Part extends { readonly part: string }>(part: Part | TaskPart): part is TaskPart =>
  part.part === 'task_rows' || part.part === 'task_queue' || part.part === 'tasks';

/** Every task as it is now, and the order of each queue. */
export interface TaskReading {
  readonly parts: IterableIterator<Uint8Array>;
  readonly queues: IterableIterator<QueuePart>;
}

/**
 * Begins to read all tasks. At once only two columns are copied: where tasks stand, and which is next; the tasks
 * themselves are written one by one, while they go on changing.
 */
export function readTasks(shelf: TaskShelf): TaskReading {
  const { table } = shelf;
  const reading = new RowReading(table.listRows(), (row, writer) => writeTask(table, row, writer));
  const nexts = table.next.slice();
  const firsts = TASK_QUEUES.map((queue) => shelf[queue].first?.row ?? NONE);
  return { parts: table.readings.parts(reading), queues: readQueues(firsts, nexts) };
}

function* readQueues(firsts: readonly number[], nexts: Int32Array): IterableIterator<QueuePart> {
  for (const [place, queue] of TASK_QUEUES.entries()) {
    let row = firsts[place]!;
    while (row !== NONE) {
      const part = new DataView(new ArrayBuffer(NUMBERS_OF_PART * 4));
      let count = 0;
      for (; row !== NONE && count < NUMBERS_OF_PART; row = nexts[row]!) {
        part.setInt32(count * 4, row, true);
        count += 1;
      }
      yield [queue, new Uint8Array(part.buffer, 0, count * 4)];
    }
  }
}

/** Puts tasks back onto an empty shelf; {@link TaskRestorer.finish} puts them inside one another. */
export class TaskRestorer {
  readonly #shelf: TaskShelf;
  readonly #reader = new RowReader();
  /** By number, each plus one. */
  #rows = new Int32Array(1_024);
  readonly #inside: [row: number, parent: number][] = [];

  constructor(shelf: TaskShelf) {
    this.#shelf = shelf;
  }

  /** Tasks stand in no queue before the parts of the queues, which are behind those of all tasks. */
  restore(part: TaskPart): void {
    if (part.part === 'task_queue') this.#restoreQueue(part.queue);
    else if (part.part === 'tasks') for (const task of part.tasks) this.#restoreShelved(task);
    else for (const task of this.#reader.rows(part.rows, readWrittenTask)) this.#add(task);
  }

  finish(): void {
    const { table } = this.#shelf;
    for (const [row, number] of this.#inside) {
      const parent = this.#rowOf(number);
      if (parent !== NONE) new Task(table, row).parent = new Task(table, parent);
    }
    for (const known of this.#rows) {
      const row = known - 1;
      if (row !== NONE && table.isListed[row] === 0) table.forget(row);
    }
  }

  #restoreQueue([queue, numbers]: QueuePart): void {
    const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let at = 0; at < numbers.length; at += 4) {
      const row = this.#rowOf(view.getInt32(at, true));
      if (row === NONE || this.#shelf.table.isListed[row] === 1)
        throw new RangeError('a queue has a task that is not known, or twice the same');
      this.#enqueue(new Task(this.#shelf.table, row), queue);
    }
  }

  #restoreShelved({ queue, ...written }: ShelvedTask): void {
    const task = this.#add(written);
    if (queue !== undefined) this.#enqueue(task, queue);
  }

  #add({ state, number, parent }: Omit<WrittenTask, 'number'> & { number?: number }): Task {
    const task = Task.restore(this.#shelf.table, state);
    if (number !== undefined) {
      if (number >= this.#rows.length) this.#rows = lengthen(this.#rows, moreThan(number + 1));
      this.#rows[number] = task.row + 1;
    }
    if (parent !== undefined) this.#inside.push([task.row, parent]);
    return task;
  }

  #enqueue(task: Task, queue: TaskQueueName): void {
    this.#shelf.list(task);
    this.#shelf[queue].push(task);
  }

  #rowOf(number: number): number {
    return (this.#rows[number] ?? 0) - 1;
  }
}
