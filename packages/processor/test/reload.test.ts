import { type Config, DEFAULT_CONFIG } from '@costspan/config';
import { expect, it } from 'vitest';
import { Processor } from '../src/index.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { SpanCollector } from '../src/receive/spans.ts';
import { readStateOptions } from '../src/state-options.ts';
import { Store } from '../src/store/store.ts';
import { MemoryDisk } from './memory-disk.ts';
import { NOW_MS, RESOURCE, readMetricsText } from './spans.ts';

const HOUR_MS = 3_600_000;
const { price } = createConfiguredPricer(DEFAULT_CONFIG);
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 10 };
const taskOf = (id: string) => ({ 'costspan.task.id': id, 'costspan.task.name': 'resolve' });

it('a reload counts on what the processor counts of its own work', async () => {
  let nowMs = NOW_MS;
  const limits = { ...DEFAULT_CONFIG.limits, openTasks: 1, settledTasks: 1, dedupeSpans: 2, labelChars: 20 };
  const config = { ...DEFAULT_CONFIG, limits };
  const processor = new Processor({ config, price, now: () => nowMs });
  const send = async (spanId: string, attributes: Record<string, unknown>, parentSpanId = '') => {
    const collector = new SpanCollector({});
    collector.add({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId,
      parentSpanId,
      name: 'chat',
      kind: 'client',
      startMs: NOW_MS - 1_000,
      endMs: NOW_MS,
      hasErrorStatus: false,
      attributes,
      resource: RESOURCE,
      scopeName: 'an emitter',
    });
    await processor.ingest(collector, 1);
  };
  await send('b7ad6b7169203331', CHAT);
  await send('b7ad6b7169203331', CHAT);
  await send('b7ad6b7169203332', CHAT, 'b7ad6b7169203331');
  await send('b7ad6b7169203333', CHAT, 'b7ad6b7169203339');
  for (const id of ['1', '2', '3', 'a task of more characters than a label may have'])
    await send(`b7ad6b716920334${id.at(0)}`, { ...CHAT, ...taskOf(id), 'costspan.feature': id });
  processor.countRejected('malformed', 1);
  await processor.recordOutcome({ taskId: 'nobody', outcome: 'success' });
  nowMs += HOUR_MS;
  await processor.settle();

  const readCounters = async () => {
    const text = await readMetricsText(processor);
    return text.split('\n').filter((line) => /^costspan_processor_\w+_total\b/.test(line));
  };
  const before = await readCounters();
  await processor.reload(DEFAULT_CONFIG, price);
  expect(await readCounters()).toEqual(before);
  // None of those that an aggregate counts stands at 0, where it could not be lost.
  const counted = before.filter((line) => !line.endsWith(' 0')).map((line) => line.replace(/ \d+$/, ''));
  expect(counted).toEqual(
    expect.arrayContaining([
      'costspan_processor_duplicates_total',
      'costspan_processor_nested_calls_total',
      'costspan_processor_taskless_calls_total',
      'costspan_processor_tasks_closed_early_total',
      'costspan_processor_rejected_total{reason="malformed"}',
      'costspan_processor_rejected_total{reason="outcome_without_task"}',
      'costspan_processor_truncated_total{limit="label_chars"}',
      'costspan_processor_truncated_total{limit="dedupe_spans"}',
      'costspan_processor_truncated_total{limit="settled_tasks"}',
    ]),
  );
});

it('what comes while the disk is busy with a reload is read under the new configuration, as it is counted', async () => {
  const disk = new MemoryDisk();
  const options = readStateOptions(DEFAULT_CONFIG);
  const store = await Store.open({ disk, options, maxQueueBytes: 1_000_000, onHealth: () => {} });
  const processor = new Processor({ config: DEFAULT_CONFIG, price, now: () => NOW_MS, store });
  let sent = 0;
  const send = () => {
    sent += 1;
    const span = {
      traceId: '1'.repeat(32),
      spanId: String(sent).padStart(16, '0'),
      startTimeUnixNano: `${NOW_MS - 1}000000`,
      endTimeUnixNano: `${NOW_MS}000000`,
      attributes: Object.entries({
        'gen_ai.operation.name': { stringValue: 'chat' },
        'gen_ai.provider.name': { stringValue: 'openai' },
        'gen_ai.request.model': { stringValue: 'gpt-5-mini' },
        'gen_ai.usage.input_tokens': { intValue: 1_000 },
      }).map(([key, value]) => ({ key, value })),
    };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    return processor.ingestBody(Buffer.from(body), 'json');
  };
  const halved: Config = {
    ...DEFAULT_CONFIG,
    prices: { ...DEFAULT_CONFIG.prices, discounts: [{ provider: 'openai', percent: 50 }] },
  };
  const goOn = disk.stop();
  const before = send();
  const reloading = processor.reload(halved, createConfiguredPricer(halved).price);
  const meanwhile = send();
  goOn();
  expect(await Promise.all([before, meanwhile])).toEqual([[], []]);
  await reloading;
  await send();
  // 250,000,000 pico-dollars at the list price, which the first one paid.
  expect(processor.aggregate.totals().callsPicoUsd).toBe(500_000_000n);
});

it('a reload makes series anew where what is counted by has changed, and else leaves all as it is', async () => {
  const processor = new Processor({ config: DEFAULT_CONFIG, price, now: () => NOW_MS });
  await processor.recordOutcome({ taskId: 'one', outcome: 'success' });
  const { aggregate } = processor;
  const prices = { ...DEFAULT_CONFIG.prices, discounts: [{ provider: 'openai', percent: 12 }] } as const;
  const limits = { ...DEFAULT_CONFIG.limits, bodyBytes: 1_000 };
  await processor.reload(structuredClone({ ...DEFAULT_CONFIG, prices, limits }), price);
  expect(processor.aggregate).toBe(aggregate);
  const tasks = { ...DEFAULT_CONFIG.tasks, settleAfterMs: HOUR_MS };
  await processor.reload({ ...DEFAULT_CONFIG, tasks }, price);
  expect(processor.aggregate).not.toBe(aggregate);
  expect(processor.aggregate.openTasks).toBe(aggregate.openTasks);
});
