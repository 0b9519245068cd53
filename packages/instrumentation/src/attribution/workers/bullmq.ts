import type { Job } from '../job.js';
import type { Worker } from './worker.js';

/** What of a job is read, by Bull and by BullMQ alike. */
export interface QueueJob {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly timestamp?: unknown;
  readonly attemptsMade?: number;
  readonly opts?: { readonly attempts?: number };
}

/** What a processor throws to have its job done later. */
const SIGNALS: readonly unknown[] = [
  'DelayedError',
  'RateLimitError',
  'WaitingChildrenError',
  'WaitingError',
];
/** What it throws to have it done no more. */
const FINAL = 'UnrecoverableError';
/** Name of a job without one, in Bull. */
const UNNAMED = '__default__';

/** The queue is what its jobs are for, their names tell the tasks apart. An attempt that another one follows decides nothing. */
export const readQueueJob = (queue: unknown, job: QueueJob): Job | undefined => {
  if (typeof queue !== 'string') return undefined;
  const { id, name, timestamp, opts } = job;
  return {
    kind: 'messaging',
    name: queue,
    type: typeof name === 'string' && name !== UNNAMED ? name : undefined,
    // Numbers of jobs begin anew in each Redis: with the time they are the same in no other.
    key: id === undefined ? undefined : [queue, id, timestamp],
    willRetry: (thrown) => {
      const { name: className } = (thrown ?? {}) as { name?: unknown };
      if (SIGNALS.includes(className)) return true;
      return className !== FINAL && (job.attemptsMade ?? 0) + 1 < (opts?.attempts ?? 1);
    },
  };
};

/** BullMQ 4 to 6. */
export const bullmq: Worker = {
  module: { package: 'bullmq', files: ['dist/(?:cjs|esm)/classes/worker'], exportName: 'Worker' },
  method: 'callProcessJob',
  readJob: ({ instance, args: [job] }) =>
    readQueueJob((instance as { name?: unknown }).name, job as QueueJob),
};

/** In the process or the thread that a processor has of its own, given as the path of its file. */
export const bullmqSandbox: Worker = {
  module: {
    package: 'bullmq',
    files: ['dist/(?:cjs|esm)/classes/child-processor'],
    exportName: 'ChildProcessor',
  },
  method: 'start',
  exchange({ args, instance }, observe) {
    const child = instance as { processor: unknown };
    child.processor = observe(child.processor, ({ args: [job] }) =>
      readQueueJob((job as { queueName?: unknown }).queueName, job as QueueJob),
    );
    return args;
  },
};
