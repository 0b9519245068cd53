/**
 * Node's own timers, microtasks and clocks as they were when costspan was loaded: tests of an application put others in
 * their place, which come when they are told to, throw, or answer each time with what the test has in store.
 */
export const { clearInterval, clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } =
  globalThis;
export const { nextTick } = process;
/** Milliseconds since the epoch. */
export const { now: readNowMs } = Date;
const { hrtime } = process;

/** Milliseconds of a clock that nobody sets. Node loads `performance`, which has it too, at its first use only. */
export function readTicksMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
