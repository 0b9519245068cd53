// Callbacks of NATS: on a subject with parts that change, one that fails while nobody waits for it, a request and its
// answer, and a consumer of JetStream that acknowledges one message and gives the other one back.
export async function run({ name, url, load, ask, see, until }) {
  const isOlder = name === 'nats';
  const { connect, StringCodec } = await load(isOlder ? 'nats' : '@nats-io/transport-node');
  const connection = await connect({ servers: url });
  const read = (message) => (isOlder ? StringCodec().decode(message.data) : message.string());
  connection.subscribe('orders.*', {
    async callback(_error, message) {
      await ask('order');
      see('order', message.subject, read(message));
    },
  });
  connection.subscribe('questions', {
    callback(_error, message) {
      void ask('question').then(() => message.respond('answered'));
    },
  });
  connection.publish('orders.4711', 'placed');
  const answer = await connection.request('questions', 'why', { timeout: 60_000 });
  see('answer', read(answer));

  const jetstream = isOlder
    ? connection.jetstream()
    : (await load('@nats-io/jetstream')).jetstream(connection);
  const consumer = await jetstream.consumers.get('ORDERS', 'mailer');
  const messages = await consumer.consume({
    callback(message) {
      void ask('mail').then(() => {
        if (read(message) === 'done') message.ack();
        else message.nak();
        see('mail', message.subject, message.seq);
      });
    },
  });
  await until(4);
  messages.stop();
  await connection.close();
}
