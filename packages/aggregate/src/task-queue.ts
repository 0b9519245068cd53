import type { Task } from './task.js';

/** Tasks in the order of their last news. A list through the tasks themselves: moving one to the end costs nothing. */
export class TaskQueue {
  size = 0;
  first: Task | undefined;
  #last: Task | undefined;

  /** Puts a task at the end, taking it from where it was. */
  push(task: Task): void {
    task.queue?.remove(task);
    task.queue = this;
    task.previous = this.#last;
    if (this.#last === undefined) this.first = task;
    else this.#last.next = task;
    this.#last = task;
    this.size += 1;
  }

  remove(task: Task): void {
    if (task.queue !== this) return;
    if (task.previous === undefined) this.first = task.next;
    else task.previous.next = task.next;
    if (task.next === undefined) this.#last = task.previous;
    else task.next.previous = task.previous;
    task.queue = undefined;
    task.previous = undefined;
    task.next = undefined;
    this.size -= 1;
  }

  /** From the first on; the task at hand may be removed meanwhile, and no other. */
  *[Symbol.iterator](): IterableIterator<Task> {
    let task = this.first;
    while (task !== undefined) {
      const { next } = task;
      yield task;
      task = next;
    }
  }
}
