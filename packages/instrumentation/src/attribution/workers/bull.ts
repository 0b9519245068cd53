import { type QueueJob, readQueueJob } from './bullmq.js';
import type { Worker } from './worker.js';

interface Queue {
  readonly name?: unknown;
  readonly handlers: Record<string, unknown>;
}

/** Bull 4. What a queue keeps are its own functions around those of the application, which all give a promise. */
export const bull: Worker = {
  module: { package: 'bull', files: ['lib/queue'], functionNames: ['Queue'] },
  method: 'processJob',
  exchange({ args, instance }, observe) {
    const { name: queue, handlers } = instance as Queue;
    for (const [name, handler] of Object.entries(handlers))
      handlers[name] = observe(handler, ({ args: [job] }) => readQueueJob(queue, job as QueueJob));
    return args;
  },
};
