// What runs a consumer of KafkaJS, with a group that has no broker: a message that is done, one that fails and comes again,
// and a batch.
export async function run({ name, load, ask, see }) {
  const loaded = await load(`${name}/src/consumer/runner.js`);
  const Runner = loaded.default ?? loaded;
  const nothing = () => undefined;
  const logger = { namespace: () => logger, info: nothing, error: nothing, debug: nothing };
  const consumerGroup = {
    groupId: 'shop',
    connect: async () => undefined,
    joinAndSync: async () => Promise.reject(new Error('no broker')),
    hasSeekOffset: () => false,
    resolveOffset: nothing,
    heartbeat: async () => undefined,
    isPaused: () => false,
    commitOffsets: async () => undefined,
    commitOffsetsIfNecessary: async () => undefined,
    uncommittedOffsets: () => ({ topics: [] }),
  };
  const start = async (handlers) => {
    const onCrash = (error) => see('crash', error.message);
    const options = {
      logger,
      consumerGroup,
      instrumentationEmitter: { emit: nothing },
      onCrash,
      ...handlers,
    };
    const runner = new Runner(options);
    await runner.start();
    runner.running = true;
    return runner;
  };
  let attempts = 0;
  async function eachMessage({ topic, message }) {
    attempts += 1;
    await ask(message.offset);
    see(topic, message.offset, eachMessage.length);
    if (message.offset === '2' && attempts === 2) throw new RangeError('application');
  }
  const messages = ['1', '2'].map((offset) => ({ offset, timestamp: '1761955200000' }));
  const each = await start({ eachMessage });
  const fail = (error) => see(error.name, error.message);
  await each.processEachMessage({ topic: 'orders', partition: 0, messages }).catch(fail);
  await each.processEachMessage({ topic: 'orders', partition: 0, messages: messages.slice(1) });
  const batch = { topic: 'payments', partition: 0, messages, firstOffset: () => '1', lastOffset: () => '2' };
  const all = await start({ eachBatch: async ({ batch: { topic } }) => ask(topic) });
  await all.processEachBatch(batch).catch(fail);
}
