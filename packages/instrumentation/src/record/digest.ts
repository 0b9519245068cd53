import { requireLazily } from '../lazy.js';

/** Characters of one request that are digested; a longer one gets none and counts as the first of its kind. */
export const MAX_DIGESTED_CHARS = 65_536;
const MAX_DEPTH = 32;
/** Characters of base64url: 96 bits, so that two requests of one task do not meet by chance. */
const DIGEST_CHARS = 16;

type Crypto = typeof import('node:crypto');
let crypto: Crypto | undefined;
/** Known to this process alone and never written: without it nobody can try which prompt gives a digest. */
let key = '';

/**
 * The same text for requests that ask the same of the same path, another one for all others, and nothing of what they
 * ask. Undefined for what cannot be told or is too long. It is made when the call begins: an application may go on
 * writing into the object that it sent.
 */
export function readRequestDigest(path: string, body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const writer = new BodyWriter();
  if (!writer.add(body, 0)) return undefined;
  if (crypto === undefined) {
    crypto = requireLazily('node:crypto') as Crypto;
    key = crypto.randomBytes(16).toString('hex');
  }
  return crypto.hash('sha256', `${key}${path}\n${writer.text}`, 'base64url').slice(0, DIGEST_CHARS);
}

/** A value as one text; unlike JSON.stringify it ends at the limit and calls nothing of the application's. */
class BodyWriter {
  text = '';

  /** False when the value cannot be written. */
  add(value: unknown, depth: number): boolean {
    if (typeof value === 'string') this.text += `"${value.length}:${value}`;
    else if (typeof value !== 'object' || value === null) {
      if (typeof value === 'function' || typeof value === 'symbol') return false;
      this.text += `,${String(value)}`;
    } else if (depth >= MAX_DEPTH) return false;
    else if (Array.isArray(value)) return this.#addArray(value, depth + 1);
    else return this.#addObject(value as Record<string, unknown>, depth + 1);
    return this.text.length <= MAX_DIGESTED_CHARS;
  }

  #addArray(values: readonly unknown[], depth: number): boolean {
    this.text += `[${values.length}`;
    for (const value of values) if (!this.add(value, depth)) return false;
    return true;
  }

  #addObject(value: Record<string, unknown>, depth: number): boolean {
    // A file, a stream or bytes show nothing of what they hold.
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return false;
    this.text += '{';
    for (const name in value) {
      // As when it is sent: JSON leaves out what has no value, and helpers of SDKs keep functions there.
      if (value[name] === undefined || typeof value[name] === 'function') continue;
      this.text += `"${name.length}:${name}`;
      if (!this.add(value[name], depth)) return false;
    }
    this.text += '}';
    return true;
  }
}
