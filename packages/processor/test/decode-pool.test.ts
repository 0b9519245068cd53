/** Bodies that another thread decodes count as they would have in this one, whatever comes between. */
import { gzipSync } from 'node:zlib';
import { type Config, DEFAULT_CONFIG, OutcomeRules } from '@costspan/config';
import { TEST_LIMIT_MS } from '@costspan/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { describeFailure } from '../src/failures.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { Processor } from '../src/processor.ts';
import { BodyReader, DECODE } from '../src/receive/decode-body.ts';
import { DecodePool, type DecodeThread } from '../src/receive/decode-pool.ts';
import { Gzip, OutgrownError } from '../src/receive/decompress.ts';
import type { Encoding } from '../src/receive/reply.ts';
import { MalformedError } from '../src/receive/wire.ts';
import { ProcessorState } from '../src/state.ts';
import { readStateOptions } from '../src/state-options.ts';
import { decodeSpans } from '../src/store/span-reader.ts';
import { encodeSpans } from '../src/store/span-writer.ts';
import { Store } from '../src/store/store.ts';
import { readReceived } from '../src/telemetry/own-metrics.ts';
import { MemoryDisk } from './memory-disk.ts';
import { createRequest, type OtlpRequest } from './otlp-grammar.ts';
import { encodeRequest } from './otlp-protobuf.ts';
import { createRandom, encodeJson, encodeProtobuf, NOW_MS, readMetricsText, recordSpans } from './spans.ts';

const LARGE = 1_000_000;
const LATEST_MS = NOW_MS + 86_400_000;
const encode = (value: object): Buffer => Buffer.from(JSON.stringify(value));

let pools: DecodePool[] = [];
let errors: unknown[] = [];
afterEach(() => {
  for (const pool of pools) pool.close();
  pools = [];
  errors = [];
});

function createPool(config: Config = DEFAULT_CONFIG, idleMs?: number): DecodePool {
  const onError = (error: unknown) => errors.push(error);
  const pool = new DecodePool({ config, onError, ...(idleMs !== undefined && { idleMs }) });
  pools.push(pool);
  return pool;
}

async function waitForThread(pool: DecodePool): Promise<DecodeThread> {
  const endMs = performance.now() + TEST_LIMIT_MS;
  while (performance.now() < endMs) {
    const thread = pool.find(LARGE);
    if (thread !== undefined) return thread;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('no thread has become ready');
}

/** What the grammar allows, less what is nested so deep that the whole body would be refused. */
function createTaken(random: () => number): OtlpRequest {
  for (;;) {
    const request = createRequest(random);
    try {
      DECODE.protobuf(encodeRequest(request), {});
      DECODE.json(encode(request), {});
      return request;
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
    }
  }
}

/** Some hundred spans each, of the grammar and as the OpenTelemetry SDK writes them. */
function createBodies(count: number): { readonly body: Buffer; readonly encoding: Encoding }[] {
  const random = createRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const grammar = {
      resourceSpans: Array.from({ length: 120 }, () => createTaken(random)).flatMap(
        ({ resourceSpans }) => resourceSpans,
      ),
    };
    const spans = Array.from({ length: 25 }, recordSpans).flat();
    return [
      { body: encodeProtobuf(spans), encoding: 'protobuf' as const },
      { body: encodeJson(spans), encoding: 'json' as const },
      { body: encodeRequest(grammar), encoding: 'protobuf' as const },
      { body: encode(grammar), encoding: 'json' as const },
    ][index % 4]!;
  });
}

/** A small limit of everything that is cut. */
const CUTTING: Config = {
  ...DEFAULT_CONFIG,
  limits: { ...DEFAULT_CONFIG.limits, labelChars: 12, spanAttributes: 1, spanEvents: 1 },
};

it.each([
  ['the defaults', DEFAULT_CONFIG],
  ['limits that cut', CUTTING],
])('what is kept of a body and counted of it is the same in another thread, under %s', async (_, config) => {
  const thread = await waitForThread(createPool(config));
  const rules = new OutcomeRules(config.tasks.outcome);
  const { price } = createConfiguredPricer(config);
  let truncated: Record<string, number> = {};
  const onLimit = (limit: string) => {
    truncated[limit] = (truncated[limit] ?? 0) + 1;
  };
  const reader = new BodyReader(config, { price, onLimit });
  let kept = 0;
  for (const { body, encoding } of createBodies(8)) {
    truncated = {};
    const batch = DECODE[encoding](body, reader.decodeOptions(rules, LATEST_MS));
    const entry = encodeSpans(0, reader.readRecords(batch, rules));
    const received = { ...readReceived(batch), bytes: body.length };
    for (const sent of [body, new Gzip(gzipSync(body), body.length)]) {
      const decoded = await thread.decode(sent, { encoding, latestMs: LATEST_MS });
      expect(Buffer.from(decoded.entry).equals(entry)).toBe(true);
      expect(decoded).toMatchObject({ generation: 0, received, truncated });
    }
    kept += entry.length;
  }
  expect(kept).toBeGreaterThan(10_000);
  if (config === CUTTING) expect(truncated).not.toEqual({});
});

it('a body that is none is refused in the words of its decoder', async () => {
  const thread = await waitForThread(createPool());
  const decode = (body: Buffer, encoding: Encoding) => thread.decode(body, { encoding, latestMs: LATEST_MS });
  await expect(decode(Buffer.alloc(100_000, 0xff), 'protobuf')).rejects.toThrow('protobuf');
  await expect(decode(Buffer.alloc(100_000, '{'), 'json')).rejects.toThrow('JSON');
  const { body, encoding } = createBodies(1)[0]!;
  expect((await decode(body, encoding)).received.spans).toBe(75);
  expect(errors).toEqual([]);
});

it('a gzip that is none is refused, and one that becomes more than it says is given back', async () => {
  const thread = await waitForThread(createPool());
  const { body, encoding } = createBodies(1)[0]!;
  const decode = (bytes: Buffer, length: number) =>
    thread.decode(new Gzip(bytes, length), { encoding, latestMs: LATEST_MS });
  await expect(decode(body, body.length)).rejects.toThrow(new MalformedError('the body is not gzip'));
  await expect(decode(gzipSync(body).subarray(0, -9), body.length)).rejects.toThrow(MalformedError);
  await expect(decode(gzipSync(body), body.length - 1)).rejects.toThrow(OutgrownError);
  expect((await decode(gzipSync(body), body.length)).received.spans).toBe(75);
  expect(errors).toEqual([]);
});

it('small bodies start no thread, and are handed to none', async () => {
  const pool = createPool();
  expect([pool.find(1_000), pool.find(LARGE)]).toEqual([undefined, undefined]);
  await waitForThread(pool);
  expect(pool.find(1_000)).toBeUndefined();
});

it('without threads none is started, and a reload ends those that are too many', async () => {
  const withThreads = (decodeThreads: number): Config => ({
    ...DEFAULT_CONFIG,
    limits: { ...DEFAULT_CONFIG.limits, decodeThreads },
  });
  const pool = createPool(withThreads(0));
  pool.find(LARGE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pool.find(LARGE)).toBeUndefined();
  pool.change(withThreads(1));
  const thread = await waitForThread(pool);
  const { body, encoding } = createBodies(1)[0]!;
  const waiting = thread.decode(body, { encoding, latestMs: LATEST_MS });
  pool.change(withThreads(0));
  await expect(waiting).rejects.toMatchObject({ httpStatus: 503, reason: 'decoder_ended' });
  expect(pool.find(LARGE)).toBeUndefined();
});

it('a thread that has nothing to do is ended, one that has is not, and another one is started', async () => {
  const pool = createPool(DEFAULT_CONFIG, 200);
  const first = await waitForThread(pool);
  const { body, encoding } = createBodies(1)[0]!;
  for (const endMs = performance.now() + 600; performance.now() < endMs; ) {
    await first.decode(body, { encoding, latestMs: LATEST_MS });
    expect(first.idleMs).toBeLessThan(200);
  }
  while (pool.find(LARGE) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await waitForThread(pool);
  expect(second).not.toBe(first);
  expect((await second.decode(body, { encoding, latestMs: LATEST_MS })).received.spans).toBe(75);
  expect(errors).toEqual([]);
});

it('a thread that fails takes with it what it had, is told of, and is not started again at once', async () => {
  const pool = createPool();
  const thread = await waitForThread(pool);
  const { body } = createBodies(1)[0]!;
  // No such decoder: what a defect of ours would be.
  const decode = (encoding: string) =>
    thread.decode(body, { encoding: encoding as Encoding, latestMs: LATEST_MS });
  const results = await Promise.allSettled([decode('none'), decode('protobuf')]);
  for (const result of results)
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { httpStatus: 503, reason: 'decoder_ended' },
    });
  expect(errors.map(describeFailure)).toEqual([
    {
      code: 'COSTSPAN_DECODER_ENDED',
      message: expect.stringContaining('has ended'),
      fix: expect.stringContaining('limits.decode_threads'),
    },
  ]);
  expect(pool.find(LARGE)).toBeUndefined();
});

describe('a processor with threads', () => {
  const PRICED: Config = {
    ...DEFAULT_CONFIG,
    tasks: { ...DEFAULT_CONFIG.tasks, outcome: [{ when: { 'error.type': ['*'] }, is: 'abandoned' }] },
    prices: { ...DEFAULT_CONFIG.prices, discounts: [{ provider: 'openai', percent: 50 }] },
  };

  async function openStore(disk: MemoryDisk, config: Config): Promise<Store> {
    const options = readStateOptions(config);
    return Store.open({ disk, options, maxQueueBytes: 1e9, onHealth: () => {} });
  }

  function createProcessor(config: Config, options: { decoders?: DecodePool; store?: Store }): Processor {
    return new Processor({
      config,
      price: createConfiguredPricer(config).price,
      now: () => NOW_MS,
      ...options,
    });
  }

  /** Whatever the order is in which requests came to count: sums of doubles depend on it. */
  const readCounts = async (processor: Processor): Promise<string[]> =>
    (await readMetricsText(processor))
      .split('\n')
      .filter((line) => !/^$|^#|_wal_|_kept_|_seconds_sum/.test(line))
      .sort();

  it('counts to the last digit what one without them counts, before and after a crash', async () => {
    const bodies = createBodies(24);
    const [pool, disk] = [createPool(), new MemoryDisk()];
    await waitForThread(pool);
    const store = await openStore(disk, DEFAULT_CONFIG);
    const [threaded, plain] = [
      createProcessor(DEFAULT_CONFIG, { decoders: pool, store }),
      createProcessor(DEFAULT_CONFIG, {}),
    ];
    let handedOver = 0;
    const find = pool.find.bind(pool);
    pool.find = (bytes) => {
      const thread = find(bytes);
      if (thread !== undefined) handedOver += 1;
      return thread;
    };
    const rejected: unknown[] = [];
    for (const { body, encoding } of bodies) rejected.push(await plain.ingestBody(body, encoding));
    const asSent = (body: Buffer, index: number) =>
      index % 3 === 0 ? new Gzip(gzipSync(body), body.length) : body;
    const answers = await Promise.all(
      bodies.map(({ body, encoding }, index) => threaded.ingestBody(asSent(body, index), encoding)),
    );
    expect(handedOver).toBeGreaterThan(10);
    expect(answers).toEqual(rejected);
    const counted = await readCounts(threaded);
    expect(counted).toEqual(await readCounts(plain));
    expect(counted.some((line) => /^llm_cost_usd_total.* [1-9]/.test(line))).toBe(true);
    const { state } = await openStore(disk.clone(), DEFAULT_CONFIG);
    const restarted = await readCounts(
      createProcessor(DEFAULT_CONFIG, { store: { ...store, state } as Store }),
    );
    const ofCalls = (lines: readonly string[]) => lines.filter((line) => line.startsWith('llm_'));
    expect(ofCalls(restarted)).toEqual(ofCalls(counted));
    await store.close();
  });

  /** Calls that tell their tokens and no cost. */
  function createUnpriced(count: number): Buffer {
    const spans = Array.from({ length: count }, (_, index) => ({
      traceId: (index + 1).toString(16).padStart(32, '0'),
      spanId: (index + 1).toString(16).padStart(16, '0'),
      startTimeUnixNano: `${NOW_MS}000000`,
      endTimeUnixNano: `${NOW_MS}000000`,
      attributes: [
        ...Object.entries({
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'gpt-5-mini',
          'a text that nobody reads': 'x'.repeat(400),
        }).map(([key, stringValue]) => ({ key, value: { stringValue } })),
        { key: 'gen_ai.usage.input_tokens', value: { intValue: '1000' } },
        { key: 'gen_ai.usage.output_tokens', value: { intValue: '100' } },
      ],
    }));
    return encode({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  }

  it('reads under the new configuration what a reload has overtaken', async () => {
    const pool = createPool();
    await waitForThread(pool);
    const processor = createProcessor(DEFAULT_CONFIG, { decoders: pool });
    const first = createBodies(1)[0]!;
    // While something is under way the next one is handed over, and the reload comes before its answer.
    const answers = [
      processor.ingestBody(first.body, first.encoding),
      processor.ingestBody(createUnpriced(400), 'json'),
    ];
    await processor.reload(PRICED, createConfiguredPricer(PRICED).price);
    await Promise.all(answers);
    const plain = createProcessor(PRICED, {});
    await plain.ingestBody(first.body, first.encoding);
    await plain.ingestBody(createUnpriced(400), 'json');
    const readCost = async (of: Processor) =>
      (await readCounts(of)).filter((line) => /^llm_cost_usd/.test(line));
    const cost = await readCost(processor);
    expect([cost.length, pool.generation]).toEqual([2, 1]);
    expect(cost).toEqual(await readCost(plain));
  });

  it('is the same state whether an entry was applied as objects or as bytes', () => {
    const config = DEFAULT_CONFIG;
    const rules = new OutcomeRules(config.tasks.outcome);
    const { price } = createConfiguredPricer(config);
    const reader = new BodyReader(config, { price, onLimit: () => {} });
    const { body, encoding } = createBodies(3)[2]!;
    const spans = [
      ...reader.readRecords(DECODE[encoding](body, reader.decodeOptions(rules, LATEST_MS)), rules),
    ];
    const states = [
      new ProcessorState(readStateOptions(config)),
      new ProcessorState(readStateOptions(config)),
    ];
    states[0]!.apply({ kind: 'spans', nowMs: NOW_MS, spans });
    states[1]!.apply({ kind: 'spans', ...decodeSpans(encodeSpans(NOW_MS, spans)) });
    const [asObjects, asBytes] = states.map((state) => [...state.readState()]);
    expect(asBytes).toEqual(asObjects);
  });
});
