import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DEFAULT_CONFIG, OutcomeRules } from '@costspan/config';
import { expect, it } from 'vitest';
import { createConfiguredPricer } from '../src/pricer.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { createReading, readSpanRecord } from '../src/span-record.ts';
import { encodeRequest } from './otlp-protobuf.ts';
import { NOW_MS } from './spans.ts';

const BODIES = 300;
const PROMPT_CHARS = 100_000;
/** Of a record; a text cut from a body would hold all of its hundred thousand bytes. */
const MAX_RECORD_BYTES = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
async function readHeldBytes(): Promise<number> {
  collect();
  // Buffers are let go after the collection that has found them.
  await nextTurn();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const createRequest = (number: number) => {
  const hex = (digits: number) => (number + 1).toString(16).padStart(digits, '0');
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.response.id': `answer-of-a-length-that-is-cut-${number}`,
    'costspan.task.id': `task-of-a-length-that-is-cut-${number}`,
    'gen_ai.input.messages': `${number}`.padEnd(PROMPT_CHARS, 'x'),
    // Whoever puts a prompt where a label is read.
    'costspan.feature': `feature ${number}`.padEnd(PROMPT_CHARS, 'x'),
  };
  const span = {
    traceId: hex(32),
    spanId: hex(16),
    name: 'chat gpt-5',
    kind: 3,
    startTimeUnixNano: `${NOW_MS - 100}000000`,
    endTimeUnixNano: `${NOW_MS}000000`,
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  };
  const scope = { name: `emitter ${number}`.padEnd(PROMPT_CHARS, 'x') };
  return { resourceSpans: [{ scopeSpans: [{ scope, spans: [span] }] }] };
};

it.each([
  ['protobuf', (request: ReturnType<typeof createRequest>) => encodeRequest(request), decodeProtobuf],
  ['JSON', (request: ReturnType<typeof createRequest>) => Buffer.from(JSON.stringify(request)), decodeJson],
] as const)(
  'what is kept of a span does not hold the body it came in (%s)',
  async (_name, encode, decode) => {
    const judge = new OutcomeRules(DEFAULT_CONFIG.tasks.outcome);
    const read = { ...createReading(DEFAULT_CONFIG, createConfiguredPricer(DEFAULT_CONFIG).price), judge };
    const options = { attributeNames: judge.attributeNames, latestMs: NOW_MS + 86_400_000 };
    const kept: unknown[] = [];
    const before = await readHeldBytes();
    for (let number = 0; number < BODIES; number += 1) {
      const { spans } = decode(encode(createRequest(number)), options);
      expect(spans[0]?.scopeName.length).toBe(200);
      for (const span of spans) kept.push(readSpanRecord(span, read));
    }
    // What holds a body holds it for good.
    await expect.poll(async () => ((await readHeldBytes()) - before) / BODIES).toBeLessThan(MAX_RECORD_BYTES);
    expect(kept.filter((record) => record !== undefined).length).toBe(BODIES);
  },
);
