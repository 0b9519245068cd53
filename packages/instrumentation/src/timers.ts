/**
 * Node's own timers as they were when costspan was loaded: tests of an application put others in their place, which
 * come when they are told to, or throw.
 */
export const { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = globalThis;
