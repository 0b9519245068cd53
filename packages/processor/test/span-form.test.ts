/** The form in which the log has spans: everything that a record may hold comes back, and nothing else is read. */
import type { CallRecord, EvidenceRecord, SpanPlace, TaskRecord } from '@costspan/aggregate';
import { DEFAULT_CONFIG, OutcomeRules } from '@costspan/config';
import { priceUsage } from '@costspan/pricing';
import { OUTCOME_SOURCES, OUTCOMES, PRICE_MODES } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { decodeEntry, type Entry, encodeEntry } from '../src/entry.ts';
import { createReading, readSpanRecord, type SpanRecord } from '../src/span-record.ts';
import { pack } from '../src/store/pack.ts';
import { decodeSpans } from '../src/store/span-reader.ts';
import { encodeSpans } from '../src/store/span-writer.ts';
import { DECODED_CALL } from './spans.ts';

type Random = () => number;

const SPAN = {
  traceId: 'c'.repeat(32),
  spanId: 'b7ad6b7169203331',
  parentSpanId: 'b7ad6b7169203332',
  name: 'a span',
  kind: 'client',
  startMs: 1_795_000_000_000,
  endMs: 1_795_000_001_000,
  hasErrorStatus: false,
  scopeName: 'somebody',
  resource: {},
} as const;

const TEXTS = [
  '',
  'a',
  'shop',
  'gpt-5',
  'Übersicht 🙂',
  'x'.repeat(200),
  'y'.repeat(300),
  '\0',
  'c'.repeat(32),
];
const NUMBERS = [
  0,
  1,
  127,
  128,
  2 ** 31,
  2 ** 48,
  2 ** 53 - 2,
  2 ** 53 - 1,
  2 ** 53,
  0.1,
  -0,
  -1,
  1e300,
  Infinity,
];
const BITS = [0n, 1n, 6n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 70n, -1n];
const IDS = ['', 'b7ad6b7169203331', 'B7AD6B7169203331', 'b7ad6b716920333g', 'chatcmpl-Ü', 'z'.repeat(128)];

const pickOf =
  (random: Random) =>
  <T>(values: readonly T[]): T =>
    values[Math.floor(random() * values.length)]!;
const createHex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

/** The same without some of its optional fields. */
function leaveOut<T extends object>(value: Required<T>, optional: readonly (keyof T)[], random: Random): T {
  const rest: Partial<T> = { ...value };
  for (const name of optional) if (random() < 0.4) delete rest[name];
  return rest as T;
}

/** Each function names every field: one that is added to a record and not to the form fails here. */
function createCall(random: Random): CallRecord {
  const pick = pickOf(random);
  const call: Required<CallRecord> = {
    traceId: pick([createHex(random, 32), 'c'.repeat(32), 'no trace']),
    spanId: pick([createHex(random, 16), 'b7ad6b7169203331']),
    service: pick(TEXTS),
    environment: pick(TEXTS),
    feature: pick(TEXTS),
    userTier: pick(TEXTS),
    tenant: pick(TEXTS),
    provider: pick(TEXTS),
    model: pick(TEXTS),
    operation: pick(TEXTS),
    mode: pick(PRICE_MODES),
    status: pick(['ok', 'error', 'aborted']),
    endMs: pick(NUMBERS),
    durationSeconds: pick(NUMBERS),
    retries: pick(NUMBERS),
    parentSpanId: pick(IDS),
    emitter: pick(TEXTS),
    responseId: pick(IDS),
    sentTo: pick(TEXTS),
    askedAt: pick(TEXTS),
    seeksFeature: true,
    seeksTask: true,
    task: { id: pick(TEXTS), name: pick(TEXTS) },
    timeToFirstChunkSeconds: pick(NUMBERS),
    tokens: {
      input: pick(NUMBERS),
      cacheRead: pick(NUMBERS),
      cacheWrite: pick(NUMBERS),
      output: pick(NUMBERS),
      reasoning: pick(NUMBERS),
    },
    sampleCount: pick(NUMBERS),
    requestDigest: pick(IDS),
    evidence: random() < 0.5 ? { bits: pick(BITS) } : { bits: pick(BITS), lastBits: pick(BITS) },
    costPicoUsd: pick(NUMBERS),
    costSource: pick(['local', 'provider']),
    cacheSavingsPicoUsd: pick(NUMBERS),
    listCostPicoUsd: pick(NUMBERS),
    localCostPicoUsd: pick(NUMBERS),
    unpricedReason: pick(TEXTS),
    estimatedReason: pick(TEXTS),
  };
  return leaveOut<CallRecord>(
    call,
    [
      'parentSpanId',
      'emitter',
      'responseId',
      'sentTo',
      'askedAt',
      'seeksFeature',
      'seeksTask',
      'task',
      'timeToFirstChunkSeconds',
      'tokens',
      'sampleCount',
      'requestDigest',
      'evidence',
      'costPicoUsd',
      'costSource',
      'cacheSavingsPicoUsd',
      'listCostPicoUsd',
      'localCostPicoUsd',
      'unpricedReason',
      'estimatedReason',
    ],
    random,
  );
}

function createTask(random: Random): TaskRecord {
  const pick = pickOf(random);
  const task: Required<TaskRecord> = {
    id: pick(TEXTS),
    name: pick(TEXTS),
    service: pick(TEXTS),
    environment: pick(TEXTS),
    feature: pick(TEXTS),
    userTier: pick(TEXTS),
    startMs: pick(NUMBERS),
    endMs: pick(NUMBERS),
    parentId: pick(TEXTS),
    sessionId: pick(IDS),
    evidence: pick(BITS),
    outcome: pick(OUTCOMES),
    outcomeSource: pick(OUTCOME_SOURCES),
  };
  return leaveOut<TaskRecord>(
    task,
    ['startMs', 'parentId', 'sessionId', 'evidence', 'outcome', 'outcomeSource'],
    random,
  );
}

function createPlace(random: Random): SpanPlace {
  const pick = pickOf(random);
  const ids = { traceId: createHex(random, 32), spanId: createHex(random, 16) };
  const task: Required<Required<SpanPlace>['task']> = {
    id: pick(TEXTS),
    name: pick(TEXTS),
    rank: Math.floor(random() * 6),
    isFinal: random() < 0.5,
    record: createTask(random),
    nested: { ...ids, nestedId: pick(TEXTS) },
  };
  const place: Required<SpanPlace> = {
    ...ids,
    parentSpanId: pick(IDS),
    feature: pick(TEXTS),
    task: leaveOut(task, ['record', 'nested'], random),
  };
  return leaveOut<SpanPlace>(place, ['feature', 'task'], random);
}

function createEvidence(random: Random): EvidenceRecord {
  const bits = pickOf(random)(BITS);
  if (random() < 0.5) return { taskId: pickOf(random)(TEXTS), bits };
  return { traceId: createHex(random, 32), spanId: createHex(random, 16), bits };
}

/** What belongs to one span mostly has its ids. */
function createSpan(random: Random): SpanRecord {
  const pick = pickOf(random);
  const ids = { traceId: createHex(random, 32), spanId: pick([createHex(random, 16), 'not hex']) };
  const ofSpan = <T extends object>(record: T): T => (random() < 0.7 ? { ...record, ...ids } : record);
  const place = ofSpan(createPlace(random));
  const call = ofSpan(createCall(random));
  const parent = random() < 0.7 && 'parentSpanId' in call ? { parentSpanId: place.parentSpanId } : {};
  const names = { taskId: pick(TEXTS), spanId: pick([ids.spanId, 'other']), responseId: pick(IDS) };
  const span: Required<SpanRecord> = {
    ...ids,
    place,
    call: { ...call, ...parent },
    task: createTask(random),
    evidence: createEvidence(random),
    names: leaveOut(names, ['responseId'], random),
  };
  return leaveOut<SpanRecord>(span, ['place', 'call', 'task', 'evidence', 'names'], random);
}

const createEntry = (random: Random, maxSpans = 40): Entry => ({
  kind: 'spans',
  nowMs: pickOf(random)([1_795_000_000_000, 1_795_000_000_000.5]),
  spans: Array.from({ length: Math.floor(random() * maxSpans) }, () => createSpan(random)),
});

it('whatever a span may hold comes back as it was', () => {
  const random = createRandom(11);
  for (let run = 0; run < 600; run += 1) {
    const entry = createEntry(random);
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  }
});

it('texts beyond what is kept from one entry to the next come back, and those after them', () => {
  const random = createRandom(12);
  const spans = Array.from({ length: 3_000 }, () => createSpan(random));
  const large: Entry = {
    kind: 'spans',
    nowMs: 1,
    spans: spans.map((span, index) => ({
      ...span,
      evidence: { taskId: `${index}-${'ü'.repeat(400)}`, bits: 1n },
    })),
  };
  const small = createEntry(random);
  for (const entry of [large, small, large]) expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
});

it('an entry that an earlier form has packed is read', () => {
  const random = createRandom(13);
  for (let run = 0; run < 100; run += 1) {
    const entry = createEntry(random);
    expect(decodeEntry(pack(entry))).toStrictEqual(entry);
  }
});

/** What makes an object of one kind for V8: its keys, in their order, and those of the objects in it. */
const keysOf = (value: object): string[] =>
  Object.entries(value).flatMap(([key, inner]) => [
    key,
    ...(typeof inner === 'object' && inner !== null ? keysOf(inner).map((name) => `${key}.${name}`) : []),
  ]);

it('what is read of a span and what comes back from the log has the same keys in one order, known or not', () => {
  const read = { ...createReading(DEFAULT_CONFIG, priceUsage), judge: new OutcomeRules([]) };
  const span = { ...SPAN, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' } };
  const bare = readSpanRecord(span, read)!;
  const full = readSpanRecord({ ...span, attributes: { ...span.attributes, ...DECODED_CALL } }, read)!;
  const request = { 'costspan.task.id': 't', 'http.route': '/a' };
  const ended = readSpanRecord({ ...span, kind: 'server', attributes: request }, read)!;
  const unnamed = readSpanRecord({ ...span, kind: 'server', attributes: { 'http.route': '/a' } }, read)!;
  const spans = [bare, full, ended, unnamed];
  const { spans: decoded } = decodeSpans(encodeSpans(1, spans));
  expect(decoded.map(keysOf)).toEqual(spans.map(keysOf));
  expect(Object.keys(bare.call!)).toEqual(Object.keys(full.call!));
  expect(Object.keys(bare)).toEqual(Object.keys(ended));
  expect(Object.keys(ended.place!.task!)).toEqual(Object.keys(unnamed.place!.task!));
  expect(Object.keys(ended.task!)).toEqual(Object.keys(unnamed.place!.task!.record!));
});

it('bytes that are cut or are none of ours are refused, and never more', () => {
  const random = createRandom(14);
  let refused = 0;
  for (let run = 0; run < 5_000; run += 1) {
    const whole = encodeEntry(createEntry(random, 4));
    const bytes = Buffer.from(whole.subarray(0, Math.floor(random() * (whole.length + 1))));
    if (bytes.length > 0 && random() < 0.7)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    try {
      decodeEntry(bytes);
    } catch (error) {
      refused += 1;
      expect(error instanceof RangeError || error instanceof SyntaxError, String(error)).toBe(true);
    }
  }
  expect(refused).toBeGreaterThan(1_000);
});

it('labels come back, however many others an entry before has had', () => {
  const spansOf = (first: number): SpanRecord[] =>
    Array.from({ length: 3_000 }, (_, index) => ({
      traceId: 'c'.repeat(32),
      spanId: 'b7ad6b7169203331',
      task: { ...createTask(createRandom(1)), feature: `/features/${first + index}` },
    }));
  for (const first of [0, 1_500, 30_000, 0]) {
    const entry: Entry = { kind: 'spans', nowMs: 1, spans: spansOf(first) };
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  }
});

it('a span is small, and what it shares with others is there once', () => {
  const random = createRandom(15);
  const tokens = { input: 976, cacheRead: 512, cacheWrite: 0, output: 60, reasoning: 64 };
  const rest = { parentSpanId: 'b7ad6b7169203332', tokens, evidence: { bits: 6n, lastBits: 6n } };
  const call = {
    ...createCall(random),
    ...rest,
    costPicoUsd: 620_000_000,
    responseId: '',
    requestDigest: '',
  };
  const spans = Array.from({ length: 101 }, (): SpanRecord => {
    const ids = { traceId: 'c'.repeat(32), spanId: createHex(random, 16) };
    return { ...ids, call: { ...call, ...ids } };
  });
  const sizeOf = (count: number): number =>
    encodeEntry({ kind: 'spans', nowMs: 1, spans: spans.slice(0, count) }).length;
  expect(sizeOf(101) - sizeOf(100)).toBeLessThan(130);
});
