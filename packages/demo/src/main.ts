#!/usr/bin/env node
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDemoArguments, USAGE } from './arguments.js';
import { runDemo } from './demo.js';
import { Cleanup } from './stack/cleanup.js';

/** Ctrl-C, a supervisor, a terminal that is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** By when a signal that has ended a part is known here too. */
const SIGNAL_DELAY_MS = 100;

/** Runs the demo and stops what it started, however it ends: done, failed, or by one of {@link STOP_SIGNALS}. */
async function main(): Promise<number> {
  let options: ReturnType<typeof parseDemoArguments>;
  try {
    options = parseDemoArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`costspan demo: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (options.isHelp) {
    console.log(USAGE);
    return 0;
  }
  const cleanup = new Cleanup();
  const stop = new AbortController();
  let signalNumber = 0;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      signalNumber ||= constants.signals[signal];
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  try {
    return await runDemo(options, cleanup, stop.signal);
  } catch (error) {
    // Ctrl-C reaches every part: that one of them has ended is no failure then, and may be seen before the signal is.
    await sleep(SIGNAL_DELAY_MS);
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    console.error(`costspan demo: ${reason instanceof Error ? reason.message : String(reason)}`);
    return stop.signal.aborted ? 128 + signalNumber : 1;
  } finally {
    await cleanup.run();
  }
}

void main().then((exitCode) => {
  process.exitCode = exitCode;
});
