/** A real Redis, with nothing in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort, PATIENCE_MS } from '@costspan/testkit';
import type { Broker } from './broker.ts';

const POLL_MS = 20;

export async function startRedis(program: string): Promise<Broker> {
  const port = await findFreePort();
  const server = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'ignore',
  });
  const ended = once(server, 'exit');
  const close = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
  };
  for (let left = PATIENCE_MS; left > 0; left -= POLL_MS) {
    if (await accepts(port)) return { url: `redis://127.0.0.1:${port}`, close };
    await sleep(POLL_MS);
  }
  await close();
  throw new Error(`${program} takes no connection`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
