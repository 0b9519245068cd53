/** Libraries that run the application's functions for messages, jobs and schedules; the application sees no difference. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NODE_NAMES, type NodeName, REGISTER, repeatedIds, Stage } from '../preload/preload.ts';
import { requirePart, suffixOf } from '../real-parts.ts';
import { startAmqp } from './brokers/amqp.ts';
import type { Broker } from './brokers/broker.ts';
import { startNats } from './brokers/nats.ts';
import { startPostgres } from './brokers/postgres.ts';
import { startPubsub } from './brokers/pubsub.ts';
import { startRedis } from './brokers/redis.ts';
import { startServiceBus } from './brokers/service-bus.ts';
import { startSqs } from './brokers/sqs.ts';

const here = dirname(fileURLToPath(import.meta.url));
const redis = requirePart('redis-server');

/** Of OpenTelemetry's own, with nothing that asks where it runs. */
const ONLY_TRACES = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
};

const BROKERS = {
  amqp: startAmqp,
  nats: startNats,
  postgres: startPostgres,
  pubsub: startPubsub,
  redis: () => startRedis(redis.path ?? ''),
  'service-bus': startServiceBus,
  sqs: startSqs,
  none: async (): Promise<Broker> => ({ url: '', close: async () => undefined }),
};

interface Case {
  readonly app: string;
  /** Oldest and newest. */
  readonly names: readonly string[];
  readonly broker: keyof typeof BROKERS;
  /** `feature task outcome` of every task, by its last word; and what calls outside of any are for. */
  readonly tasks: readonly string[];
  readonly calls?: readonly string[];
  /** The library ends what it has started: a span whose post is not answered by then is posted again. */
  readonly isCutOff?: true;
}

const CASES: readonly Case[] = [
  {
    app: 'bullmq',
    names: ['bullmq-5', 'bullmq'],
    broker: 'redis',
    // The second attempt, which succeeds, makes no call.
    tasks: [
      'emails process broken: failure exception',
      'emails process remind: success job',
      'emails process welcome: success job',
    ],
  },
  {
    app: 'bullmq-sandbox',
    names: ['bullmq'],
    broker: 'redis',
    tasks: ['boxed process process: success job', 'boxed process thread: success job'],
    isCutOff: true,
  },
  {
    app: 'bull',
    names: ['bull'],
    broker: 'redis',
    tasks: [
      'reports process again: success job',
      'reports process calls-back: failure exception',
      'reports process reports: success job',
    ],
  },
  {
    app: 'bee-queue',
    names: ['bee-queue'],
    broker: 'redis',
    tasks: [
      'bees process bees: failure exception',
      'bees process bees: success job',
      'bees process bees: success job',
    ],
  },
  {
    app: 'pg-boss',
    names: ['pg-boss-10', 'pg-boss'],
    broker: 'postgres',
    tasks: ['tickets process tickets: success job', 'tickets process tickets: success job'],
  },
  {
    app: 'graphile-worker',
    names: ['graphile-worker'],
    broker: 'postgres',
    tasks: [
      'digest process digest: failure exception',
      'digest process digest: open',
      'digest process digest: success job',
    ],
  },
  {
    app: 'sqs-consumer',
    names: ['sqs-consumer'],
    broker: 'sqs',
    tasks: [
      'digests process digests: success job',
      'tickets process tickets: failure exception',
      'tickets process tickets: success job',
    ],
  },
  {
    app: 'amqplib',
    names: ['amqplib'],
    broker: 'amqp',
    tasks: [
      'logs process logs: success job',
      'mails process mails: success job',
      'orders process orders: failure exception',
      'orders process orders: success job',
    ],
  },
  {
    app: 'kafkajs',
    names: ['kafkajs'],
    broker: 'none',
    // The message that comes again is the same task.
    tasks: [
      'orders process orders: success job',
      'orders process orders: success job',
      'payments process payments: success job',
    ],
  },
  {
    app: 'nats',
    names: ['nats', '@nats-io/transport-node'],
    broker: 'nats',
    tasks: [
      'ORDERS process ORDERS: failure exception',
      'ORDERS process ORDERS: success job',
      'orders.* process orders.*: success job',
      'questions process questions: success job',
    ],
  },
  {
    app: 'service-bus',
    names: ['@azure/service-bus'],
    broker: 'service-bus',
    tasks: [
      'mails process mails: failure exception',
      'mails process mails: success job',
      'orders process orders: failure exception',
      'orders process orders: success job',
    ],
  },
  {
    app: 'agenda',
    names: ['agenda'],
    broker: 'none',
    tasks: [
      'calls-back calls-back: failure exception',
      'digest digest: success job',
      'welcome welcome: success job',
    ],
  },
  {
    app: 'agenda-older',
    names: ['agenda-5'],
    broker: 'none',
    tasks: [
      'calls-back calls-back: success job',
      'digest digest: failure exception',
      'welcome welcome: success job',
    ],
  },
  {
    app: 'schedules',
    names: ['croner', 'node-schedule'],
    broker: 'none',
    tasks: ['nightly nightly: success job', 'sweep sweep: success job'],
  },
  {
    app: 'schedules',
    names: ['node-cron'],
    broker: 'none',
    tasks: ['* * * * * * * * * * * *: success job', 'nightly nightly: success job'],
  },
  {
    app: 'inngest',
    names: ['inngest'],
    broker: 'none',
    tasks: ['digest digest: failure exception', 'digest digest: success job'],
  },
  {
    app: 'pubsub',
    names: ['@google-cloud/pubsub'],
    broker: 'pubsub',
    tasks: ['tickets process tickets: failure exception', 'tickets process tickets: success job'],
  },
  {
    app: 'sockets',
    names: ['sockets'],
    broker: 'none',
    tasks: [],
    calls: ['/chat/:id', 'question', 'question'],
  },
];

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

/** Each task by its id: what it is for and how it ended, by what came last. */
function readTasks(): string[] {
  const tasks = new Map<unknown, string>();
  const spans = [...stage.sink.spans].sort((a, b) => a.endMs - b.endMs);
  for (const { name, attributes } of spans) {
    if (!name.startsWith('task ')) continue;
    const id = attributes['costspan.task.id'];
    const outcome = attributes['costspan.task.outcome'];
    const told = outcome === undefined ? 'open' : `${outcome} ${attributes['costspan.task.outcome.source']}`;
    const label =
      tasks.get(id)?.split(': ')[0] ??
      `${attributes['costspan.feature']} ${attributes['costspan.task.name']}`;
    tasks.set(id, `${label}: ${told}`);
  }
  return [...tasks.values()].sort();
}

async function compare(
  { app, broker, tasks, calls, isCutOff }: Case,
  launch: { name: string; format: string; node?: NodeName },
): Promise<void> {
  const { name, format, node = '24' } = launch;
  const run = async (flags?: readonly string[]) => {
    const { url, close } = await BROKERS[broker]();
    try {
      return await stage.run({
        app: [join(here, 'working.mjs'), app, name, format],
        cwd: here,
        node,
        env: { BROKER_URL: url },
        ...(flags === undefined ? {} : { flags }),
      });
    } finally {
      await close();
    }
  };
  const without = await run([]);
  expect(without).toMatchObject({ exitCode: 0, stderr: '' });
  expect(without.stdout).not.toBe('');
  expect(await run()).toEqual(without);
  if (isCutOff !== true) expect(repeatedIds(stage.sink.spans)).toEqual([]);
  expect(readTasks()).toEqual(tasks);
  if (calls === undefined) return;
  const features = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
  expect(features.sort()).toEqual(calls);
}

describe.each(CASES)('$app $names', (one) => {
  const part = one.broker === 'redis' ? redis : undefined;
  const suffix = part === undefined ? '' : suffixOf(part);
  // PostgreSQL in WebAssembly takes its time, and what it brings is loaded either way in other cases.
  const formats = one.broker === 'postgres' ? ['import'] : ['import', 'require'];
  const launches = one.names.flatMap((name) => formats.map((format) => ({ name, format })));
  it.skipIf(part?.skipReason !== undefined).each(launches)(`$name by $format${suffix}`, (launch) =>
    compare(one, launch),
  );
});

it.each(NODE_NAMES)('on Node %s', (node) => {
  const one = CASES.find(({ app }) => app === 'amqplib')!;
  return compare(one, { name: 'amqplib', format: 'import', node });
});

it('with the instrumentation of OpenTelemetry around it, is one task still', async () => {
  const { url, close } = await startAmqp();
  const { exitCode, stderr } = await stage.run({
    app: [join(here, 'working.mjs'), 'amqplib', 'amqplib', 'require'],
    flags: ['--require', '@opentelemetry/auto-instrumentations-node/register', '--require', REGISTER],
    cwd: here,
    env: { BROKER_URL: url, ...ONLY_TRACES },
  });
  await close();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const { tasks } = CASES.find(({ app }) => app === 'amqplib')!;
  expect(readTasks()).toEqual(tasks);
  const consumers = stage.sink.spans.filter(({ name }) => name.endsWith(' process'));
  const parents = stage.taskSpans().map(({ parentSpanId }) => parentSpanId);
  expect(consumers.map(({ spanId }) => spanId).sort()).toEqual(parents.sort());
});
