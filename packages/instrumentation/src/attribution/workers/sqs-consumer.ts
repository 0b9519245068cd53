import type { Worker } from './worker.js';

/** sqs-consumer 6 and on: a message, or a batch of them. A message that is received again is the same task. */
export const sqsConsumer: Worker = {
  module: { package: 'sqs-consumer', files: ['dist/(?:(?:cjs|esm)/)?consumer'], exportName: 'Consumer' },
  method: ['executeHandler', 'executeBatchHandler'],
  readJob({ instance, args: [received] }) {
    const { queueUrl } = instance as { queueUrl: string };
    const { MessageId: id } = received as { MessageId?: unknown };
    return {
      kind: 'messaging',
      name: queueUrl.slice(queueUrl.lastIndexOf('/') + 1),
      key: id === undefined ? undefined : [queueUrl, id],
    };
  },
};
