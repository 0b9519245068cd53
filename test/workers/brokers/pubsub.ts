/** The answers of Google Pub/Sub to who pulls a subscription: two messages. */
import { createRequire } from 'node:module';
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Broker } from './broker.ts';

interface MessageType {
  encode(value: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  fromObject(value: object): object;
}

const require = createRequire(import.meta.url);
const { google } = require('@google-cloud/pubsub/build/protos/protos') as {
  google: { pubsub: { v1: Record<string, MessageType> }; protobuf: Record<string, MessageType> };
};

const define = (method: string, answer: MessageType, isStream = false) => {
  const request = google.pubsub.v1[`${method}Request`]!;
  return {
    path: `/google.pubsub.v1.Subscriber/${method}`,
    requestStream: isStream,
    responseStream: isStream,
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    requestSerialize: (value: object) => Buffer.from(request.encode(value).finish()),
    responseDeserialize: (bytes: Buffer) => answer.decode(bytes),
    responseSerialize: (value: object) => Buffer.from(answer.encode(answer.fromObject(value)).finish()),
  };
};

const EMPTY = google.protobuf.Empty!;
const SERVICE: ServiceDefinition = {
  pull: define('StreamingPull', google.pubsub.v1.StreamingPullResponse!, true),
  acknowledge: define('Acknowledge', EMPTY),
  modify: define('ModifyAckDeadline', EMPTY),
};

const receivedMessages = ['done', 'sent back'].map((messageId) => ({
  ackId: messageId,
  message: { messageId, data: Buffer.from(messageId), publishTime: { seconds: 1_761_955_200 } },
}));

interface Stream {
  write(value: object): void;
  end(): void;
  once(event: string, fn: () => void): void;
}

/** To the first of a client's streams. */
function createSubscriber(): UntypedServiceImplementation {
  const answerWithNothing = (_call: unknown, answer: (error: null, value: object) => void) =>
    answer(null, {});
  let isSent = false;
  return {
    pull(stream: Stream) {
      stream.once('data', () => {
        if (!isSent) stream.write({ receivedMessages });
        isSent = true;
      });
      stream.once('end', () => stream.end());
    },
    acknowledge: answerWithNothing,
    modify: answerWithNothing,
  };
}

export async function startPubsub(): Promise<Broker> {
  const server = new Server();
  server.addService(SERVICE, createSubscriber());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { url: `127.0.0.1:${port}`, close: async () => server.forceShutdown() };
}
