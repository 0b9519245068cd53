import type { Worker } from './worker.js';

interface AgendaJob {
  readonly attrs: {
    readonly name?: unknown;
    readonly _id?: unknown;
    readonly repeatInterval?: unknown;
    readonly repeatAt?: unknown;
    readonly lastRunAt?: Date;
    readonly failedAt?: Date;
  };
}

/** Agenda 5 and 6. The run of 5 takes to itself what the application throws, and leaves a note of it; in 6 it has an inner one. */
export const agenda: Worker = {
  module: { package: 'agenda', files: ['dist/Job', 'dist/job/index'], exportName: 'Job' },
  method: ['runJob', 'run'],
  readJob({ instance }) {
    const { attrs } = instance as AgendaJob;
    const { name, _id: id, repeatInterval, repeatAt } = attrs;
    if (typeof name !== 'string') return undefined;
    // What repeats keeps its id from one time to the next.
    const isOnce = id !== undefined && !repeatInterval && !repeatAt;
    return {
      kind: 'job',
      name,
      key: isOnce ? [name, id] : undefined,
      readEnd: () => {
        const { failedAt, lastRunAt } = attrs;
        const hasFailed = failedAt !== undefined && lastRunAt !== undefined && failedAt >= lastRunAt;
        return hasFailed ? { errorType: 'failed' } : {};
      },
    };
  },
};
