/** A stand-in of Azure Service Bus over AMQP 1.0: takes any token, and hands each receiver two messages. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import rhea, { type EventContext, type Sender } from 'rhea';
import type { Broker } from './broker.ts';

const TOKENS = '$cbs';
const LOCK_MS = 300_000;
const MESSAGES = ['done', 'rejected'];

export async function startServiceBus(): Promise<Broker> {
  const container = rhea.create_container({ id: 'stand-in', sender_options: { autosettle: false } });
  let tokens: Sender | undefined;
  container.on('sender_open', ({ sender }: EventContext) => {
    if (sender === undefined) return;
    const { address } = sender.source as { address: string };
    sender.set_source({ address });
    if (address === TOKENS) {
      tokens = sender;
      return;
    }
    sender.once('sendable', () => {
      MESSAGES.forEach((body, index) => {
        const content = rhea.message.data_section(Buffer.from(JSON.stringify(body)));
        const lockedUntil = rhea.types.wrap_timestamp(Date.now() + LOCK_MS);
        const message = {
          message_id: `${address}-${index + 1}`,
          message_annotations: { 'x-opt-locked-until': lockedUntil },
          body: content,
        };
        sender.send(message, Buffer.alloc(16, index + 1));
      });
    });
  });
  container.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver !== undefined)
      receiver.set_target({ address: (receiver.target as { address: string }).address });
  });
  container.on('message', ({ message }: EventContext) => {
    if (message?.message_id === undefined || message.reply_to === undefined) return;
    tokens?.send({
      correlation_id: message.message_id,
      to: message.reply_to,
      application_properties: { 'status-code': 202, 'status-description': 'OK' },
      body: '',
    });
  });
  // A broker says itself that a message is settled.
  for (const end of ['accepted', 'rejected', 'released', 'modified'])
    container.on(end, ({ delivery }: EventContext) =>
      delivery?.update(
        true,
        (rhea.message as unknown as { accepted(): { described(): never } }).accepted().described(),
      ),
    );
  container.on('disconnected', () => undefined);
  container.on('error', () => undefined);
  const server: Server = container.listen({ port: 0, host: '127.0.0.1' });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=test;SharedAccessKey=test;UseDevelopmentEmulator=true;`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
