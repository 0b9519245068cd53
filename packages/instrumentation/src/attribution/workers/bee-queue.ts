import type { Worker } from './worker.js';

interface BeeJob {
  readonly id?: unknown;
  readonly options: { readonly timestamp?: unknown; readonly retries?: number };
}

/** Bee-Queue 1 and 2. */
export const beeQueue: Worker = {
  module: { package: 'bee-queue', files: ['lib/queue'], exportName: 'Queue' },
  method: '_runJob',
  exchange({ args, instance }, observe) {
    const queue = instance as { readonly name: string; handler: unknown };
    queue.handler = observe(queue.handler, ({ args: [job] }) => {
      const { id, options } = job as BeeJob;
      return {
        kind: 'messaging',
        name: queue.name,
        key: id === undefined ? undefined : [queue.name, id, options.timestamp],
        willRetry: () => (options.retries ?? 0) > 0,
      };
    });
    return args;
  },
};
