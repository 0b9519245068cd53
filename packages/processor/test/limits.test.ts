import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, DEFAULT_CONFIG } from '@costspan/config';
import { PATIENCE_MS } from '@costspan/testkit';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/index.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { Processor } from '../src/processor.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { readStateOptions } from '../src/state-options.ts';
import { Store } from '../src/store/store.ts';
import { MemoryDisk } from './memory-disk.ts';
import {
  CALL,
  DECODED_CALL,
  encodeJson,
  encodeProtobuf,
  NOW_MS,
  readMetricsText,
  recordSpans,
} from './spans.ts';

const ANY = { host: '127.0.0.1', port: 0 };
const withLimits = (limits: Partial<Config['limits']>): Config => ({
  ...DEFAULT_CONFIG,
  limits: { ...DEFAULT_CONFIG.limits, ...limits },
});
const createProcessor = (limits: Partial<Config['limits']>) => {
  const config = withLimits(limits);
  return new Processor({ config, price: createConfiguredPricer(config).price, now: () => NOW_MS });
};
const readTruncated = async (processor: Processor): Promise<Record<string, number>> => {
  const text = await readMetricsText(processor);
  const found = text.matchAll(/^costspan_processor_truncated_total\{limit="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, limit, value]) => [limit, Number(value)]));
};
const encodings = [
  ['protobuf', encodeProtobuf, decodeProtobuf],
  ['JSON', encodeJson, decodeJson],
] as const;

describe.each(encodings)('of a span in %s', (_, encode, decode) => {
  it('attributes of its own and events beyond the limit are left out and counted, what is known is not', async () => {
    const processor = createProcessor({ spanAttributes: 3, spanEvents: 2, labelChars: 30 });
    const tools = Array.from({ length: 10 }, (_tool, index) => [`costspan.usage.tool${index}.requests`, 1]);
    const events = Array.from({ length: 5 }, () => ({
      name: 'gen_ai.evaluation.result',
      attributes: { 'gen_ai.evaluation.name': 'relevance' },
    }));
    const [call, ...rest] = recordSpans();
    const changed = {
      ...call!,
      spanContext: () => call!.spanContext(),
      resource: call!.resource,
      attributes: { ...Object.fromEntries(tools), ...CALL },
      events: events.map((event) => ({ ...event, time: call!.endTime })),
    };
    const batch = decode(encode([changed, ...rest]), processor.decodeOptions);
    const kept = Object.keys(batch.spans[0]!.attributes).filter((name) => name.includes('tool'));
    expect([kept, batch.spans[0]!.events?.length]).toEqual([tools.slice(0, 3).map(([name]) => name), 2]);
    expect(batch.spans[0]!.attributes).toMatchObject(DECODED_CALL);
    await processor.ingest(batch, 1);
    // The label of the feature is cut on the call and on its task.
    expect(await readTruncated(processor)).toEqual({
      label_chars: 2,
      call_tokens: 0,
      span_attributes: 7,
      span_events: 3,
      dedupe_spans: 0,
      settled_tasks: 0,
    });
    const text = await readMetricsText(processor);
    expect(text).toMatch(/^llm_cost_usd_total\{.*feature="Übersicht\/[^"]{20}".* 0\.01$/m);
  });
});

it('spans that are forgotten before their time are counted', async () => {
  const processor = createProcessor({ dedupeSpans: 4 });
  for (let count = 0; count < 5; count += 1)
    await processor.ingest(decodeProtobuf(encodeProtobuf(recordSpans())), 1);
  // Each time a call and the end of a task; the tool's span counts nothing that could count twice.
  expect((await readTruncated(processor)).dedupe_spans).toBe(6);
});

describe('a reload', () => {
  let running: RunningProcessor;
  let directory: string;
  afterEach(async () => {
    await running.close();
    rmSync(directory, { recursive: true });
  });

  it('changes the limits of bodies at both doors, and of what waits for the disk', async () => {
    directory = mkdtempSync(join(tmpdir(), 'costspan-limits-'));
    const onError = (error: unknown) => {
      throw error;
    };
    const doors = { otlpHttp: ANY, otlpGrpc: ANY, metrics: ANY };
    running = await startProcessor({
      config: withLimits({ bodyBytes: 2_000 }),
      ...doors,
      dataDirectory: directory,
      onError,
    });
    const body = encodeProtobuf(recordSpans());
    expect([await sendHttp(body), await sendGrpc(body)]).toEqual([413, status.RESOURCE_EXHAUSTED]);
    await running.reload(withLimits({ bodyBytes: 100_000, queueBytes: 1 }), { tokens: [] });
    expect([await sendHttp(body), await sendGrpc(body)]).toEqual([200, status.OK]);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => sendHttp(body)));
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
  });

  async function sendHttp(body: Buffer): Promise<number> {
    const headers = { 'content-type': 'application/x-protobuf' };
    const sent = { method: 'POST', headers, body: new Uint8Array(body) };
    return (await fetch(`${running.otlpHttp}/v1/traces`, sent)).status;
  }

  function sendGrpc(body: Buffer): Promise<number> {
    const client = new Client(running.otlpGrpc.replace('http://', ''), credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, same, same, body, { deadline: Date.now() + PATIENCE_MS }, (error) => {
        client.close();
        resolve(error?.code ?? status.OK);
      });
    });
  }
});

describe('readiness', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function openStore(disk: MemoryDisk) {
    const options = readStateOptions(DEFAULT_CONFIG);
    const store = await Store.open({ disk, options, maxQueueBytes: 1_000_000, onHealth: () => {} });
    const { state, journal } = store;
    const { price } = createConfiguredPricer(DEFAULT_CONFIG);
    const kept = {
      state,
      journal,
      get health() {
        return store.health;
      },
    };
    const processor = new Processor({ config: DEFAULT_CONFIG, price, now: () => NOW_MS, store: kept });
    return { store, processor };
  }

  it('comes back by itself when the disk works again, though nobody sends anything', async () => {
    const disk = new MemoryDisk();
    const { store, processor } = await openStore(disk);
    disk.faults = [{ at: disk.operations, count: 2, code: 'ENOSPC' }];
    await expect(processor.recordOutcome({ taskId: 't', outcome: 'success' })).rejects.toThrow();
    expect(store.health.failure).toBeDefined();
    for (let tick = 0; tick < 3; tick += 1) await processor.settle().catch(() => {});
    expect(store.health.failure).toBeUndefined();
  });

  it('a disk that does not come back from a write is told after ten seconds, and nobody waits for it', async () => {
    const disk = new MemoryDisk();
    const { store, processor } = await openStore(disk);
    const goOn = disk.stop();
    const outcome = { taskId: 't', outcome: 'success' } as const;
    const sent = processor.recordOutcome(outcome);
    await expect.poll(() => store.health.queueBytes).toBeGreaterThan(0);
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 9_000);
    expect(store.health.isStalled).toBe(false);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 11_000);
    expect(store.health.isStalled).toBe(true);
    await expect(processor.recordOutcome(outcome)).rejects.toMatchObject({ reason: 'disk' });
    // A scrape shows what is durable.
    expect(await readMetricsText(processor, true)).toContain('costspan_processor_wal_queue_bytes');
    goOn();
    await sent;
    expect(store.health.isStalled).toBe(false);
    await processor.recordOutcome(outcome);
  });
});
