import type { Worker } from './worker.js';

/** Messages of Google Pub/Sub 4 and 5, which end as the application acknowledges them. */
export const pubsub: Worker = {
  module: { package: '@google-cloud/pubsub', files: ['build/src/subscription'], exportName: 'Subscription' },
  method: 'emit',
  readJob({ instance, args: [event, message] }) {
    if (event !== 'message') return undefined;
    const { name } = instance as { name: string };
    const { id } = message as { id?: unknown };
    return {
      kind: 'messaging',
      name: name.slice(name.lastIndexOf('/') + 1),
      key: id === undefined ? undefined : [name, id],
      message: message as object,
    };
  },
};

export const pubsubMessage: Worker = {
  module: { package: '@google-cloud/pubsub', files: ['build/src/subscriber'], exportName: 'Message' },
  endings: { ack: 'done', ackWithResponse: 'done', nack: 'rejected', nackWithResponse: 'rejected' },
};
