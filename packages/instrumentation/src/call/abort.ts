import { setImmediate } from '../timers.js';
import type { Call } from './call.js';

const NodeAbortSignal = AbortSignal;
const { any } = NodeAbortSignal;
/** One for each signal of the application's: some Nodes keep as long as that lives whatever has ever followed it. */
const followers = new WeakMap<AbortSignal, AbortSignal>();

/** A signal that follows one of the application's, which may count who listens to its own. */
export function follow(signal: AbortSignal): AbortSignal {
  let follower = followers.get(signal);
  if (follower === undefined) {
    follower = createFollower(signal);
    followers.set(signal, follower);
  }
  return follower;
}

function createFollower(signal: AbortSignal): AbortSignal {
  try {
    return any.call(NodeAbortSignal, [signal]);
  } catch {
    // Not one of Node's: the application has put a class of its own in place of Node's.
    return signal;
  }
}

/**
 * Runs `fn` in the turn after `signal` is aborted, which may be this one: what has arrived by then ends by itself, and
 * tells more. Gives back the end of the watch. Keeps no process alive; Node sets no limit to how many watch one signal.
 */
export function afterAbort(signal: AbortSignal, fn: () => void): () => void {
  const onAbort = (): void => {
    setImmediate(fn).unref();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/**
 * Ends a call whose answer is read piece by piece when the application aborts it: nobody may read on. Gives back the
 * end of the watch, which is to come with the end of the call.
 */
export function endCallAtAbort(call: Call, signal: AbortSignal): () => void {
  return afterAbort(signal, () => call.abort());
}
