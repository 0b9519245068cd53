/**
 * A preload of the doctor's own, run before everything else in the application that it starts: it looks on and writes
 * what it sees, one JSON line each, to the file that the doctor named. It changes nothing and never throws.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isInternalThread, threadId } from 'node:worker_threads';
import type { ProbeEvent } from './probe-event.js';

/** Set by costspan's preload once it has started. */
const STARTED = Symbol.for('costspan.preload.1');
/** A bundle has few files, an application without one has thousands: enough of them are told. */
const MAX_FILES = 20_000;

const file = process.env.COSTSPAN_DOCTOR_FILE;
if (file !== undefined && !isInternalThread) start(file);

function start(path: string): void {
  const write = (event: ProbeEvent): void => {
    try {
      appendFileSync(path, `${JSON.stringify({ ...event, pid: process.pid })}\n`);
    } catch {
      // The doctor is gone; the application goes on.
    }
  };
  if (threadId === 0) write({ event: 'process', node: process.versions.node });
  const watchPreload = createPreloadWatch(write);
  // An application without a file of its own, `node -e`, finds none.
  setImmediate(watchPreload).unref();
  subscribe('costspan:sdk', (message) => write({ ...(message as object), event: 'sdk' } as ProbeEvent));
  subscribe('costspan:span', (message) => write({ ...(message as object), event: 'span' } as ProbeEvent));
  subscribe('costspan:export', (message) => write({ ...(message as object), event: 'export' } as ProbeEvent));
  if (typeof registerHooks === 'function') watchFiles(write, watchPreload);
}

/** Tells once that costspan's preload has run, when it is looked for and has. */
function createPreloadWatch(write: (event: ProbeEvent) => void): () => void {
  let isTold = false;
  return () => {
    if (isTold || !(STARTED in globalThis)) return;
    isTold = true;
    write({ event: 'preload' });
  };
}

/** Tells every file that the application finds, once, and whether costspan's preload had run by then. */
function watchFiles(write: (event: ProbeEvent) => void, watchPreload: () => void): void {
  const seen = new Set<string>();
  registerHooks({
    resolve(specifier, context, nextResolve) {
      watchPreload();
      const resolved = nextResolve(specifier, context);
      if (resolved.url.startsWith('file:') && !seen.has(resolved.url) && seen.size < MAX_FILES) {
        seen.add(resolved.url);
        const hasPreload = STARTED in globalThis;
        write({ event: 'file', url: resolved.url, hasPreload, isThread: threadId !== 0 });
      }
      return resolved;
    },
  });
}
