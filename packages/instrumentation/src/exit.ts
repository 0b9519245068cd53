import { EventEmitter } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { guard, warnOperator } from './diagnostics.js';
import { clearInterval, nextTick, setImmediate, setInterval } from './timers.js';

/** What ends a process that does not listen for it: a manager, the terminal, nodemon. Windows knows only the first two. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const;
type Signal = (typeof SIGNALS)[number];
const WINDOWS_SIGNALS = 2;
/** Node's own: who hides a listener, as tsx does to end the process where nothing else listens, replaces that of `process`. */
const { listeners: readListeners } = EventEmitter.prototype;
/** How often a look is taken whether there is still something to lose. */
const LOOK_INTERVAL_MS = 1_000;

/** What is to be done at the end of the process. */
export interface Finish {
  finish(isCrash: boolean): void;
  /** Whether `finish` would have anything to do. */
  isNeeded(): boolean;
}

/**
 * Runs `finish` once when the process ends: by itself, by `process.exit`, by an uncaught exception, or by a signal
 * that the application does not listen for. How the process ends stays as it was: same code, same signal.
 *
 * Who listens for a signal takes from Node that it ends a process at once, however busy it is. So signals are listened
 * for only while there is something to lose: call what is returned whenever there may be.
 */
export function onProcessEnd({ finish, isNeeded }: Finish): () => void {
  let isFinished = false;
  let isCrash = false;
  const finishOnce = (): void => {
    if (isFinished) return;
    isFinished = true;
    guard('finishing at exit', () => finish(isCrash));
  };
  // Only looks on. An application that handles the exception lives on, and its end is then no crash.
  process.on('uncaughtExceptionMonitor', () => {
    isCrash = true;
    setImmediate(() => {
      isCrash = false;
    }).unref();
  });
  process.on('exit', finishOnce);
  // Signals reach the main thread alone.
  return isMainThread ? listenWhile(isNeeded, finishOnce) : () => undefined;
}

/** Node's permission model may forbid threads. */
export function mayStartThreads(): boolean {
  const { permission } = process as { permission?: NodeJS.ProcessPermission };
  return permission === undefined || permission.has('worker');
}

/**
 * An ending process's event loop turns no more, so only another thread can post what has not arrived and wait for the
 * answer; without one it is written to a connection that is open, if one is.
 */
export function warnOfForbiddenThreads(): void {
  if (mayStartThreads()) return;
  warnOperator(
    'COSTSPAN_PERMISSION',
    'costspan may start no thread under --permission: where no connection to the receiver is open, spans of the last ' +
      'seconds are lost when the process ends by process.exit(), a signal or an exception. Fix: add --allow-worker, or ' +
      'await forceFlush() of @costspan/api before the end.',
  );
}

/** Listens for signals from each call of what it returns until `isNeeded` says no. */
function listenWhile(isNeeded: () => boolean, finish: () => void): () => void {
  const watch = new SignalWatch(finish);
  return () => {
    if (watch.isWanted) return;
    watch.setWanted(true);
    const stopWhereNothingIsLeft = (): void => {
      if (isNeeded()) return;
      clearInterval(timer);
      watch.setWanted(false);
    };
    // A signal that has come while the loop was blocked is handed over after the timers: by then nobody must have left.
    const timer = setInterval(() => {
      if (!isNeeded()) setImmediate(stopWhereNothingIsLeft).unref();
    }, LOOK_INTERVAL_MS);
    timer.unref();
  };
}

/**
 * Listens for each signal only as long as nobody else does: with a listener of its own the application decides what
 * the signal means, and its exit finds us. Packages such as signal-exit end the process themselves when theirs are the
 * only listeners, so ours must not even be counted beside them.
 */
class SignalWatch {
  isWanted = false;
  readonly #listeners: ReadonlyMap<unknown, () => void>;

  constructor(finish: () => void) {
    const names: readonly Signal[] =
      process.platform === 'win32' ? SIGNALS.slice(0, WINDOWS_SIGNALS) : SIGNALS;
    this.#listeners = new Map(
      names.map((signal) => {
        const onSignal = (): void => {
          finish();
          // No more: what the application still listens for comes from now on to it alone.
          this.setWanted(false);
          process.kill(process.pid, signal);
        };
        return [signal, onSignal];
      }),
    );
    process.on('newListener', (event, listener) => {
      // The new one is not there yet, and without any Node would stop catching the signal.
      if (this.#isOthers(event, listener)) nextTick(() => this.#settle(event));
    });
    process.on('removeListener', (event, listener) => {
      // At once: a package that gives up its listener may send the signal again right away.
      if (this.#isOthers(event, listener)) this.#settle(event);
    });
  }

  setWanted(isWanted: boolean): void {
    this.isWanted = isWanted;
    for (const signal of this.#listeners.keys()) guard('listening for signals', () => this.#settle(signal));
  }

  #isOthers(event: unknown, listener: unknown): boolean {
    const ours = this.#listeners.get(event);
    return ours !== undefined && listener !== ours;
  }

  #settle(event: unknown): void {
    const signal = event as Signal;
    const ours = this.#listeners.get(signal)!;
    const listeners = readListeners.call(process, signal);
    const isListening = listeners.includes(ours);
    const shallListen = this.isWanted && listeners.length === (isListening ? 1 : 0);
    if (shallListen && !isListening) process.on(signal, ours);
    if (!shallListen && isListening) process.removeListener(signal, ours);
  }
}

/**
 * Runs `flush` when the process has nothing more to do and would end: what it starts may still come to its end. Node
 * asks once more after every such work, so with a listener of the application's beside, which would then be called
 * twice, nothing is done here and the exit sees to it.
 */
export function onProcessIdle(flush: () => void): void {
  process.on('beforeExit', () => {
    if (process.listenerCount('beforeExit') === 1) guard('flushing', flush);
  });
}
