// Two messages of a queue of SQS: one that is done, one whose handler throws, and a batch.
import { once } from 'node:events';

export async function run({ name, url, load, ask, see, until }) {
  const { SQSClient } = await load('@aws-sdk/client-sqs');
  const { Consumer } = await load(name);
  const sqs = new SQSClient({
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  const start = async (queue, handlers, count) => {
    const consumer = Consumer.create({ queueUrl: `${url}/1234/${queue}`, sqs, ...handlers });
    consumer.on('processing_error', (error) => see('processing error', error.message));
    consumer.on('error', (error) => see('error', error.message));
    consumer.on('message_processed', ({ Body: body }) => see('deleted', body));
    consumer.start();
    await until(count);
    const stopped = once(consumer, 'stopped');
    consumer.stop();
    await stopped;
  };
  async function handleMessage(message) {
    await ask(message.Body);
    if (message.Body === 'fails') throw new RangeError('application');
    return message;
  }
  async function handleMessageBatch(messages) {
    await ask('batch');
    return messages;
  }
  await start('tickets', { handleMessage }, 2);
  await start('digests', { handleMessageBatch, batchSize: 2 }, 4);
}
