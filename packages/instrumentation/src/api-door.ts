/** Where `@costspan/api` looks for who runs its scopes; see its `runtime.ts`. */
const SLOT = Symbol.for('costspan.api.1');

/** The slot while it waits for the first look. */
export interface ApiDoor {
  /** Gives the slot back, empty; a no-op once somebody has looked. */
  close(): void;
}

/**
 * Waits for the application's first use of `@costspan/api`: `onFirstUse` then registers the runtime, and what it
 * needs is loaded no earlier. Where the slot is taken already there is nothing to wait for.
 */
export function openApiDoor(onFirstUse: () => void): ApiDoor {
  const shared = globalThis as Record<symbol, unknown>;
  if (Object.hasOwn(shared, SLOT) && shared[SLOT] !== undefined) return { close: () => undefined };
  let isOpen = true;
  const close = (): void => {
    if (isOpen) Object.defineProperty(shared, SLOT, { value: undefined, writable: true, configurable: true });
    isOpen = false;
  };
  Object.defineProperty(shared, SLOT, {
    configurable: true,
    enumerable: false,
    get: () => {
      close();
      onFirstUse();
      return shared[SLOT];
    },
    set: (runtime: unknown) => {
      close();
      shared[SLOT] = runtime;
    },
  });
  return { close };
}
