/** Signals of the application, and what watches them in its stead. */
import { expect, it } from 'vitest';
import { follow } from '../../src/call/abort.ts';

it("a signal is followed by one of its own, the same each time, and its own listeners are the application's", () => {
  const controller = new AbortController();
  const follower = follow(controller.signal);
  expect(follower).not.toBe(controller.signal);
  expect(follow(controller.signal)).toBe(follower);
  controller.abort('enough');
  expect(follower).toMatchObject({ aborted: true, reason: 'enough' });
});

it("a signal of a class that the application has put in place of Node's is watched itself", () => {
  class Own extends EventTarget {
    readonly aborted = false;
  }
  const { AbortSignal: original } = globalThis;
  Object.assign(globalThis, { AbortSignal: Own });
  try {
    const signal = new Own() as AbortSignal;
    expect(follow(signal)).toBe(signal);
  } finally {
    Object.assign(globalThis, { AbortSignal: original });
  }
});
