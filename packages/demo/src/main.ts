#!/usr/bin/env node
import { parseDemoArguments, USAGE } from './arguments.js';
import { runDemo } from './demo.js';
import { Cleanup } from './stack/cleanup.js';

/** Runs the demo and stops what it started, however it ends: done, failed, Ctrl-C or SIGTERM. */
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  try {
    return await runDemo(options, cleanup, stop.signal);
  } catch (error) {
    console.error(`costspan demo: ${error instanceof Error ? error.message : String(error)}`);
    return stop.signal.aborted ? 130 : 1;
  } finally {
    await cleanup.run();
  }
}

void main().then((exitCode) => {
  process.exitCode = exitCode;
});
