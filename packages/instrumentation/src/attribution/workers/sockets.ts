import type { IncomingMessage } from 'node:http';
import { templatePath } from '../route.js';
import type { Worker } from './worker.js';

/**
 * Messages over a connection that stays open, of which nobody tells when they have been answered: they are no tasks. What
 * the application does in its listeners runs while it is told of them.
 */

const MESSAGE = 'message';

/** Events of Socket.IO 3 and 4: those that its clients send. */
export const socketIo: Worker = {
  module: { package: 'socket.io', files: ['dist/socket'], exportName: 'Socket' },
  method: 'dispatch',
  readJob({ args: [packet] }) {
    const [event] = packet as readonly unknown[];
    return typeof event === 'string' ? { name: event } : undefined;
  },
};

/** The path that each connection of a server was opened at. */
const paths = new WeakMap<object, string>();

/** Connections to a server of ws 7 and 8. */
export const wsServer: Worker = {
  module: { package: 'ws', files: ['lib/websocket-server'], exportName: 'WebSocketServer' },
  method: 'completeUpgrade',
  exchange: ({ args }, observe) => [
    ...args.slice(0, -1),
    observe(args.at(-1), ({ args: [socket, request] }) => {
      const { url } = request as IncomingMessage;
      if (url !== undefined) paths.set(socket as object, templatePath(url));
      return undefined;
    }),
  ],
};

/** What they are sent. */
export const wsSocket: Worker = {
  module: { package: 'ws', files: ['lib/websocket'], exportName: 'WebSocket' },
  method: 'emit',
  readJob({ instance, args: [event] }) {
    const path = event === MESSAGE ? paths.get(instance) : undefined;
    return path === undefined ? undefined : { name: path };
  },
};
