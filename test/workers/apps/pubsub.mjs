// A subscription of Google Pub/Sub: a message that is acknowledged, and one that is not.
export async function run({ name, url, load, ask, see, until }) {
  process.env.PUBSUB_EMULATOR_HOST = url;
  process.env.METADATA_SERVER_DETECTION = 'none';
  const { PubSub } = await load(name);
  const client = new PubSub({ projectId: 'shop' });
  const subscription = client.subscription('tickets');
  subscription.on('error', (error) => see('error', error.message));
  subscription.on('message', async (message) => {
    await ask(message.id);
    if (message.id === 'sent back') message.nack();
    else message.ack();
    see(message.id);
  });
  await until(2);
  await subscription.close();
  await client.close();
}
