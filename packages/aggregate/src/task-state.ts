import { Task, type TaskState } from './task.js';
import type { TaskShelf } from './task-shelf.js';

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

/** Every task as plain data, each queue from its first on. What is read must not change until the last was taken. */
export function* readTasks(shelf: TaskShelf): IterableIterator<ShelvedTask> {
  const numbers = numberParents(shelf);
  for (const queue of QUEUES) for (const task of shelf[queue]) yield readTask(task, numbers, queue);
  for (const parent of numbers.keys()) if (!isKnown(shelf, parent)) yield readTask(parent, numbers);
}

function numberParents(shelf: TaskShelf): Map<Task, number> {
  const numbers = new Map<Task, number>();
  for (const task of QUEUES.flatMap((queue) => [...shelf[queue]])) {
    for (let outer = task.parent; outer !== undefined && !numbers.has(outer); outer = outer.parent)
      numbers.set(outer, numbers.size + 1);
  }
  return numbers;
}

const isKnown = ({ byId }: TaskShelf, task: Task): boolean => byId.get(task.id) === task;

function readTask(
  task: Task,
  numbers: ReadonlyMap<Task, number>,
  queue?: (typeof QUEUES)[number],
): ShelvedTask {
  const parent = task.parent && numbers.get(task.parent);
  const number = numbers.get(task);
  return {
    state: task.readState(),
    ...(queue === undefined ? {} : { queue }),
    ...(parent === undefined ? {} : { parent }),
    ...(number === undefined ? {} : { number }),
  };
}

/** Puts tasks back onto an empty shelf; {@link TaskRestorer.finish} puts them inside one another. */
export class TaskRestorer {
  readonly #shelf: TaskShelf;
  readonly #byNumber = new Map<number, Task>();
  readonly #inside: [task: Task, parent: number][] = [];

  constructor(shelf: TaskShelf) {
    this.#shelf = shelf;
  }

  add({ queue, state, parent, number }: ShelvedTask): void {
    const task = Task.restore(state);
    if (queue !== undefined) {
      this.#shelf.byId.set(task.id, task);
      this.#shelf[queue].push(task);
    }
    if (number !== undefined) this.#byNumber.set(number, task);
    if (parent !== undefined) this.#inside.push([task, parent]);
  }

  finish(): void {
    for (const [task, parent] of this.#inside) task.parent = this.#byNumber.get(parent);
  }
}
