import type { Call } from './call.js';

/**
 * Runs `fn` in the turn after `signal` is aborted: what has arrived by then ends by itself, and tells more. Gives back
 * the end of the watch. Keeps no process alive; Node sets no limit to how many watch one signal.
 */
export function afterAbort(signal: AbortSignal, fn: () => void): () => void {
  const onAbort = (): void => {
    setImmediate(fn).unref();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/** Ends a call whose answer is a stream when the application aborts it: nobody may read on. */
export function endCallAtAbort(call: Call): void {
  if (call.signal !== undefined) call.onceSettled(afterAbort(call.signal, () => call.abort()));
}
