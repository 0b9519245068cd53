/** Bodies as large as one may be, each made to cost a decoder as much as it can: in bounded memory, in bounded time. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DEFAULT_CONFIG } from '@costspan/config';
import { expect, it } from 'vitest';
import { bytes } from './otlp-protobuf.ts';
import { NOW_MS } from './spans.ts';

/** A quarter of the default limit; what a body costs grows with it. */
const bodyBytes = DEFAULT_CONFIG.limits.bodyBytes / 4;
/** Of the thread that decodes: the body itself is outside of it. */
const HEAP_MB = 192;
const CPU_LIMIT_MS = 4_000;

const fill = (piece: Buffer | string): Buffer => Buffer.alloc(bodyBytes - 1_024, piece);
/** Whole pieces: what is left over at the end would be malformed. */
const fillWhole = (piece: Buffer): Buffer =>
  Buffer.alloc(Math.floor((bodyBytes - 1_024) / piece.length) * piece.length, piece);
const inSpan = (fields: Buffer): Buffer => bytes(1, bytes(2, bytes(2, Buffer.concat([IDS, fields]))));
const nanos = Buffer.alloc(9, 0x39);
nanos.writeBigUInt64LE(BigInt(NOW_MS) * 1_000_000n, 1);
/** A span that counts, were it not for what comes with it. */
const IDS = Buffer.concat([
  bytes(1, Buffer.alloc(16, 1)),
  bytes(2, Buffer.alloc(8, 2)),
  nanos,
  Buffer.concat([Buffer.from([0x41]), nanos.subarray(1)]),
]);
const attribute = (key: string, value: Buffer): Buffer =>
  bytes(9, Buffer.concat([bytes(1, key), bytes(2, value)]));
const tool = (index: number): Buffer =>
  attribute(`costspan.usage.${index.toString(36)}.requests`, Buffer.from([0x18, 1]));
const EVENT = bytes(11, bytes(2, 'exception'));

const PROTOBUF: Readonly<Record<string, () => Buffer>> = {
  'spans of nothing': () => bytes(1, bytes(2, fillWhole(Buffer.from([0x12, 0])))),
  'scopes of nothing': () => bytes(1, fillWhole(Buffer.from([0x12, 0]))),
  'resources of nothing': () => fillWhole(Buffer.from([0x0a, 0])),
  'the smallest spans that count': () => bytes(1, bytes(2, fillWhole(bytes(2, IDS)))),
  events: () => inSpan(fillWhole(EVENT)),
  'one name again and again': () => inSpan(fillWhole(tool(1))),
  'names of its own': () => inSpan(Buffer.concat(Array.from({ length: 100_000 }, (_, index) => tool(index)))),
  'one text': () => inSpan(attribute('gen_ai.request.model', bytes(1, fill('x')))),
  'an array of nothing': () =>
    inSpan(attribute('gen_ai.request.model', bytes(5, fillWhole(Buffer.from([0x0a, 0]))))),
  'unknown fields': () => fillWhole(Buffer.from([0x38, 0])),
};
const JSON_BODIES: Readonly<Record<string, () => Buffer>> = {
  'spans of nothing': () =>
    Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${fillWhole(Buffer.from('{},'))}{}]}]}]}`),
  // Four times as large: what parsing it would cost is refused before.
  'objects without number': () => Buffer.from(`[${Buffer.alloc(4 * bodyBytes, '{},')}{}]`),
  'brackets without end': () => fill('['),
  'one text': () => Buffer.from(`{"x":"${fill('x')}"}`),
  numbers: () => Buffer.from(`{"x":[${fillWhole(Buffer.from('1,'))}1]}`),
};
const CASES = [
  ...Object.entries(PROTOBUF).map(([what, create]) => ['protobuf', what, create] as const),
  ...Object.entries(JSON_BODIES).map(([what, create]) => ['json', what, create] as const),
];

const DECODE = `
const { parentPort, workerData } = require('node:worker_threads');
const { decodeProtobuf } = require(workerData.dist + '/receive/decode.js');
const { decodeJson } = require(workerData.dist + '/receive/decode-json.js');
const decode = workerData.encoding === 'json' ? decodeJson : decodeProtobuf;
const before = process.threadCpuUsage();
let outcome;
try {
  const { spans, rejected } = decode(Buffer.from(workerData.body));
  outcome = { spans: spans.length, rejected: rejected.length };
} catch (error) {
  outcome = { error: error.name };
}
const { user, system } = process.threadCpuUsage(before);
parentPort.postMessage({ ...outcome, cpuMs: (user + system) / 1000 });
`;

interface Outcome {
  readonly spans?: number;
  readonly rejected?: number;
  readonly error?: string;
  readonly cpuMs: number;
}

it.each(CASES)('%s: %s', async (encoding, what, create) => {
  const body = create();
  expect(body.length).toBeGreaterThan(bodyBytes * 0.8);
  const worker = new Worker(DECODE, {
    eval: true,
    workerData: { encoding, body, dist: join(import.meta.dirname, '..', 'dist') },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const outcome = await new Promise<Outcome>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect([undefined, 'MalformedError']).toContain(outcome.error);
  if (what === 'objects without number') expect(outcome.error).toBe('MalformedError');
  expect(outcome.cpuMs).toBeLessThan(CPU_LIMIT_MS);
});
