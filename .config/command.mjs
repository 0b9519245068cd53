// A command that ends with whoever has started it. Plain JavaScript, no dependency, from Node 18 on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_PAUSE_MS = 500;

/**
 * Runs a command to its end; what it prints is shown. A signal to this process is handed on, and so is the loss of its
 * parent: npm ends the shell that it has started, and no shell hands on what ends it.
 * @returns its exit code, or that of its signal, and whether it was told to stop.
 */
export function runCommand(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const parent = process.ppid;
  let isStopped = false;
  const stop = (signal) => {
    isStopped = true;
    // Ctrl-C has reached it already: a terminal sends it to all, and a second one is an order to leave all as it is.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const timer = setInterval(() => {
    if (process.ppid !== parent && !isStopped) stop('SIGTERM');
  }, PARENT_PAUSE_MS);
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve({ exitCode: code ?? 128 + constants.signals[signal], isStopped }),
    );
  }).finally(() => {
    clearInterval(timer);
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  });
}
