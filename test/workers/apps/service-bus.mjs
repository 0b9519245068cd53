// Receivers of Azure Service Bus: one that completes what does not throw by itself, and one that is told.
class Orders {
  #count = 0;
  constructor(ask, see) {
    this.ask = ask;
    this.see = see;
  }
  async processMessage(message) {
    this.#count += 1;
    await this.ask('order');
    this.see('order', message.body);
    if (message.body === 'rejected') throw new RangeError('application');
  }
  async processError({ error }) {
    this.see('error', error.message, this.#count > 0);
  }
}

export async function run({ name, url, load, ask, see, until }) {
  const { ServiceBusClient } = await load(name);
  const client = new ServiceBusClient(url);
  const orders = client.createReceiver('orders');
  orders.subscribe(new Orders(ask, see));
  const mails = client.createReceiver('mails');
  mails.subscribe(
    {
      async processMessage(message) {
        await ask('mail');
        see('mail', message.body);
        if (message.body === 'done') await mails.completeMessage(message);
        else await mails.deadLetterMessage(message);
        see('settled', message.body);
      },
      processError: async ({ error }) => see('error', error.message),
    },
    { autoCompleteMessages: false },
  );
  await until(7);
  await client.close();
}
