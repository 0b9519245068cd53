import type { Worker } from './worker.js';

interface Subscription {
  readonly subject: string;
  readonly noIterator?: unknown;
  callback: unknown;
  readonly protocol?: { readonly options?: { readonly inboxPrefix?: string } };
}

/** Subjects that answers come to, and what the client itself asks for, which it passes on. */
const INBOX = '_INBOX';

const subscriptions: Omit<Worker, 'module'> = {
  method: 'add',
  exchange({ args: [subscribed, ...rest] }, observe) {
    const subscription = subscribed as Subscription;
    const { subject, noIterator, protocol } = subscription;
    const prefix = protocol?.options?.inboxPrefix ?? INBOX;
    if (noIterator === true && !subject.startsWith(`${prefix}.`))
      subscription.callback = observe(subscription.callback, ({ args: [error, message] }) =>
        error || message === undefined ? undefined : { kind: 'messaging', name: subject },
      );
    return [subscribed, ...rest];
  },
};

interface Consumer {
  readonly stream?: unknown;
  readonly name?: unknown;
  readonly _info?: { readonly config?: { readonly ack_policy?: unknown } };
}

const consumers: Omit<Worker, 'module'> = {
  method: 'consume',
  exchange({ args, instance }, observe) {
    const [options, ...rest] = args;
    const { callback } = (options ?? {}) as { callback?: unknown };
    const { stream, name, _info: info } = instance as Consumer;
    if (typeof callback !== 'function' || typeof stream !== 'string') return args;
    const isAcknowledged = info?.config?.ack_policy !== 'none';
    const observed = observe(callback, ({ args: [message] }) => ({
      kind: 'messaging',
      name: stream,
      key: [stream, name, (message as { seq: unknown }).seq],
      message: isAcknowledged ? (message as object) : undefined,
    }));
    return [{ ...(options as object), callback: observed }, ...rest];
  },
};

const message: Pick<Worker, 'endings'> = {
  endings: { ack: 'done', ackAck: 'done', nak: 'rejected', term: 'rejected' },
};

const CONSUMERS = ['PullConsumerImpl', 'PushConsumerImpl'];

/** Callbacks of NATS 2 and 3; what the application iterates by itself nobody sees. JetStream's end as they are acknowledged. */
export const nats: readonly Worker[] = [
  {
    ...subscriptions,
    module: { package: 'nats', files: ['lib/nats-base-client/protocol'], exportName: 'Subscriptions' },
  },
  {
    ...subscriptions,
    module: { package: '@nats-io/nats-core', files: ['lib/protocol'], exportName: 'Subscriptions' },
  },
  { ...consumers, module: { package: 'nats', files: ['lib/jetstream/consumer'], exportName: CONSUMERS } },
  {
    ...consumers,
    module: {
      package: '@nats-io/jetstream',
      files: ['lib/consumer', 'lib/pushconsumer'],
      exportName: CONSUMERS,
    },
  },
  { ...message, module: { package: 'nats', files: ['lib/jetstream/jsmsg'], exportName: 'JsMsgImpl' } },
  { ...message, module: { package: '@nats-io/jetstream', files: ['lib/jsmsg'], exportName: 'JsMsgImpl' } },
];
