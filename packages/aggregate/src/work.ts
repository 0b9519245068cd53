/**
 * What an aggregate counts of its own work since the process began. Given to the next one under other options, it is
 * counted on; a restart brings none of it back.
 */
export interface WorkCounts {
  /** Calls that a span inside or around theirs had told before. */
  nestedCalls: number;
  /** Calls that stay outside of any task because too many were looking for theirs, or nothing around them came in time. */
  tasklessCalls: number;
  /** Tasks that settled before their time because too many were open. */
  tasksClosedEarly: number;
  /** Settled tasks of which what comes late is no longer known to be theirs. */
  tasksForgotten: number;
}

/** Nothing counted yet. */
export const createWorkCounts = (): WorkCounts => ({
  nestedCalls: 0,
  tasklessCalls: 0,
  tasksClosedEarly: 0,
  tasksForgotten: 0,
});
