/** From version 25 on Node reads a web stream, and splits it, by what lies below its methods. */
import { Readable } from 'node:stream';
import { type Method, wrapFunction } from './wrap.js';

const READS_BELOW = Number.parseInt(process.versions.node, 10) >= 25;

type AnyReadable = ReadableStream<unknown>;

/** What is to happen to a stream that is observed by its methods. */
export interface Below {
  /** What has passed through ours, to be read in its place. */
  through(): AnyReadable;
  /** It was split into these. */
  split(branches: readonly AnyReadable[]): void;
}

const streams = new WeakMap<object, Below>();
let isTapped = false;

/** Has a stream seen where its methods are not asked. */
export function seeBelow(stream: AnyReadable, below: Below): void {
  if (!READS_BELOW) return;
  streams.set(stream, below);
  if (isTapped) return;
  isTapped = true;
  tapFromWeb();
  // Both are there by now: it was `fetch` that brought the stream.
  for (const { prototype } of [Response, Request]) tapClone(prototype as unknown as { clone: Method });
}

/** `Readable.fromWeb` is given what has passed through ours; of every other stream, what it is given. */
function tapFromWeb(): void {
  const holder = Readable as unknown as { fromWeb: Method };
  holder.fromWeb = wrapFunction(
    holder.fromWeb,
    (fromWeb) =>
      function read(this: object, given: unknown, ...rest: unknown[]): unknown {
        const below = streams.get(given as object);
        return fromWeb.call(this, below === undefined ? given : below.through(), ...rest);
      },
  );
}

/** A response or a request around such a stream splits it when it is cloned. */
function tapClone(holder: { clone: Method }): void {
  holder.clone = wrapFunction(
    holder.clone,
    (clone) =>
      function cloned(this: object, ...args: unknown[]): unknown {
        const held = bodyOf(this);
        const copy = clone.apply(this, args) as object;
        const branches = [bodyOf(this), bodyOf(copy)].filter((body) => body !== null);
        if (held !== null) streams.get(held)?.split(branches);
        return copy;
      },
  );
}

const bodyOf = (message: object): AnyReadable | null =>
  message instanceof Response || message instanceof Request ? message.body : null;
