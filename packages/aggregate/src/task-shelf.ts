import type { OutcomeJudge } from './outcome.js';
import type { Task } from './task.js';
import { TaskQueue } from './task-queue.js';

/** How long tasks stand in their queues. */
export interface ShelfOptions {
  readonly settleAfterMs: number;
  readonly settleQuietMs: number;
  readonly judge?: OutcomeJudge;
}

/** Where tasks are kept: by id, and each in one queue, in the order of the last news: what is due stands first. */
export class TaskShelf {
  readonly byId = new Map<string, Task>();
  readonly undecided = new TaskQueue();
  readonly decided = new TaskQueue();
  readonly settled = new TaskQueue();
  readonly #options: ShelfOptions;

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  get openCount(): number {
    return this.undecided.size + this.decided.size;
  }

  /** To the end of its queue. An outcome without any span is no task; it waits for one until the deadline. */
  enqueue(task: Task): void {
    (task.isDecided ? this.decided : this.undecided).push(task);
  }

  /** Each queue of open tasks, and how long a task stands in it. */
  waits(): readonly (readonly [TaskQueue, number])[] {
    return [
      [this.decided, this.#options.settleQuietMs],
      [this.undecided, this.#options.settleAfterMs],
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
    for (const task of this.byId.values()) task.translate(translate);
    const open = this.waits().flatMap(([tasks]) => [...tasks]);
    for (const task of open.sort((a, b) => a.lastNewsMs - b.lastNewsMs)) {
      task.ruled = this.#options.judge?.decide(task.bits)?.outcome;
      this.enqueue(task);
    }
  }
}
