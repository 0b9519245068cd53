import { readRuntime } from './runtime.js';

/**
 * The scope of the code at hand as W3C baggage text, to be carried where no propagator carries it: into a worker
 * thread, a queue message, a request between two services of yours. It holds the task's id and name, feature, user
 * tier, tenant, user and session id, and nothing else. In a request, message or job without an explicit task that one
 * becomes the task, as at a first model call. `undefined` where there is nothing to carry.
 *
 * Give it to your own processes only: it names your customer.
 *
 * @example
 * worker.postMessage({ job, scope: exportScope() });
 */
export const exportScope = (): string | undefined => readRuntime()?.exportScope();

/**
 * Runs `fn` in the scope that {@link exportScope} wrote elsewhere, in place of the task at hand: its model calls
 * belong to that task. Also reads a whole `baggage` header: the known keys, the first {@link MAX_IMPORTED_CHARS}
 * characters. `undefined` or text without any of them changes nothing. Returns what `fn` returns.
 *
 * Whoever writes the text decides whose cost it is: import it from your own processes only.
 *
 * @example
 * parentPort.on('message', ({ job, scope }) => withImportedScope(scope, () => run(job)));
 */
export function withImportedScope<T>(exported: string | undefined, fn: () => T): T {
  const runtime = readRuntime();
  return runtime === undefined ? fn() : runtime.withImportedScope(exported, fn);
}

/** Longer baggage is read up to here, the limit that W3C gives. */
export const MAX_IMPORTED_CHARS = 8192;
