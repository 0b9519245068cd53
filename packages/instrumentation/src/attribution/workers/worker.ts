import type { PackageGate } from '../../module-gate.js';
import type { Job } from '../job.js';

/**
 * The contract of a library that runs functions of the application for messages, jobs and schedules: which of its methods
 * runs one, or is given the functions that do. Pure. It says nothing of versions: what has not this form is left alone, and
 * its calls are for nothing in particular.
 *
 * What a new one costs: one file in this folder, one entry in its `index.ts`, its application in `test/workers/apps`.
 */
export interface Worker {
  readonly module: PackageGate;
  /** Of the class that the gate names, as one version or another calls it; absent where it is the function of the gate. */
  readonly method?: string | readonly string[];
  /** The job that one run of the method does; `undefined` where it does none. Absent where functions do that it is given. */
  readJob?(run: WorkerRun): Job | undefined;
  /**
   * Arguments in place of those that were given, where functions among them do the jobs: `observe` gives one that does the
   * same. Objects of the application stay as they are; what the library keeps on its own object may be exchanged there.
   */
  exchange?(run: WorkerRun, observe: ObserveHandler): readonly unknown[];
  /** Methods of the class by which the application ends a message: their first argument, or the object itself. */
  readonly endings?: Readonly<Record<string, JobEnding>>;
}

/** How a message ends: it is done, or sent back. */
export type JobEnding = 'done' | 'rejected';

/** One run of a worker's method or function. */
export interface WorkerRun {
  readonly args: readonly unknown[];
  /** Of the class. */
  readonly instance: object;
}

/** Gives a function that does what `handler` does; what is no function is given back. */
export type ObserveHandler = (handler: unknown, readJob: (run: WorkerRun) => Job | undefined) => unknown;
