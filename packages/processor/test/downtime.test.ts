import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CONFIG } from '@costspan/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, task } from '../../aggregate/test/records.ts';
import { type Entry, encodeEntry } from '../src/entry.ts';
import { type RunningProcessor, startProcessor } from '../src/main.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import type { SpanRecord } from '../src/span-record.ts';
import { readStateOptions } from '../src/state-options.ts';
import { openDisk } from '../src/store/disk.ts';
import { Store } from '../src/store/store.ts';

const HOUR_MS = 3_600_000;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const FREE = { host: '127.0.0.1', port: 0 };

let dataDirectory: string;
let running: RunningProcessor | undefined;
beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'costspan-downtime-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(dataDirectory, { recursive: true });
});

/** What a processor was told that was killed a moment later, so long ago. */
async function leaveBehind(agoMs: number, spans: readonly SpanRecord[]): Promise<void> {
  const disk = openDisk(dataDirectory);
  const options = readStateOptions(DEFAULT_CONFIG);
  const store = await Store.open({ disk, options, maxQueueBytes: 1e6, onHealth: () => {} });
  const entry: Entry = { kind: 'spans', nowMs: Date.now() - agoMs, spans };
  await store.journal.commit(encodeEntry(entry), () => store.state.apply(entry));
  await store.journal.close();
}

async function start(): Promise<RunningProcessor['processor']> {
  running = await startProcessor({
    config: DEFAULT_CONFIG,
    otlpHttp: FREE,
    otlpGrpc: FREE,
    metrics: FREE,
    dataDirectory,
    onError: (error) => {
      throw error;
    },
  });
  return running.processor;
}

/** The same span as it comes again, with the attributes. */
function sendAgain(processor: RunningProcessor['processor'], spanId: string, attributes: object) {
  const endMs = Date.now();
  const span = {
    traceId: TRACE_ID,
    spanId,
    name: 'resolve',
    kind: 1,
    startTimeUnixNano: `${endMs - 100}000000`,
    endTimeUnixNano: `${endMs}000000`,
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  };
  const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
  return processor.ingest(decodeJson(body, processor.decodeOptions), body.length);
}

describe.each([
  ['three hours', 3 * HOUR_MS],
  ['three hours, by a clock that was set back meanwhile', -3 * HOUR_MS],
])('after %s in which nobody ran', (_name, downMs) => {
  it('a task goes on waiting for its outcome, and a span that was counted is still known', async () => {
    const spanId = 'b7ad6b7169203331';
    const made = call({ traceId: TRACE_ID, spanId, task: { id: 't1', name: 'resolve' }, costPicoUsd: 5e9 });
    await leaveBehind(downMs, [{ traceId: TRACE_ID, spanId, call: made }]);
    const processor = await start();
    await processor.settle();
    expect([...processor.aggregate.tasks].map(({ id, settledAs }) => [id, settledAs])).toEqual([
      ['t1', undefined],
    ]);
    // Its answer got lost with the process, and its exporter has kept it.
    await sendAgain(processor, spanId, { 'gen_ai.operation.name': 'chat', 'costspan.task.id': 't1' });
    expect(processor.aggregate.totals().callsPicoUsd).toBe(5_000_000_000n);
    await sendAgain(processor, 'b7ad6b7169203332', {
      'costspan.task.id': 't1',
      'costspan.task.name': 'resolve',
      'costspan.task.outcome': 'success',
    });
    expect([...processor.aggregate.tasks].map(({ id, outcome }) => [id, outcome])).toEqual([
      ['t1', 'success'],
    ]);
    expect(processor.aggregate.work.tasksForgotten).toBe(0);
  });
});

it('a task that is decided settles as soon after a start as it would have without', async () => {
  await leaveBehind(HOUR_MS, [
    { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', task: task({ id: 't1', outcome: 'success' }) },
  ]);
  const processor = await start();
  await expect
    .poll(async () => {
      await processor.settle();
      return [...processor.aggregate.tasks].map(({ settledAs }) => settledAs);
    })
    .toEqual(['success']);
});

/** The cost that a reader of `/metrics` is told. */
async function readCost(processor: RunningProcessor['processor'], isScrape: boolean): Promise<number> {
  let text = '';
  for await (const piece of await processor.renderMetrics(isScrape)) text += piece;
  return [...text.matchAll(/^llm_cost_usd_total{.*} (.+)$/gm)].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );
}

it('the first scrape after a downtime shows what was kept, so that what comes in a burst then is an increase', async () => {
  const made = call({ traceId: TRACE_ID, spanId: 'b7ad6b7169203331', costPicoUsd: 5e9 });
  await leaveBehind(HOUR_MS, [{ traceId: TRACE_ID, spanId: 'b7ad6b7169203331', call: made }]);
  const processor = await start();
  await sendAgain(processor, 'b7ad6b7169203332', {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
    'gen_ai.usage.input_tokens': '1000',
  });
  const booked = Number(processor.aggregate.totals().callsPicoUsd) / 1e12;
  expect(booked).toBeGreaterThan(0.005);
  // Who looks by hand sees all at once.
  expect(await readCost(processor, false)).toBeCloseTo(booked, 12);
  expect(await readCost(processor, true)).toBe(0.005);
  // The new series of the second call at 0, then with its cost.
  await readCost(processor, true);
  expect(await readCost(processor, true)).toBeCloseTo(booked, 12);
});
