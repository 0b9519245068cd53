import { describe, expect, it } from 'vitest';
import { type AnyStream, observeStream } from '../../src/call/iterable.ts';

const CHUNKS = ['one', 'two'];

/** As an SDK does that gives its own errors to what goes wrong while a stream is read. */
function wrapErrors<T extends object>(stream: T): T {
  return new Proxy(stream, {
    get(target, property) {
      const held: unknown = Reflect.get(target, property, target);
      if (typeof held !== 'function') return held;
      return (...args: unknown[]) =>
        (target as Record<PropertyKey, (...args: unknown[]) => unknown>)[property]!(...args);
    },
  });
}

const STREAMS: Readonly<Record<string, () => AnyStream>> = {
  'a readable stream': () => ReadableStream.from(CHUNKS) as ReadableStream<unknown>,
  'an async generator': async function* () {
    yield* CHUNKS;
  },
  'an iterable': () => ({ [Symbol.asyncIterator]: () => STREAMS['an async generator']!() as AsyncGenerator }),
};

async function read(stream: AnyStream) {
  const seen: unknown[] = [];
  let end = 'open';
  observeStream(stream, {
    addChunk: (chunk) => seen.push(chunk),
    endStream: () => {
      end = 'ended';
    },
    fail: () => undefined,
    abort: () => undefined,
  });
  const shown: unknown[] = [];
  for await (const chunk of stream) shown.push(chunk);
  return { shown, seen, end };
}

describe('a stream that is followed', () => {
  it.each(Object.entries(STREAMS))('%s', async (_name, open) => {
    expect(await read(open())).toEqual({ shown: CHUNKS, seen: CHUNKS, end: 'ended' });
  });

  // As `@google/genai` hands out what `interactions.get` streams.
  it.each(Object.entries(STREAMS))('%s behind a proxy', async (_name, open) => {
    expect(await read(wrapErrors(open()))).toEqual({ shown: CHUNKS, seen: CHUNKS, end: 'ended' });
  });
});
