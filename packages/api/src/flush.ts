import { readRuntime } from './runtime.js';

/** How long {@link forceFlush} waits where nothing is said. */
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Sends the spans of calls and tasks that have ended, and resolves when a receiver has them or `timeoutMs` are over;
 * never rejects. A process that lives on, or ends by itself, needs no such call: it is for those that are frozen
 * between two requests, as functions are.
 *
 * @example
 * const handler = async () => {
 *   try {
 *     return await agent.run(ticket);
 *   } finally {
 *     await forceFlush();
 *   }
 * };
 */
export const forceFlush = async ({ timeoutMs = DEFAULT_TIMEOUT_MS } = {}): Promise<void> =>
  readRuntime()?.forceFlush?.(timeoutMs);
