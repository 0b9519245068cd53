import type { Outcome } from '@costspan/semconv';
import type { CallRecord } from './records.js';
import type { TaskView } from './tasks/task.js';

/** Where a call's cost stands: under its task's outcome, waiting for one, or outside any task. */
export type CostStanding = Outcome | 'unsettled' | 'untasked';

/** Where the cost of a task stands: under its outcome once it has settled. */
export const standingOf = (task: TaskView): CostStanding =>
  task.settledAs === undefined ? 'unsettled' : task.outcome;

/**
 * Told of every movement of money in the same turn in which the series change, so that what it keeps and
 * `llm_cost_usd_total` are at every moment the same sum.
 */
export interface CostListener {
  /** `task`: absent where the call is outside any. */
  addCall(call: CallRecord, task: TaskView | undefined): void;
  /** The task of a call that was added without one was found among the spans around it. */
  assignCall(call: CallRecord, task: TaskView): void;
  /** A span that shows how a task went and names none was found to belong to this one. */
  assignEvidence?(spanId: string, taskId: string): void;
  /** The task settled, or its outcome changed afterwards. */
  moveTask(task: TaskView, to: Outcome): void;
  /** Nothing more will be told of the task as it was; its row may become another's. */
  forgetTask(task: TaskView): void;
}
