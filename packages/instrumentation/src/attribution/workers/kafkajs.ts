import type { Job } from '../job.js';
import type { Worker, WorkerRun } from './worker.js';

/** What is passed to `eachMessage`. */
interface Payload {
  readonly topic: string;
  readonly partition: number;
  readonly message: { readonly offset?: unknown; readonly timestamp?: unknown };
}

/** Of two groups each does its own work on a message, so it is one task within a group alone. */
const readMessage = ({ args: [payload] }: WorkerRun, group: unknown): Job => {
  const { topic, partition, message } = payload as Payload;
  return {
    kind: 'messaging',
    name: topic,
    key: [group, topic, partition, message.offset, message.timestamp],
  };
};

/** Many messages of one topic: one task. */
const readBatch = ({ args: [payload] }: WorkerRun): Job => {
  const { batch } = payload as { batch: { topic: string } };
  return { kind: 'messaging', name: batch.topic };
};

/** KafkaJS 1 and 2. */
export const kafkajs: Worker = {
  module: { package: 'kafkajs', files: ['src/consumer/runner'], exportName: 'Runner' },
  method: 'start',
  exchange({ args, instance }, observe) {
    const runner = instance as {
      eachMessage: unknown;
      eachBatch: unknown;
      readonly consumerGroup?: { readonly groupId?: unknown };
    };
    const group = runner.consumerGroup?.groupId;
    runner.eachMessage = observe(runner.eachMessage, (run) => readMessage(run, group));
    runner.eachBatch = observe(runner.eachBatch, readBatch);
    return args;
  },
};
