import { AsyncLocalStorage } from 'node:async_hooks';
import { guard } from '../diagnostics.js';
import { isAbortError, readErrorType } from './error.js';
import type { CallSlot } from './starter.js';
import { findResource, type Method, wrapMethod } from './wrap.js';

/** What a helper that is running does: it makes one call, at once or a little later. */
interface Helper {
  slot: CallSlot | undefined;
}

/** The helper that is running and makes its call before it returns. */
let atHand: Helper | undefined;
/** The helper that streams: it makes its call some turns after it has returned. */
const streaming = new AsyncLocalStorage<Helper>();

/** A call has been made; the helper that made it, if one did, has to know. Its first one is its own. */
export function noteMadeCall(slot: CallSlot): void {
  const helper = atHand ?? streaming.getStore();
  if (helper !== undefined) helper.slot ??= slot;
}

/** What was asked for could not be made of the answer: the task of the call should know. */
export function noteInvalidOutput(error: unknown, { call, past }: CallSlot): void {
  const task = call?.attribution.task ?? past?.task;
  if (task !== undefined) task.invalidOutput = readErrorType(error);
}

/**
 * Watches a helper that makes something of an answer in a `then` of its own, where nobody else sees it fail.
 * A resource that this version of the SDK does not have is no fault.
 */
export function observeValidation(clientClass: object, path: readonly string[]): void {
  wrapHelper(clientClass, path, observeHelper);
}

/** Watches a helper that makes something of a stream, and tells of its failure by an event. */
export function observeStreamValidation(clientClass: object, path: readonly string[]): void {
  wrapHelper(clientClass, path, observeStreamHelper);
}

function wrapHelper(clientClass: object, path: readonly string[], wrap: (original: Method) => Method): void {
  const resource = findResource(clientClass, path);
  const name = path.at(-1)!;
  if (resource !== undefined) wrapMethod(resource, name, wrap);
}

function observeHelper(original: Method): Method {
  return function parse(this: object, ...args: unknown[]): unknown {
    const before = atHand;
    const helper: Helper = { slot: undefined };
    atHand = helper;
    let returned: unknown;
    try {
      returned = original.apply(this, args);
    } finally {
      atHand = before;
    }
    const { slot } = helper;
    if (slot === undefined || !(returned instanceof Promise) || returned.constructor !== Promise)
      return returned;
    // A child that settles alike, handled or unhandled by whoever holds it.
    return returned.catch((error: unknown) => {
      if (slot.past?.end === 'ok') noteInvalidOutput(error, slot);
      throw error;
    });
  };
}

function observeStreamHelper(original: Method): Method {
  return function stream(this: object, ...args: unknown[]): unknown {
    const helper: Helper = { slot: undefined };
    const returned = streaming.run(helper, () => original.apply(this, args));
    guard('observing a helper', () => observeErrors(returned, helper));
    return returned;
  };
}

/** What such a helper calls for each of its events, on itself. */
interface Emitter {
  _emit?: Method;
}

/** A listener would take the error from those who have none; so the telling itself is watched. */
function observeErrors(returned: unknown, helper: Helper): void {
  const emit = (returned as Emitter | undefined)?._emit;
  if (typeof emit !== 'function') return;
  const ofListeners = new WeakSet<object>();
  const value = function _emit(this: object, ...event: unknown[]): unknown {
    const [name, error] = event;
    if (name === 'error') guard('reading an error', () => noteStreamError(error, { helper, ofListeners }));
    try {
      return emit.apply(this, event);
    } catch (thrown) {
      // A listener of the application's own: that says nothing about the answer.
      if (typeof thrown === 'object' && thrown !== null) ofListeners.add(thrown);
      throw thrown;
    }
  };
  Object.defineProperty(returned, '_emit', { value, writable: true, configurable: true, enumerable: false });
}

/** The answer has come, all of it or as much as the helper could use, and is not what was asked for. */
function noteStreamError(
  error: unknown,
  { helper: { slot }, ofListeners }: { helper: Helper; ofListeners: WeakSet<object> },
): void {
  const cause = (error as { cause?: unknown } | undefined)?.cause;
  const isOfListener = [error, cause].some(
    (one) => typeof one === 'object' && one !== null && ofListeners.has(one),
  );
  if (slot?.past === undefined || slot.past.end === 'error' || isOfListener || isAbortError(error)) return;
  noteInvalidOutput(error, slot);
}
