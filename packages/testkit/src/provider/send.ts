import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../json.js';
import type { Delivery, WireReply } from './reply.js';

/** How far a reply came. `whole`: every byte was handed to the socket and the client had not gone. */
export interface Sent {
  readonly delivery: 'none' | 'cut' | 'whole';
  readonly eventsSent: number;
  /** The provider's usage object as the client can know it from the events that were sent. */
  readonly usageSent?: JsonObject;
}

/** Writes a reply onto the socket, event by event, with the delays and the break its delivery asks for. */
export async function sendReply(
  response: ServerResponse,
  wire: WireReply,
  delivery: Delivery = {},
): Promise<Sent> {
  let usageSent: JsonObject | undefined;
  let eventsSent = 0;
  const sent = (how: Sent['delivery']): Sent => ({
    delivery: how,
    eventsSent,
    ...(usageSent === undefined ? {} : { usageSent }),
  });
  const closed = waitForClose(response);
  await pause(delivery.delayMs, closed);
  if (response.destroyed) return sent('none');
  response.writeHead(wire.status, wire.headers);
  response.flushHeaders();
  const uncork = delivery.isAtOnce === true ? cork(response) : undefined;
  for (const [index, event] of wire.events.entries()) {
    if (index > 0) await pause(readPauseMs(delivery, index), closed);
    if (response.destroyed) return sent('cut');
    if (delivery.interrupt?.after === index) {
      await breakOff(response, delivery.interrupt.by, { errorEvent: wire.errorEvent, closed });
      return sent('cut');
    }
    // A slow reader must slow the writer down, or "the client received it" would say nothing.
    if (!response.write(event.bytes)) await Promise.race([waitForDrain(response), closed]);
    eventsSent += 1;
    usageSent = event.usage ?? usageSent;
  }
  uncork?.();
  response.end();
  await closed;
  return sent(response.writableFinished ? 'whole' : 'cut');
}

/** Holds back what is written, for one write; a response alone hands its socket the held events one by one. */
function cork(response: ServerResponse): () => void {
  const { socket } = response;
  socket?.cork();
  response.cork();
  return () => {
    response.uncork();
    socket?.uncork();
  };
}

const readPauseMs = ({ pause: long, chunkDelayMs }: Delivery, index: number): number | undefined =>
  long?.after === index ? long.pauseMs : chunkDelayMs;

async function breakOff(
  response: ServerResponse,
  by: 'reset' | 'end' | 'error' | 'hang',
  { errorEvent, closed }: { errorEvent: string | undefined; closed: Promise<void> },
): Promise<void> {
  if (by === 'hang') return closed;
  if (by === 'reset') {
    // Let the bytes written so far leave the process first, or the client would see an earlier cut.
    await sleep(5);
    response.destroy();
    return;
  }
  if (by === 'error' && errorEvent !== undefined) response.write(errorEvent);
  response.end();
  await closed;
}

function waitForClose(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}

function waitForDrain(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
  });
}

async function pause(durationMs: number | undefined, closed: Promise<void>): Promise<void> {
  if (durationMs === undefined || durationMs <= 0) return;
  const controller = new AbortController();
  const slept = sleep(durationMs, undefined, { signal: controller.signal }).catch(() => undefined);
  await Promise.race([slept, closed]);
  controller.abort();
}
