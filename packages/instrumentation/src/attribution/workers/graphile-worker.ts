import type { Worker } from './worker.js';

interface GraphileJob {
  readonly id: unknown;
  readonly created_at?: unknown;
  readonly attempts: number;
  readonly max_attempts: number;
}

/** Graphile Worker 0.16 and on. The list of its tasks changes while it watches their files: it is read as it is used. */
export const graphileWorker: Worker = {
  module: { package: 'graphile-worker', files: ['dist/worker'], functionNames: ['makeNewWorker'] },
  exchange({ args: [options, parameters, ...rest] }, observe) {
    const { tasks } = parameters as { tasks?: object };
    if (tasks === undefined) return [options, parameters, ...rest];
    const observed = new Proxy(tasks, {
      get(target, name, receiver) {
        const task: unknown = Reflect.get(target, name, receiver);
        const isKept = Object.getOwnPropertyDescriptor(target, name)?.configurable === false;
        if (isKept || typeof name !== 'string' || !Object.hasOwn(target, name)) return task;
        return observe(task, ({ args: [, helpers] }) => {
          const { job } = helpers as { job: GraphileJob };
          return {
            kind: 'messaging',
            name,
            key: [name, job.id, readTime(job.created_at)],
            willRetry: () => job.attempts < job.max_attempts,
          };
        });
      },
    });
    return [options, { ...(parameters as object), tasks: observed }, ...rest];
  },
};

const readTime = (date: unknown): unknown => (date instanceof Date ? date.getTime() : date);
