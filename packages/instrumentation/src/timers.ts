/**
 * Node's own timers and microtasks as they were when costspan was loaded: tests of an application put others in their place, which
 * come when they are told to, or throw.
 */
export const { clearInterval, clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } =
  globalThis;
