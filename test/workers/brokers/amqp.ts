/** As much of RabbitMQ as hands each message that is published to the consumers of its queue, in its own protocol. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { Broker } from './broker.ts';

const require = createRequire(import.meta.url);
/** The protocol as the library itself writes and reads it. */
const defs = require(join(dirname(require.resolve('amqplib')), 'lib', 'defs.js')) as Record<
  string,
  number
> & {
  encodeMethod(id: number, channel: number, fields: object): Buffer;
  encodeProperties(id: number, channel: number, size: number, fields: object): Buffer;
  decode(id: number, body: Buffer): Record<string, string>;
};

const METHOD = 1;
const BODY = 3;
const HEADER_BYTES = 8;
const FRAME_HEAD_BYTES = 7;
const FRAME_END = 0xce;
const CHANNEL_MAX = 100;
const FRAME_MAX = 131_072;

/** What is answered to a method with which nothing else is done: its name less the end, and the fields. */
const ANSWERS: Readonly<Record<string, readonly [string, object]>> = {
  ConnectionStartOk: ['ConnectionTune', { channelMax: CHANNEL_MAX, frameMax: FRAME_MAX, heartbeat: 0 }],
  ConnectionOpen: ['ConnectionOpenOk', {}],
  ConnectionClose: ['ConnectionCloseOk', {}],
  ChannelOpen: ['ChannelOpenOk', {}],
};

class Session {
  readonly #socket: Socket;
  readonly #names: ReadonlyMap<number, string>;
  #unread = Buffer.alloc(0);
  #isGreeted = false;
  #published: Record<string, string> | undefined;
  #deliveries = 0;
  #queues = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const entries: [string, unknown][] = Object.entries(defs);
    this.#names = new Map(entries.flatMap(([name, id]) => (typeof id === 'number' ? [[id, name]] : [])));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    if (!this.#isGreeted) {
      if (this.#unread.length < HEADER_BYTES) return;
      this.#unread = this.#unread.subarray(HEADER_BYTES);
      this.#isGreeted = true;
      const start = { versionMajor: 0, versionMinor: 9, serverProperties: {} };
      this.#send('ConnectionStart', 0, {
        ...start,
        mechanisms: Buffer.from('PLAIN'),
        locales: Buffer.from('en_US'),
      });
    }
    while (this.#unread.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + this.#unread.readUInt32BE(3);
      if (this.#unread.length <= end) return;
      this.#receive(
        this.#unread[0]!,
        this.#unread.readUInt16BE(1),
        this.#unread.subarray(FRAME_HEAD_BYTES, end),
      );
      this.#unread = this.#unread.subarray(end + 1);
    }
  }

  #receive(type: number, channel: number, body: Buffer): void {
    if (type === BODY) this.#deliver(channel, body);
    if (type !== METHOD) return;
    const id = body.readUInt32BE(0);
    const name = this.#names.get(id) ?? '';
    const fields = defs.decode(id, body.subarray(4));
    const answer = ANSWERS[name];
    if (answer !== undefined) this.#send(answer[0], channel, answer[1]);
    if (name === 'BasicPublish') this.#published = fields;
    // A consumer has the name of its queue.
    if (name === 'BasicConsume') this.#send('BasicConsumeOk', channel, { consumerTag: fields.queue });
    if (name !== 'QueueDeclare') return;
    this.#queues += 1;
    const queue = fields.queue || `amq.gen-${this.#queues}`;
    this.#send('QueueDeclareOk', channel, { queue, messageCount: 0, consumerCount: 0 });
  }

  #deliver(channel: number, content: Buffer): void {
    const { exchange, routingKey } = this.#published ?? {};
    this.#deliveries += 1;
    const delivery = { consumerTag: routingKey, deliveryTag: this.#deliveries, redelivered: false };
    this.#send('BasicDeliver', channel, { ...delivery, exchange, routingKey });
    this.#socket.write(defs.encodeProperties(defs.BasicProperties!, channel, content.length, {}));
    const head = Buffer.alloc(FRAME_HEAD_BYTES);
    head[0] = BODY;
    head.writeUInt16BE(channel, 1);
    head.writeUInt32BE(content.length, 3);
    this.#socket.write(Buffer.concat([head, content, Buffer.from([FRAME_END])]));
  }

  #send(method: string, channel: number, fields: object): void {
    this.#socket.write(defs.encodeMethod(defs[method]!, channel, fields));
  }
}

export async function startAmqp(): Promise<Broker> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    new Session(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `amqp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
