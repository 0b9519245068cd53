import { readErrorType } from './error.js';
import type { CallSlot } from './starter.js';
import { findResource, type Method, wrapMethod } from './wrap.js';

/** The calls that the helper makes that is running: it makes them before it returns. */
let atHand: CallSlot[] | undefined;

/** A call has been made; the helper that made it, if one did, has to know. */
export function noteMadeCall(slot: CallSlot): void {
  atHand?.push(slot);
}

/** What was asked for could not be made of the answer: the task of the call should know. */
export function noteInvalidOutput(error: unknown, { call }: CallSlot): void {
  const task = call?.attribution.task;
  if (task !== undefined) task.invalidOutput = readErrorType(error);
}

/**
 * Watches a helper that makes something of an answer in a `then` of its own, where nobody else sees it fail.
 * A resource that this version of the SDK does not have is no fault.
 */
export function observeValidation(clientClass: object, path: readonly string[]): void {
  const resource = findResource(clientClass, path);
  const name = path.at(-1)!;
  if (resource !== undefined) wrapMethod(resource, name, observeHelper);
}

function observeHelper(original: Method): Method {
  return function parse(this: object, ...args: unknown[]): unknown {
    const before = atHand;
    const slots: CallSlot[] = [];
    atHand = slots;
    let returned: unknown;
    try {
      returned = original.apply(this, args);
    } finally {
      atHand = before;
    }
    const [slot] = slots;
    if (slot === undefined || !(returned instanceof Promise) || returned.constructor !== Promise)
      return returned;
    // A child that settles alike, handled or unhandled by whoever holds it.
    return returned.catch((error: unknown) => {
      if (slot.call?.hasSucceeded === true) noteInvalidOutput(error, slot);
      throw error;
    });
  };
}
