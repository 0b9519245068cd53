/**
 * Bodies by grammar, and bodies that were damaged. `COSTSPAN_FUZZ=1000000` is the long mode, `COSTSPAN_FUZZ_SEED` begins
 * at another place. What fails is named by its run, which makes the same body again.
 */
import { DEFAULT_CONFIG } from '@costspan/config';
import { TEST_LIMIT_MS } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { createConfiguredPricer } from '../src/pricer.ts';
import { Processor } from '../src/processor.ts';
import { decodeLogsProtobuf, decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson, decodeLogsJson } from '../src/receive/decode-json.ts';
import type { SpanBatch } from '../src/receive/spans.ts';
import { MalformedError } from '../src/receive/wire.ts';
import { CANARY, createRequest } from './otlp-grammar.ts';
import { bytes, encodeRequest, varint } from './otlp-protobuf.ts';
import { createRandom, NOW_MS, readMetricsText } from './spans.ts';

const BODIES = Number(process.env.COSTSPAN_FUZZ ?? 6_000);
const SEED = Number(process.env.COSTSPAN_FUZZ_SEED ?? 1);
const LIMIT_MS = TEST_LIMIT_MS + BODIES * 2;
/** A body of a few kilobytes that takes longer than this has found a way to hold everybody up. */
const SLOWEST_US = 2_000_000;
const LATEST = { latestMs: NOW_MS + 86_400_000 };

type Decode = (body: Buffer, options: typeof LATEST) => SpanBatch;
type Random = () => number;

/** Undefined when refused; anything but a refusal fails the test. */
function tryDecode<T>(decode: (body: Buffer, options: typeof LATEST) => T, body: Buffer): T | undefined {
  try {
    return decode(body, LATEST);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** As text in which two results are the same when they mean the same: absent is undefined, -0 is 0. */
const print = (batch: SpanBatch | undefined): string =>
  batch === undefined ? 'malformed' : JSON.stringify(batch, printValue);
const printValue = (_: string, value: unknown): unknown => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : `${value}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
};

function createProcessor(): Processor {
  const { limits } = DEFAULT_CONFIG;
  const config = {
    ...DEFAULT_CONFIG,
    limits: { ...limits, dedupeSpans: 2_000, openTasks: 500, seriesPerMetric: 50 },
  };
  return new Processor({ config, price: createConfiguredPricer(config).price, now: () => NOW_MS });
}

/** Money in the series is money in tasks and outside of them, whatever came. */
function expectBalance({ aggregate }: Processor): void {
  const { callsPicoUsd, settledPicoUsd, unsettledPicoUsd, untaskedPicoUsd } = aggregate.totals();
  expect(callsPicoUsd).toBe(settledPicoUsd + unsettledPicoUsd + untaskedPicoUsd);
}

describe(`${BODIES} bodies by grammar`, () => {
  it(
    'mean the same in protobuf and in JSON, count without a failure, and tell no prompt',
    async () => {
      const processor = createProcessor();
      let counted = 0;
      let refused = 0;
      for (let run = 0; run < BODIES / 2; run += 1) {
        const request = createRequest(createRandom(SEED * 1e7 + run));
        const batch = tryDecode(decodeProtobuf, encodeRequest(request));
        const printed = print(batch);
        expect(print(tryDecode(decodeJson, Buffer.from(JSON.stringify(request)))), `run ${run}`).toBe(
          printed,
        );
        if (printed.includes(CANARY)) expect.fail(`run ${run} tells a prompt: ${printed}`);
        if (batch === undefined) refused += 1;
        else {
          await processor.ingest(batch, 1);
          counted += batch.spans.length;
        }
      }
      expectBalance(processor);
      expect(refused).toBeGreaterThan(BODIES / 200);
      expect(counted).toBeGreaterThan(BODIES / 4);
      expect(await readMetricsText(processor)).not.toContain(CANARY);
      expect(processor.aggregate.totals().callsPicoUsd).toBeGreaterThan(0n);
    },
    LIMIT_MS,
  );

  it(
    'are decoded or refused once they are damaged, in time, and what is decoded counts',
    async () => {
      const processor = createProcessor();
      const seen = { refused: 0, decoded: 0 };
      for (let run = 0; run < BODIES / 2; run += 1) {
        const random = createRandom(SEED * 2e7 + run);
        const request = createRequest(random);
        const isJson = run % 2 === 1;
        const valid = isJson ? Buffer.from(JSON.stringify(request)) : encodeRequest(request);
        const body = pick(random, isJson ? JSON_DAMAGES : PROTOBUF_DAMAGES)(random, valid);
        const decode: Decode = isJson ? decodeJson : decodeProtobuf;
        const before = process.cpuUsage();
        const batch = tryDecode(decode, body);
        tryDecode(isJson ? decodeLogsJson : decodeLogsProtobuf, body);
        if (batch !== undefined) await processor.ingest(batch, 1);
        const { user, system } = process.cpuUsage(before);
        if (user + system > SLOWEST_US) expect.fail(`run ${run} takes ${user + system} µs of CPU`);
        seen[batch === undefined ? 'refused' : 'decoded'] += 1;
      }
      expectBalance(processor);
      expect(seen.refused).toBeGreaterThan(BODIES / 20);
      expect(seen.decoded).toBeGreaterThan(BODIES / 20);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
    LIMIT_MS,
  );
});

type Damage = (random: Random, valid: Buffer) => Buffer;
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const at = (random: Random, body: Buffer): number => Math.floor(random() * body.length);

const flipBits: Damage = (random, valid) => {
  const body = Buffer.from(valid);
  if (body.length === 0) return body;
  for (let count = 0; count < 1 + random() * 4; count += 1)
    body[at(random, body)]! ^= 1 << Math.floor(random() * 8);
  return body;
};
const cut: Damage = (random, valid) => valid.subarray(0, at(random, valid));
/** A part of it twice. */
const repeat: Damage = (random, valid) => {
  const [start, end] = [at(random, valid), at(random, valid)].sort((a, b) => a - b);
  return Buffer.concat([valid.subarray(0, end), valid.subarray(start)]);
};
const insert = (create: (random: Random) => Buffer): Damage => {
  return (random, valid) => {
    const place = at(random, valid);
    return Buffer.concat([valid.subarray(0, place), create(random), valid.subarray(place)]);
  };
};
const noise = insert((random) =>
  Buffer.from(Array.from({ length: 1 + random() * 16 }, () => random() * 256)),
);

const PROTOBUF_DAMAGES: readonly Damage[] = [
  flipBits,
  flipBits,
  cut,
  repeat,
  noise,
  insert((random) => varint(BigInt(Math.floor(random() * 2 ** 53)) << BigInt(Math.floor(random() * 12)))),
  // A length that lies, a varint without end, a group, an id of 300 bytes, a text that is no UTF-8.
  (random, valid) => Buffer.concat([valid, Buffer.from([0x0a]), varint(BigInt(Math.floor(random() * 1e12)))]),
  insert(() => Buffer.alloc(12, 0xff)),
  insert(() => Buffer.from([0x0b, 0x0c])),
  (_, valid) => Buffer.concat([valid, wrapSpan(bytes(1, Buffer.alloc(300, 7)))]),
  (random, valid) =>
    Buffer.concat([valid, wrapSpan(bytes(5, Buffer.from(Array.from({ length: 50 }, () => random() * 256))))]),
  (random, valid) => nestMessages(valid, Math.floor(random() * 2_000)),
];
const wrapSpan = (fields: Buffer): Buffer => bytes(1, bytes(2, bytes(2, fields)));
/** Messages in messages where a value belongs. */
function nestMessages(inner: Buffer, depth: number): Buffer {
  let body = inner.subarray(0, 50);
  for (let level = 0; level < depth; level += 1) body = bytes(level % 2 === 0 ? 5 : 1, body);
  return wrapSpan(bytes(9, Buffer.concat([bytes(1, 'gen_ai.request.model'), bytes(2, body)])));
}

const HOSTILE_JSON = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  'null',
  '1e999',
  '-',
  '\\u0000',
  '"__proto__":{"x":1},',
  '\ud800',
];
const HOSTILE_VALUES = ['null', '[]', '{}', '-1', '"\\ud800"', '1e999', '"x"', '[[[[]]]]', 'true'];
/** One value of it is another one. */
const exchangeValue: Damage = (random, valid) => {
  const text = valid.toString();
  const places = [...text.matchAll(/:("[^"]*"|\d+|true|false)/g)];
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) return valid;
  const { index } = place;
  return Buffer.from(
    `${text.slice(0, index)}:${pick(random, HOSTILE_VALUES)}${text.slice(index + place[0].length)}`,
  );
};
const JSON_DAMAGES: readonly Damage[] = [
  flipBits,
  cut,
  repeat,
  noise,
  exchangeValue,
  exchangeValue,
  exchangeValue,
  insert((random) => Buffer.from(pick(random, HOSTILE_JSON))),
  insert((random) => Buffer.from('['.repeat(random() * 20_000))),
  (random, valid) =>
    Buffer.from(valid.toString().replace('"attributes":[', `$&${'{},'.repeat(random() * 200)}{},`)),
];
