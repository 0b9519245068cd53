import { agenda } from './agenda.js';
import { amqplib } from './amqplib.js';
import { beeQueue } from './bee-queue.js';
import { bull } from './bull.js';
import { bullmq, bullmqSandbox } from './bullmq.js';
import { graphileWorker } from './graphile-worker.js';
import { inngest } from './inngest.js';
import { kafkajs } from './kafkajs.js';
import { nats } from './nats.js';
import { pgBoss } from './pg-boss.js';
import { pubsub, pubsubMessage } from './pubsub.js';
import { croner, nodeCron, nodeSchedule } from './schedules.js';
import { serviceBus } from './service-bus.js';
import { socketIo, wsServer, wsSocket } from './sockets.js';
import { sqsConsumer } from './sqs-consumer.js';
import { temporal } from './temporal.js';
import type { Worker } from './worker.js';

export type { Worker } from './worker.js';

/** Every library whose jobs are followed: a new one is one entry here. */
export const WORKERS: readonly Worker[] = [
  agenda,
  amqplib,
  beeQueue,
  bull,
  bullmq,
  bullmqSandbox,
  croner,
  graphileWorker,
  inngest,
  kafkajs,
  ...nats,
  nodeCron,
  nodeSchedule,
  pgBoss,
  pubsub,
  pubsubMessage,
  serviceBus,
  socketIo,
  sqsConsumer,
  temporal,
  wsServer,
  wsSocket,
];

/** Whether what the loader knows is a worker: it says what calls are for, and makes none. */
export const isWorker = (entry: object): entry is Worker =>
  'readJob' in entry || 'exchange' in entry || 'endings' in entry;
