type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The body that an upload method was called with, while it runs: what it sends is a form of bytes by then. */
let atHand: unknown;

/** The body of the upload method that is running, if one is. */
export const readUploadBody = (): unknown => atHand;

/** Upload methods that are ours already. */
const noted = new WeakSet<object>();

/**
 * Keeps the body of an upload method in sight while it makes its request, which it does before it returns.
 * A resource that this version of the SDK does not have is no fault.
 */
export function noteUploads(clientClass: object, path: readonly string[]): void {
  const name = path.at(-1)!;
  let owner: unknown = clientClass;
  for (const part of path.slice(0, -1)) owner = (owner as Record<string, unknown> | undefined)?.[part];
  const prototype = (owner as { prototype?: Record<string, Method> } | undefined)?.prototype;
  const original = prototype?.[name];
  if (prototype === undefined || typeof original !== 'function' || noted.has(original)) return;
  const wrapped: Method = function upload(...args) {
    const before = atHand;
    atHand = args[0];
    try {
      return original.apply(this, args);
    } finally {
      atHand = before;
    }
  };
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapped, property, { value: original[property], configurable: true });
  }
  noted.add(wrapped);
  Object.defineProperty(prototype, name, {
    ...Object.getOwnPropertyDescriptor(prototype, name),
    value: wrapped,
  });
}
