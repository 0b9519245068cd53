import { expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { pack } from '../src/store/pack.ts';
import { unpack } from '../src/store/unpack.ts';

const TEXTS = ['', 'a', 'model', 'Übersicht 🙂', 'x'.repeat(64), 'y'.repeat(65), '\0', '__proto'];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  127,
  128,
  2 ** 31,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  0.1,
  -1e300,
  Infinity,
  -Infinity,
];
const IDS = [
  'b7ad6b7169203331',
  '0af7651916cd43dd8448eb211c80319c',
  'B7AD6B7169203331',
  'b7ad6b716920333g',
  'ü'.repeat(16),
];
const BIGINTS = [0n, -1n, 2n ** 63n, -(10n ** 40n)];

/** Any value, four deep. */
function createValue(random: () => number, depth = 0): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const dice = Math.floor(random() * (depth < 4 ? 9 : 6));
  if (dice === 0) return pick(random() < 0.5 ? TEXTS : IDS);
  if (dice === 1) return pick(NUMBERS);
  if (dice === 2) return pick(BIGINTS);
  if (dice === 3) return random() < 0.5;
  if (dice === 4) return undefined;
  if (dice === 5) return Buffer.from(pick(TEXTS));
  const length = Math.floor(random() * 5);
  if (dice === 6) return Array.from({ length }, () => createValue(random, depth + 1));
  const keys = Array.from({ length }, () => pick(TEXTS));
  return Object.fromEntries(keys.map((key) => [key, createValue(random, depth + 1)]));
}

it('any value comes back as it was', () => {
  const random = createRandom(4);
  for (let run = 0; run < 3_000; run += 1) {
    const value = createValue(random);
    expect(unpack(pack(value))).toEqual(value);
  }
});

it('ids come back, however many of them there are and in whatever order', () => {
  const random = createRandom(6);
  const createId = (): string =>
    Math.floor(random() * 40)
      .toString(16)
      .padStart(random() < 0.5 ? 16 : 32, '0');
  const ids = Array.from({ length: 2_000 }, createId);
  expect(unpack(pack(ids))).toEqual(ids);
});

it('what the first form wrote is read', () => {
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const ids = { traceId, spanId };
  expect(unpack(Buffer.from(FIRST_FORM, 'base64'))).toStrictEqual({
    kind: 'spans',
    nowMs: 1_795_000_000_000.5,
    spans: [
      {
        ...ids,
        cost: 12n,
        text: 'Ü',
        at: -3,
        none: undefined,
        is: [true, false],
        bytes: Buffer.from([1, 2]),
      },
      { ...ids, cost: -1n, text: 'x'.repeat(70), at: 300, none: undefined, is: [], bytes: Buffer.alloc(0) },
    ],
  });
});

/** Packed before ids were bytes. */
const FIRST_FORM = [
  'CgMHBGtpbmQHBW5vd01zBwVzcGFucwgCBQAI4GXlHnpCCQIKCAcHdHJhY2VJZAcGc3BhbklkBwRjb3N0BwR0ZXh0BwJhdAcEbm9uZQcCaXMH',
  'BWJ5dGVzByAwYWY3NjUxOTE2Y2Q0M2RkODQ0OGViMjExYzgwMzE5YwcQYjdhZDZiNzE2OTIwMzMzMQYCMTIHAsOcBAMACQICAQsCAQIMAQgL',
  'CAwGAi0xB0Z4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4A6wC',
  'AAkACwA=',
].join('');

it('bytes that are cut or are none of ours are refused, and never more', () => {
  const random = createRandom(5);
  let refused = 0;
  for (let run = 0; run < 5_000; run += 1) {
    const whole = pack(createValue(random));
    const bytes = Buffer.from(whole.subarray(0, Math.floor(random() * (whole.length + 1))));
    if (bytes.length > 0 && random() < 0.7)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    try {
      unpack(bytes);
    } catch (error) {
      refused += 1;
      expect(error instanceof RangeError || error instanceof SyntaxError).toBe(true);
    }
  }
  expect(refused).toBeGreaterThan(1_000);
});

it('what repeats is small', () => {
  const record = {
    traceId: 'a'.repeat(32),
    service: 'shop',
    feature: 'chat',
    model: 'gpt-5',
    endMs: 1_795_000_000_000,
  };
  const one = pack([record]).length;
  const hundred = pack(Array.from({ length: 100 }, () => ({ ...record }))).length;
  expect(hundred).toBeLessThan(one + 99 * 24);
});
