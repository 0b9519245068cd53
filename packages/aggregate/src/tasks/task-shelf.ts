import type { OutcomeJudge } from '../read/outcome.js';
import { NONE } from '../rows/columns.js';
import { Task } from './task.js';
import { TaskQueue } from './task-queue.js';
import { TaskTable } from './task-table.js';

/** How long tasks stand in their queues. */
export interface ShelfOptions {
  readonly settleAfterMs: number;
  readonly settleQuietMs: number;
  readonly judge?: OutcomeJudge;
}

/** Where tasks are kept: by id, and each in one queue, in the order of the last news: what is due stands first. */
export class TaskShelf {
  readonly table = new TaskTable();
  readonly undecided = new TaskQueue(this.table, 1);
  readonly decided = new TaskQueue(this.table, 2);
  readonly settled = new TaskQueue(this.table, 3);
  /** By their mark; at 0 a task stands in none. */
  readonly #queues = [undefined, this.undecided, this.decided, this.settled] as const;
  options: ShelfOptions;

  constructor(options: ShelfOptions) {
    this.options = options;
  }

  get openCount(): number {
    return this.undecided.size + this.decided.size;
  }

  find(id: string): Task | undefined {
    const row = this.table.ids.find(id);
    return row === NONE ? undefined : new Task(this.table, row);
  }

  /** Whether this is the task that goes by its id: one that was forgotten may still be around others. */
  isKnown({ row }: Task): boolean {
    return this.table.isListed[row] === 1;
  }

  /** The task of this id, made when it is new. */
  at(id: string, nowMs: number): Task {
    const known = this.find(id);
    if (known !== undefined) return known;
    const task = new Task(this.table, this.table.add(id, nowMs));
    this.list(task);
    return task;
  }

  /** The task goes by its id from now on. */
  list({ row }: Task): void {
    this.table.ids.list(row);
    this.table.isListed[row] = 1;
  }

  /** Takes a task from its queue, and from its id. */
  forget(task: Task): void {
    this.dequeue(task);
    this.table.ids.unlist(task.row);
    this.table.isListed[task.row] = 0;
    this.table.forget(task.row);
  }

  /** Every task that goes by its id. */
  *tasks(): IterableIterator<Task> {
    const { isListed } = this.table;
    for (let row = 0; row < isListed.length; row += 1)
      if (isListed[row] === 1) yield new Task(this.table, row);
  }

  /** To the end of its queue. An outcome without any span is no task; it waits for one until the deadline. */
  enqueue(task: Task): void {
    const queue = task.isDecided ? this.decided : this.undecided;
    if (queue.isLast(task)) return;
    this.dequeue(task);
    queue.push(task);
  }

  dequeue(task: Task): void {
    this.#queues[this.table.queues[task.row]!]?.remove(task);
  }

  /** Each queue of open tasks, and how long a task stands in it. */
  waits(): readonly (readonly [TaskQueue, number])[] {
    return [
      [this.decided, this.options.settleQuietMs],
      [this.undecided, this.options.settleAfterMs],
    ];
  }

  /** Whether a task has stood in its queue for long enough. */
  isDue(nowMs: number): boolean {
    return this.waits().some(
      ([{ first }, waitMs]) => first !== undefined && nowMs - first.lastNewsMs >= waitMs,
    );
  }

  /** The clock was set by so much: deadlines move with it. */
  shiftClock(byMs: number): void {
    for (const [tasks] of this.waits()) for (const task of tasks) task.lastNewsMs += byMs;
  }

  /** The rules are others: open tasks are judged by them from now on, what has settled stays what it is. */
  judgeAgain(translate: (bits: bigint) => bigint): void {
    const { table } = this;
    for (let row = 0; row < table.queues.length; row += 1)
      if (table.queues[row]! > 0) new Task(table, row).translate(translate);
    const open = this.waits().flatMap(([tasks]) => [...tasks]);
    for (const task of open.sort((a, b) => a.lastNewsMs - b.lastNewsMs)) {
      task.ruled = this.options.judge?.decide(task.bits)?.outcome;
      this.enqueue(task);
    }
  }
}
