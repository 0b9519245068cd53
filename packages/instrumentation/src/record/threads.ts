import { subscribe } from 'node:diagnostics_channel';
import {
  BroadcastChannel,
  getEnvironmentData,
  isMainThread,
  type MessagePort,
  receiveMessageOnPort,
  setEnvironmentData,
} from 'node:worker_threads';
import type { SpanView } from '@costspan/aggregate';
import { guard } from '../diagnostics.js';
import type { Body } from './span-queue.js';

/** What comes from a worker thread. */
export interface HandedOver {
  /** What the thread's environment says of where its spans go: it may have one of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Finished spans, encoded. */
  readonly body?: Body;
  /** The thread has metrics to be served on that port, and a finished span of its own for them. */
  readonly metrics?: { readonly port: number; readonly span?: SpanView };
}
export type HandOver = (what: Omit<HandedOver, 'env'>) => void;

/** Where the main thread tells every worker that it collects, and the channel on which it does. */
const COLLECTS_KEY = 'costspan.collects.1';
const CHANNEL_NAME = 'costspan.spans.1';

/** The variables that decide where spans go and how. */
export function readRelevant(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const names = Object.keys(env).filter((name) => /^(?:OTEL|COSTSPAN)_/.test(name));
  return Object.fromEntries(names.sort().map((name) => [name, env[name] ?? '']));
}

/**
 * How a worker thread hands its spans over; `undefined` where it sends by itself: in the main thread, and where that
 * one does not collect. A worker can be terminated at any moment, and ends without a word with the main thread.
 */
export function findHandOver(env: NodeJS.ProcessEnv): HandOver | undefined {
  if (isMainThread || getEnvironmentData(COLLECTS_KEY) !== true) return undefined;
  const relevant = readRelevant(env);
  return (what) => {
    // Open for this one message only: an open channel would receive the other workers' as well.
    const channel = new BroadcastChannel(CHANNEL_NAME);
    channel.postMessage({ ...what, env: relevant } satisfies HandedOver);
    channel.close();
  };
}

let collector: Collector | undefined;

/** What the main thread does with what comes. */
export interface Collector {
  collect(handed: HandedOver): void;
  /** The process exits, and all that has come by now has been collected. */
  finish(): void;
}

/** Collects from worker threads, once in a process and in the main thread alone, from the first worker on. */
export function collectFromThreads(to: Collector): void {
  if (!isMainThread || getEnvironmentData(COLLECTS_KEY) === true) return;
  collector = to;
  setEnvironmentData(COLLECTS_KEY, true);
  subscribe('worker_threads', () => guard('collecting from threads', open));
}

let channel: BroadcastChannel | undefined;

function open(): void {
  if (channel !== undefined) return;
  channel = new BroadcastChannel(CHANNEL_NAME);
  channel.onmessage = (event) => collect((event as { data: HandedOver }).data);
  channel.unref();
  process.on('exit', () => {
    drainThreads();
    collector?.finish();
  });
}

/** Takes what has come and waits for the event loop. */
export function drainThreads(): void {
  if (channel === undefined) return;
  // Node takes one here, and its types do not say so.
  const port = channel as unknown as MessagePort;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    collect(next.message as HandedOver);
}

const collect = (handed: HandedOver): void => {
  guard('collecting from threads', () => collector?.collect(handed));
};
