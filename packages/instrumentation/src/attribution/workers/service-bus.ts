import type { Worker } from './worker.js';

interface Handlers {
  readonly processMessage?: unknown;
  readonly processError?: unknown;
}

/** `news/Subscriptions/mail` is of the topic, `orders/$DeadLetterQueue` of the queue. */
const PART = /\/(?:Subscriptions\/|\$).*$/i;

/** Receivers of Azure Service Bus 7, with sessions and without. */
export const serviceBus: Worker = {
  module: {
    package: '@azure/service-bus',
    files: ['dist/index'],
    exportName: ['ServiceBusReceiverImpl', 'ServiceBusSessionReceiverImpl'],
  },
  method: 'subscribe',
  exchange({ args: [given, options, ...rest], instance }, observe) {
    const handlers = given as Handlers;
    const { entityPath } = instance as { entityPath?: unknown };
    const { processMessage, processError } = handlers;
    if (typeof processMessage !== 'function' || typeof entityPath !== 'string')
      return [given, options, ...rest];
    const { autoCompleteMessages = true } = (options ?? {}) as { autoCompleteMessages?: unknown };
    // Bound, since they are called as methods of another object now.
    const observed = observe(processMessage.bind(handlers), ({ args: [message] }) => {
      const { messageId: id } = message as { messageId?: unknown };
      return {
        kind: 'messaging',
        name: entityPath.replace(PART, ''),
        key: id === undefined ? undefined : [entityPath, id],
        message: autoCompleteMessages === false ? (message as object) : undefined,
      };
    });
    const own = {
      processMessage: { value: observed, enumerable: true },
      ...(typeof processError === 'function' && {
        processError: { value: processError.bind(handlers), enumerable: true },
      }),
    };
    return [Object.create(given as object, own), options, ...rest];
  },
  endings: {
    completeMessage: 'done',
    abandonMessage: 'rejected',
    deferMessage: 'rejected',
    deadLetterMessage: 'rejected',
  },
};
