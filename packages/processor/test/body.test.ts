/** Bodies that become much larger than they came. */
import { createHook } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ByteBudget } from '../src/access/gate.ts';
import { type BodySource, useBody, usePacked } from '../src/receive/body.ts';
import { Gzip } from '../src/receive/decompress.ts';
import { Places } from '../src/receive/places.ts';
import { createRandom, encodeJson, recordSpans } from './spans.ts';

const LIMIT_BYTES = 1_000_000;
/** A thousandth of what it becomes. */
const BOMB = gzipSync(Buffer.alloc(LIMIT_BYTES));
const bomb = (isGone = false): BodySource => ({
  stream: Readable.from([BOMB]),
  frameBytes: 0,
  readExpected: () => BOMB.length,
  isGone: () => isGone,
  open: (bytes) => ({ bytes, compression: 'gzip' }),
});

it('count as what they have become, as long as they are in use', async () => {
  const budget = new ByteBudget(2.5 * LIMIT_BYTES);
  const limits = { limitBytes: LIMIT_BYTES, budget };
  const { promise: done, finish } = createGate();
  const used: number[] = [];
  const use = async ({ length }: Buffer) => {
    used.push(length);
    await done;
  };
  const kept = [useBody(bomb(), limits, use), useBody(bomb(), limits, use)];
  await expect.poll(() => used).toEqual([LIMIT_BYTES, LIMIT_BYTES]);
  await expect(useBody(bomb(), limits, use)).rejects.toMatchObject({ reason: 'overloaded' });
  finish();
  await Promise.all(kept);
  expect([used.length, budget.takenBytes]).toEqual([2, 0]);
});

it.each([
  ['gzip', gzipSync, { atLeast: 0, atMost: 0 }],
  ['deflate', deflateSync, { atLeast: 1, atMost: 7 }],
  ['zstd', zstdCompressSync, { atLeast: 1, atMost: 7 }],
] as const)(
  'come out of %s in a few large pieces, out of a small gzip at once: for each a busy processor has a turn',
  async (compression, compress, { atLeast, atMost }) => {
    const body = encodeJson(Array.from({ length: 100 }, recordSpans).flat());
    expect(body.length).toBeGreaterThan(200_000);
    const compressed = compress(body);
    const { length } = compressed;
    const source = { ...bomb(), stream: Readable.from([compressed]), readExpected: () => length };
    const open = (bytes: Buffer) => ({ bytes, compression });
    const limits = { limitBytes: 10 * body.length, budget: new ByteBudget(1e9) };
    const { turns, stop } = countDecompressionTurns();
    try {
      await useBody({ ...source, open }, limits, async (bytes) => {
        expect(bytes.equals(body)).toBe(true);
      });
    } finally {
      stop();
    }
    expect(turns()).toBeGreaterThanOrEqual(atLeast);
    expect(turns()).toBeLessThanOrEqual(atMost);
  },
);

it('count as what a gzip says they become, and where it has lied as what they become', async () => {
  const budget = new ByteBudget(1e9);
  const limits = { limitBytes: LIMIT_BYTES, budget };
  const [one, other] = [Buffer.alloc(40_000, 'one after the other '), randomBytes(5_000)];
  const source = (gzip: Buffer) => ({ ...bomb(), stream: Readable.from([gzip]) });
  const readTaken = async (gzip: Buffer) => {
    const seen: (readonly [number, number])[] = [];
    await usePacked(source(gzip), limits, async (body) => {
      seen.push([body.length, budget.takenBytes - gzip.length]);
      if (body instanceof Gzip) await body.use(async ({ length }) => expect(length).toBe(body.length));
    });
    expect(budget.takenBytes).toBe(0);
    return seen;
  };
  const whole = gzipSync(Buffer.concat([one, other]));
  const inMembers = Buffer.concat([gzipSync(one), gzipSync(other)]);
  expect(await readTaken(whole)).toEqual([[45_000, 45_000]]);
  expect(await readTaken(inMembers)).toEqual([
    [5_000, 5_000],
    [45_000, 16 * inMembers.length],
  ]);
});

it('that a gzip says less of than they become stop at the limit all the same', async () => {
  const gzip = gzipSync(randomBytes(LIMIT_BYTES + 1));
  gzip.writeUInt32LE(20_000, gzip.length - 4);
  const limits = { limitBytes: 2 * LIMIT_BYTES, budget: new ByteBudget(1e9) };
  const read = (limitBytes: number) =>
    useBody({ ...bomb(), stream: Readable.from([gzip]) }, { ...limits, limitBytes }, async () => {});
  await expect(read(LIMIT_BYTES + 1_000)).rejects.toMatchObject({ reason: 'malformed', httpStatus: 400 });
  gzip.writeUInt32LE(LIMIT_BYTES + 1, gzip.length - 4);
  await expect(read(LIMIT_BYTES + 1_000)).resolves.toBeUndefined();
  const bombs = Buffer.concat([gzipSync(Buffer.alloc(3 * LIMIT_BYTES)), gzipSync(randomBytes(20_000))]);
  await expect(
    useBody({ ...bomb(), stream: Readable.from([bombs]) }, limits, async () => {}),
  ).rejects.toMatchObject({ reason: 'too_large', httpStatus: 413 });
  expect(limits.budget.takenBytes).toBe(0);
});

const LARGE = Buffer.from('a span and its attributes '.repeat(10_000));
/** Of what a body of this encoding gives: the same bytes, and the memory that they lie in. */
async function readWhole(compressed: Buffer): Promise<Buffer> {
  const { length } = compressed;
  const source = { ...bomb(), stream: Readable.from([compressed]), readExpected: () => length };
  let read: Buffer | undefined;
  await useBody(source, { limitBytes: LIMIT_BYTES, budget: new ByteBudget(1e9) }, async (body) => {
    expect(body.equals(LARGE)).toBe(true);
    read = body;
  });
  return read!;
}

it('give their memory back as soon as they have been used', async () => {
  expect((await readWhole(gzipSync(LARGE))).buffer.byteLength).toBe(0);
});

it('are read whole where a gzip says of its last part alone what it becomes', async () => {
  const parts = [LARGE.subarray(0, 200_000), LARGE.subarray(200_000)];
  await readWhole(Buffer.concat(parts.map((part) => gzipSync(part))));
});

it('that a gzip says the size of come in one piece', async () => {
  // Too many for what a body is expected to become, and few enough to be no bomb.
  const ratio = 20;
  const random = createRandom(1);
  const words = Array.from({ length: 400 }, () =>
    random()
      .toString(36)
      .slice(2, 10)
      .repeat(ratio * 2),
  );
  const body = Buffer.from(words.join(''));
  const compressed = gzipSync(body);
  expect(body.length / compressed.length).toBeGreaterThan(ratio);
  expect(body.length / compressed.length).toBeLessThan(60);
  const source = { ...bomb(), stream: Readable.from([compressed]), readExpected: () => 0 };
  await useBody(source, { limitBytes: LIMIT_BYTES, budget: new ByteBudget(1e9) }, async (read) => {
    expect(read.equals(body)).toBe(true);
    // Put together, it would lie in memory of its very size.
    expect(read.buffer.byteLength).toBe(body.length + 1);
  });
});

/** How often a thread of the system has come back with a piece. */
function countDecompressionTurns() {
  const ids = new Set<number>();
  let turns = 0;
  const hook = createHook({
    init: (id, type) => {
      if (type === 'ZLIB') ids.add(id);
    },
    before: (id) => {
      if (ids.has(id)) turns += 1;
    },
  }).enable();
  return { turns: () => turns, stop: () => hook.disable() };
}

it('are not decompressed for somebody who has gone', async () => {
  const budget = new ByteBudget(LIMIT_BYTES);
  const use = () => Promise.reject(new Error('was used'));
  const reading = useBody(bomb(true), { limitBytes: LIMIT_BYTES, budget }, use);
  await expect(reading).rejects.toMatchObject({ reason: 'cut_off' });
  expect(budget.takenBytes).toBe(0);
});

it('wait for a place, first come, first served, also behind one that failed', async () => {
  const places = new Places(2);
  const order: number[] = [];
  let [atOnce, most] = [0, 0];
  const works = Array.from({ length: 9 }, (_, index) =>
    places.take(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      order.push(index);
      await nextTurn();
      atOnce -= 1;
      if (index % 3 === 0) throw new Error('failed');
      return index;
    }),
  );
  const results = await Promise.allSettled(works);
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
    works.map((_, index) => index % 3 !== 0),
  );
  expect([order, most]).toEqual([works.map((_, index) => index), 2]);
});

function createGate() {
  let finish = (): void => {};
  const promise = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { promise, finish };
}
