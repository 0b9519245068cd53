import { guard } from './diagnostics.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs `finish` once when the process ends: by itself, by `process.exit`, by an uncaught exception, or by a signal
 * that the application does not listen for. How the process ends stays as it was: same code, same signal.
 */
export function onProcessEnd(finish: () => void): () => void {
  let isFinished = false;
  const finishOnce = (): void => {
    if (isFinished) return;
    isFinished = true;
    guard('finishing at exit', finish);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // With another listener there the application decides what the signal means; its exit will find us.
    if (process.listenerCount(signal) > 1) return;
    finishOnce();
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.on('exit', finishOnce);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    process.removeListener('exit', finishOnce);
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  };
}
