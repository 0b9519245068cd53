import { BoundedMap } from '@costspan/aggregate';
import type { Right } from '@costspan/config';
import { RequestError } from '../receive/request-error.js';
import { type Access, findToken } from './access.js';

/** Clients whose rate is remembered. */
const MAX_CLIENTS = 10_000;

/** Who knocks. */
export interface Visitor {
  /** The header, `Bearer …`. */
  readonly authorization: string | undefined;
  /** Address of the other side. */
  readonly address: string;
}

interface Bucket {
  requests: number;
  atMs: number;
}

/** Stands before every door but `/healthz` and `/readyz`. */
export class Gate {
  #access: Access;
  #requestsPerSecond: number;
  readonly #now: () => number;
  readonly #buckets = new BoundedMap<Bucket>(MAX_CLIENTS);

  /** `now`: milliseconds on a clock that nobody sets. */
  constructor(access: Access, options: { readonly requestsPerSecond: number; readonly now: () => number }) {
    this.#access = access;
    this.#requestsPerSecond = options.requestsPerSecond;
    this.#now = options.now;
  }

  /** Goes on with other tokens. */
  change(access: Access, requestsPerSecond: number): void {
    this.#access = access;
    this.#requestsPerSecond = requestsPerSecond;
  }

  /** Throws a {@link RequestError} unless the visitor has the right and has not come too often. */
  admit({ authorization, address }: Visitor, right: Right): void {
    const { tokens } = this.#access;
    if (tokens.length === 0) {
      this.#limit(address);
      return;
    }
    const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const token = text === undefined ? undefined : findToken(tokens, text);
    // Who tries tokens is slowed down, too.
    this.#limit(token === undefined ? address : `token ${token.name}`);
    if (token === undefined)
      throw new RequestError(401, 'unauthenticated', {
        message: 'this needs a token that is known: Authorization: Bearer …',
      });
    if (!token.rights.includes(right))
      throw new RequestError(403, 'forbidden', {
        message: `the token ${token.name} has no right to ${right}`,
      });
  }

  /** A bucket that holds what may come in a second and fills as fast. */
  #limit(client: string): void {
    const nowMs = this.#now();
    const perSecond = this.#requestsPerSecond;
    let bucket = this.#buckets.get(client);
    if (bucket === undefined) {
      bucket = { requests: perSecond, atMs: nowMs };
      this.#buckets.set(client, bucket);
    }
    bucket.requests = Math.min(perSecond, bucket.requests + ((nowMs - bucket.atMs) * perSecond) / 1000);
    bucket.atMs = nowMs;
    if (bucket.requests < 1)
      throw new RequestError(429, 'rate_limited', {
        message: `more than limits.requests_per_second (${perSecond}) from one client; send larger batches`,
      });
    bucket.requests -= 1;
  }
}

/** Bytes that may be in memory at a time, of all bodies that are being read. */
export class ByteBudget {
  limitBytes: number;
  #takenBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Throws a {@link RequestError} when there is no room; every byte taken must be given back. */
  take(bytes: number): void {
    // Alone, even what is larger than all of it gets in: bodies have a limit of their own.
    if (this.#takenBytes > 0 && this.#takenBytes + bytes > this.limitBytes)
      throw new RequestError(503, 'overloaded', { message: 'too much is being received; send again later' });
    this.#takenBytes += bytes;
  }

  give(bytes: number): void {
    this.#takenBytes -= bytes;
  }
}
