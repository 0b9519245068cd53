import { createServer } from 'node:net';

/** Below the ports that systems give out by themselves, so that nobody is given one before it is used. */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_000;
const count = LAST_PORT - FIRST_PORT;
let next = Math.floor(Math.random() * count);

/** A port of the loopback that nobody listens on, for programs that do not say which one they took; never the same twice. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    next = (next + 1) % count;
    if (await isFree(FIRST_PORT + next)) return FIRST_PORT + next;
  }
  throw new Error(`no port from ${FIRST_PORT} to ${LAST_PORT} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
