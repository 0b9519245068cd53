/** Runs a function inside a scope. */
export type Enter = <T>(fn: () => T) => T;

/** Told once how a function came to its end: with what a promise of its came to, or with what it threw. */
export interface Completion {
  done(value?: unknown): void;
  failed(error: unknown): void;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

const isGenerator = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const tag = Object.prototype.toString.call(value);
  return tag === '[object AsyncGenerator]' || tag === '[object Generator]';
};
const isPromiseLike = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/**
 * Keeps a generator's body in the scope it was made in: it runs at every `next`, called from anywhere. The object
 * stays the same; its three methods are covered by own ones that pass everything through.
 */
export function keepGeneratorIn<T>(value: T, enter: Enter, completion?: Completion): T {
  if (!isGenerator(value)) return value;
  for (const name of ['next', 'return', 'throw'] as const) {
    const original = (value as Record<string, Method | undefined>)[name];
    if (original === undefined) continue;
    cover(value, name, function covered(...args) {
      return followStep(completion, () => enter(() => original.apply(this, args)));
    });
  }
  return value;
}

/** One step of a generator, which may be its last. */
function followStep(completion: Completion | undefined, step: () => unknown): unknown {
  const read = (result: unknown): unknown => {
    if ((result as { done?: unknown } | undefined)?.done === true) completion?.done();
    return result;
  };
  try {
    const result = step();
    if (completion === undefined || !isPromiseLike(result)) return read(result);
    return followPlainPromise(
      result as Promise<unknown>,
      { failed: completion.failed, done: () => {} },
      read,
    );
  } catch (error) {
    completion?.failed(error);
    throw error;
  }
}

/**
 * Follows what a task's function returned to its end. Never adds a handler beside the caller's own: that would hide
 * a rejection nobody handles. A plain promise is passed through one more step; a promise of another class keeps its
 * identity and tells when the caller asks for its value, since asking in its place would start a lazy query or read
 * a response's body twice; any other value is the end.
 */
export function followResult<T>(result: T, enter: Enter, completion: Completion): T {
  if (isGenerator(result)) return keepGeneratorIn(result, enter, completion);
  if (!isPromiseLike(result)) {
    completion.done();
    return result;
  }
  if (result instanceof Promise && result.constructor === Promise && !Object.hasOwn(result, 'then')) {
    return followPlainPromise(result, completion) as T;
  }
  followThenable(result, completion);
  return result;
}

const followPlainPromise = (
  promise: Promise<unknown>,
  completion: Completion,
  read = (value: unknown): unknown => value,
): Promise<unknown> =>
  promise.then(
    (value) => {
      completion.done(value);
      return read(value);
    },
    (error) => {
      completion.failed(error);
      throw error;
    },
  );

function followThenable(thenable: object, completion: Completion): void {
  const original = (thenable as Record<string, Method>).then!;
  const isCovered = cover(thenable, 'then', function covered(onValue, onError) {
    return original.call(
      this,
      (value: unknown) => {
        completion.done(value);
        return typeof onValue === 'function' ? onValue(value) : value;
      },
      (error: unknown) => {
        completion.failed(error);
        if (typeof onError === 'function') return onError(error);
        throw error;
      },
    );
  });
  // A frozen object cannot tell: its task ends here, and what it still costs comes late.
  if (!isCovered) completion.done();
  // Some classes do not build `catch` on `then`.
  if (!isCovered || typeof (thenable as { catch?: unknown }).catch !== 'function') return;
  cover(thenable, 'catch', function covered(onError) {
    return (this as PromiseLike<unknown>).then(undefined, onError as (error: unknown) => unknown);
  });
}

/** Sets an own method, as invisible as those of a class are; `false` when the object lets nobody. */
const cover = (target: object, name: string, method: Method): boolean =>
  Reflect.defineProperty(target, name, {
    value: method,
    configurable: true,
    writable: true,
    enumerable: false,
  });
