import { isMainThread } from 'node:worker_threads';
import { guard } from './diagnostics.js';
import { setImmediate } from './timers.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Runs `finish` once when the process ends: by itself, by `process.exit`, by an uncaught exception, or by a signal
 * that the application does not listen for. How the process ends stays as it was: same code, same signal.
 */
export function onProcessEnd(finish: (isCrash: boolean) => void): void {
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
  if (isMainThread) for (const signal of SIGNALS) listenWhileAlone(signal, finishOnce);
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

/**
 * Listens for a signal only as long as nobody else does: with a listener of its own the application decides what the
 * signal means, and its exit finds us. Packages such as signal-exit end the process themselves when theirs are the
 * only listeners, so ours must not even be counted beside them.
 */
function listenWhileAlone(signal: Signal, finish: () => void): void {
  let isEnding = false;
  const onSignal = (): void => {
    isEnding = true;
    finish();
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  };
  const settle = (): void => {
    const listeners = process.listeners(signal);
    const isListening = listeners.includes(onSignal);
    const isAlone = listeners.length === (isListening ? 1 : 0);
    if (isAlone && !isListening && !isEnding) process.on(signal, onSignal);
    if (!isAlone && isListening) process.removeListener(signal, onSignal);
  };
  process.on('newListener', (event, listener) => {
    // The new one is not there yet, and without any Node would stop catching the signal.
    if (event === signal && listener !== onSignal) process.nextTick(settle);
  });
  process.on('removeListener', (event, listener) => {
    // At once: a package that gives up its listener may send the signal again right away.
    if (event === signal && listener !== onSignal) settle();
  });
  settle();
}
