import { setTimeout as sleep } from 'node:timers/promises';

/** How long anything waits for what must come. A busy machine is late and not wrong: only a fault waits this long. */
export const PATIENCE_MS = 60_000;
/** How long one test may take: it waits for more than one thing. */
export const TEST_LIMIT_MS = 5 * PATIENCE_MS;

const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 200;

/** Waits until something holds; what throws does not hold yet. @throws when {@link PATIENCE_MS} are over. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  let cause: unknown;
  for (
    let pauseMs = FIRST_PAUSE_MS;
    performance.now() < deadlineMs;
    pauseMs = Math.min(pauseMs * 1.5, MAX_PAUSE_MS)
  ) {
    try {
      if (await holds()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(pauseMs);
  }
  throw new Error(`waited in vain for ${holds}`, { cause });
}

/** A pair of times that are to be alike. */
export interface Timing {
  readonly bareMs: number;
  readonly oursMs: number;
}
const MAX_MEASUREMENTS = 12;

/**
 * By how much ours takes longer, each at its quickest: a busy machine adds to a time and never takes from it. Measured
 * again, up to {@link MAX_MEASUREMENTS} times, while it is not below the limit.
 */
export async function measureDelay(limitMs: number, measure: () => Promise<Timing>): Promise<number> {
  let quickest: Timing = { bareMs: Number.POSITIVE_INFINITY, oursMs: Number.POSITIVE_INFINITY };
  let delayMs = Number.POSITIVE_INFINITY;
  for (let times = 0; times < MAX_MEASUREMENTS && delayMs >= limitMs; times += 1) {
    const { bareMs, oursMs } = await measure();
    quickest = { bareMs: Math.min(bareMs, quickest.bareMs), oursMs: Math.min(oursMs, quickest.oursMs) };
    delayMs = quickest.oursMs - quickest.bareMs;
  }
  return delayMs;
}
