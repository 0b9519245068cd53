/** A stand-in of a NATS server, as far as its clients ask: subjects, and one JetStream consumer with two messages. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Broker } from './broker.ts';

const CRLF = '\r\n';
const INFO = {
  server_id: 'stand-in',
  server_name: 'stand-in',
  version: '2.10.0',
  proto: 1,
  headers: true,
  jetstream: true,
  max_payload: 1_048_576,
};
const CONSUMER = {
  type: 'io.nats.jetstream.api.v1.consumer_info_response',
  stream_name: 'ORDERS',
  name: 'mailer',
  created: '2026-11-01T00:00:00Z',
  config: { durable_name: 'mailer', ack_policy: 'explicit', deliver_policy: 'all', max_ack_pending: 1000 },
  delivered: { consumer_seq: 0, stream_seq: 0 },
  ack_floor: { consumer_seq: 0, stream_seq: 0 },
  num_pending: 2,
  num_redelivered: 0,
  num_waiting: 0,
  num_ack_pending: 0,
};
const MESSAGES = ['done', 'rejected'];
const API = '$JS.API.';

class Session {
  readonly #socket: Socket;
  readonly #subjects = new Map<string, string>();
  #buffer = '';
  #isServed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (data) => this.#read(data.toString('latin1')));
    socket.write(`INFO ${JSON.stringify(INFO)}${CRLF}`);
  }

  #read(text: string): void {
    this.#buffer += text;
    for (let end = this.#buffer.indexOf(CRLF); end !== -1; end = this.#buffer.indexOf(CRLF)) {
      const [operation = '', ...parts] = this.#buffer.slice(0, end).split(' ');
      let next = end + CRLF.length;
      if (operation === 'PUB' || operation === 'HPUB') {
        const bytes = Number(parts.at(-1));
        if (this.#buffer.length < next + bytes + CRLF.length) return;
        const payload = this.#buffer.slice(next, next + bytes);
        next += bytes + CRLF.length;
        const isAnswered = parts.length === (operation === 'PUB' ? 3 : 4);
        this.#publish(parts[0]!, isAnswered ? parts[1]! : '', payload);
      } else if (operation === 'PING') this.#socket.write(`PONG${CRLF}`);
      else if (operation === 'SUB') this.#subjects.set(parts.at(-1)!, parts[0]!);
      this.#buffer = this.#buffer.slice(next);
    }
  }

  #publish(subject: string, reply: string, payload: string): void {
    if (subject.startsWith(`${API}CONSUMER.INFO.`)) this.#deliver(reply, '', JSON.stringify(CONSUMER));
    else if (subject.startsWith(`${API}CONSUMER.MSG.NEXT.`)) this.#serve(reply);
    else if (!subject.startsWith('$JS.')) this.#deliver(subject, reply, payload);
  }

  #serve(inbox: string): void {
    if (this.#isServed) return;
    this.#isServed = true;
    MESSAGES.forEach((text, index) => {
      const sequence = index + 1;
      const ack = `$JS.ACK.ORDERS.mailer.1.${sequence}.${sequence}.1761955200000000000.0`;
      this.#deliver(inbox, ack, text, 'orders.new');
    });
  }

  #deliver(to: string, reply: string, payload: string, subject = to): void {
    for (const [sid, subscribed] of this.#subjects) {
      const form = subscribed.replaceAll('.', '\\.').replaceAll('$', '\\$');
      const pattern = new RegExp(`^${form.replaceAll('*', '[^.]+').replace('>', '.+')}$`);
      if (!pattern.test(to)) continue;
      const head = ['MSG', subject, sid, ...(reply === '' ? [] : [reply]), payload.length].join(' ');
      this.#socket.write(`${head}${CRLF}${payload}${CRLF}`);
    }
  }
}

export async function startNats(): Promise<Broker> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    new Session(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
