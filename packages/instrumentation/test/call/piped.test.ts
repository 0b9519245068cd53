import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { observeStream, type StreamObserver } from '../../src/call/iterable.ts';

const CHUNKS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A source that writes down each chunk it is asked for, and what becomes of it. */
function source(log: string[], error?: Error): ReadableStream<string> {
  let at = 0;
  return new ReadableStream<string>(
    {
      pull(controller) {
        const chunk = CHUNKS[at++];
        log.push(`pull ${chunk ?? 'end'}`);
        if (chunk !== undefined) controller.enqueue(chunk);
        else if (error !== undefined) controller.error(error);
        else controller.close();
      },
      cancel: (reason) => void log.push(`cancel ${String(reason)}`),
    },
    { highWaterMark: 0 },
  );
}

function observer(log: string[]): StreamObserver {
  return {
    addChunk: (chunk) => void log.push(String(chunk)),
    endStream: () => void log.push('end'),
    fail: (error) => void log.push(`fail ${String(error)}`),
    abort: () => void log.push('abort'),
  };
}

type Use = (stream: ReadableStream<string>, seen: string[]) => Promise<void>;

/** What the source sees, what the application sees, and what is recorded. */
async function follow(use: Use, { isObserved, error }: { isObserved: boolean; error: Error | undefined }) {
  const asked: string[] = [];
  const seen: string[] = [];
  const recorded: string[] = [];
  const stream = source(asked, error);
  if (isObserved) observeStream(stream, observer(recorded));
  await use(stream, seen).catch((thrown: unknown) => seen.push(`thrown ${String(thrown)}`));
  for (let turns = 0; turns < 5; turns += 1) await turn();
  return { asked, seen, recorded, isLocked: stream.locked };
}

/** So that no collector ends a stream that is left. */
const held = new Set<object>();
const readOnce: Use = async (stream, seen) => {
  const reader = stream.pipeThrough(new TransformStream<string, string>()).getReader();
  held.add(reader);
  seen.push(String((await reader.read()).value));
};

const ways: readonly (readonly [string, Use, readonly string[]])[] = [
  [
    'read to its end',
    async (stream, seen) => {
      for await (const chunk of stream.pipeThrough(new TransformStream<string, string>())) seen.push(chunk);
    },
    [...CHUNKS, 'LAST'],
  ],
  ['read once, then left', readOnce, ['a', 'b']],
  [
    'read once, then cancelled',
    async (stream, seen) => {
      const reader = stream.pipeThrough(new TransformStream<string, string>()).getReader();
      seen.push(String((await reader.read()).value));
      await reader.cancel('enough');
    },
    ['a', 'abort'],
  ],
  [
    'piped into a sink',
    (stream, seen) => stream.pipeTo(new WritableStream<string>({ write: (chunk) => void seen.push(chunk) })),
    [...CHUNKS, 'LAST'],
  ],
  [
    'piped into a sink that breaks',
    (stream) =>
      stream.pipeTo(
        new WritableStream<string>({
          write: () => {
            throw new Error('full');
          },
        }),
      ),
    ['a', 'abort'],
  ],
];

test.each(ways)('a stream that is %s is asked for no more than without us', async (_name, use, recorded) => {
  for (const error of [undefined, new Error('broken')]) {
    const bare = await follow(use, { isObserved: false, error });
    const last = error === undefined ? 'end' : 'fail Error: broken';
    expect(await follow(use, { isObserved: true, error })).toEqual({
      ...bare,
      recorded: recorded.map((line) => (line === 'LAST' ? last : line)),
    });
  }
});
