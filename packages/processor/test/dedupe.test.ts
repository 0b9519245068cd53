import { PART_MEMORY } from '@costspan/aggregate';
import { expect, it } from 'vitest';
import { Dedupe } from '../src/dedupe.ts';
import { createRandom } from './spans.ts';

it('does as a plain map does, over 50,000 spans that come again or not, and limits that change (seeded)', () => {
  const options = { maxSpans: 3_000, windowMs: 5_000 };
  const random = createRandom(5);
  const dedupe = new Dedupe({ ...options });
  const seen = new Map<string, number>();
  let nowMs = 0;
  let duplicates = 0;
  for (let index = 0; index < 50_000; index += 1) {
    nowMs += Math.floor(random() * 4);
    // Now and then a reload with other limits.
    if (index % 5_000 === 0 && index > 0) {
      Object.assign(options, { maxSpans: 500 + Math.floor(random() * 6_000), windowMs: 2_000 + index / 10 });
      dedupe.change({ ...options });
      for (const key of [...seen.keys()].slice(0, Math.max(0, seen.size - options.maxSpans)))
        seen.delete(key);
    }
    const number = Math.max(0, index - Math.floor(random() ** 3 * 6_000));
    // Ids that follow each other, which a poor hash would throw together.
    const traceId = (number % 7).toString(16).padStart(32, '1');
    const spanId = (number + 1).toString(16).padStart(16, '0');
    for (const [key, seenMs] of seen) if (nowMs - seenMs > options.windowMs) seen.delete(key);
    const isNew = !seen.has(traceId + spanId);
    if (isNew) {
      if (seen.size === options.maxSpans) seen.delete(seen.keys().next().value ?? '');
      seen.set(traceId + spanId, nowMs);
    } else duplicates += 1;
    expect(dedupe.admit(traceId, spanId, nowMs), `span ${index}`).toBe(isNew);
  }
  expect(duplicates).toBeGreaterThan(5_000);
});

it('tells spans of the same id in two traces apart', () => {
  const dedupe = new Dedupe({ maxSpans: 1, windowMs: 1_000 });
  const span = '00f067aa0ba902b7';
  const traces = ['0af7651916cd43dd8448eb211c80319c', '0af7651916cd43dd8448eb211c80319d'];
  expect([...traces, traces[1]!, traces[0]!].map((trace) => dedupe.admit(trace, span, 0))).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

it.each([1, 2, 3])(
  'what is read of it bit by bit is what it knew at first, whatever comes meanwhile (seed %i)',
  (seed) => {
    const random = createRandom(seed);
    const options = { maxSpans: 35_000, windowMs: 1e9 };
    const dedupe = new Dedupe(options);
    let number = 0;
    const admit = (count: number): void => {
      for (const end = number + count; number < end; number += 1)
        dedupe.admit('1'.repeat(32), (number + 1).toString(16).padStart(16, '0'), number);
    };
    admit(Math.floor(random() * 80_000));
    const atOnce = [...dedupe.readState()].map((piece) => Buffer.from(piece));
    const pieces: Buffer[] = [];
    for (const piece of dedupe.readState()) {
      pieces.push(Buffer.from(piece));
      PART_MEMORY.giveBack(piece);
      if (random() < 0.3) dedupe.shiftClock(5);
      admit(Math.floor(random() * 40_000));
    }
    expect(Buffer.concat(pieces).equals(Buffer.concat(atOnce))).toBe(true);
  },
);
