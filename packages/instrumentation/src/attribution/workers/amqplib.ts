import type { Worker } from './worker.js';

interface Message {
  readonly fields: { readonly exchange?: string };
}

/** A queue without a name of its own gets one from the broker, a new one each time. */
const GENERATED = /^$|^amq\./;

/** amqplib 0.10 and on, with promises and with callbacks. A message ends as the application acknowledges it. */
export const amqplib: Worker = {
  module: { package: 'amqplib', files: ['lib/callback_model', 'lib/channel_model'], exportName: 'Channel' },
  method: 'consume',
  exchange({ args: [queue, callback, options, ...rest] }, observe) {
    const { noAck } = (options ?? {}) as { noAck?: unknown };
    const observed = observe(callback, ({ args: [message] }) => {
      // Without a message the broker says that it has cancelled the consumer.
      if (message === null || message === undefined) return undefined;
      const name = GENERATED.test(String(queue)) ? (message as Message).fields.exchange : String(queue);
      if (name === undefined || name === '') return undefined;
      return { kind: 'messaging', name, message: noAck === true ? undefined : message };
    });
    return [queue, observed, options, ...rest];
  },
  endings: { ack: 'done', nack: 'rejected', reject: 'rejected' },
};
