// Consumers of RabbitMQ: one that acknowledges or rejects each message, one that acknowledges when it is done with what it
// did not wait for, one that need not acknowledge; the callback's API too.
export async function run({ name, url, load, ask, see, until }) {
  const amqp = await load(name);
  const connection = await (amqp.connect ?? amqp.default.connect)(url);
  const channel = await connection.createChannel();
  async function onOrder(message) {
    const text = message.content.toString();
    await ask(text);
    if (text === 'rejected') channel.nack(message, false, false);
    else channel.ack(message);
    see('order', text);
  }
  await channel.consume('orders', onOrder);
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.consume(queue, (message) => {
    void ask('log').then(() => {
      channel.ack(message);
      see('log', message.fields.exchange);
    });
  });
  channel.sendToQueue('orders', Buffer.from('done'));
  channel.sendToQueue('orders', Buffer.from('rejected'));
  channel.publish('logs', queue, Buffer.from('log'));
  await until(3);
  await connection.close();

  const callbacks = await load(`${name}/callback_api`);
  await new Promise((resolve) => {
    (callbacks.connect ?? callbacks.default.connect)(url, (_error, opened) =>
      opened.createChannel((_refused, other) => {
        const onMail = async (message) => {
          await ask('mail');
          see('mail', message.content.toString());
          opened.close(resolve);
        };
        other.consume('mails', onMail, { noAck: true });
        other.sendToQueue('mails', Buffer.from('unacknowledged'));
      }),
    );
  });
}
