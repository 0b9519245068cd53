import { findResource, type Method, wrapMethod } from './wrap.js';

/** The body that an upload method was called with, while it runs: what it sends is a form of bytes by then. */
let atHand: unknown;

/** The body of the upload method that is running, if one is. */
export const readUploadBody = (): unknown => atHand;

/**
 * Keeps the body of an upload method in sight while it makes its request, which it does before it returns.
 * A resource that this version of the SDK does not have is no fault.
 */
export function noteUploads(clientClass: object, path: readonly string[]): void {
  const resource = findResource(clientClass, path);
  if (resource !== undefined) wrapMethod(resource, path.at(-1)!, keepBody);
}

function keepBody(original: Method): Method {
  return function upload(this: object, ...args: unknown[]): unknown {
    const before = atHand;
    atHand = args[0];
    try {
      return original.apply(this, args);
    } finally {
      atHand = before;
    }
  };
}
