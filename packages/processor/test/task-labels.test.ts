import { DEFAULT_CONFIG } from '@costspan/config';
import { expect, it } from 'vitest';
import { explainTasks, Processor } from '../src/index.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { NOW_MS, readMetricsText } from './spans.ts';

const TASK = { 'costspan.task.id': 't1', 'costspan.task.name': 'resolve' };
const span = (spanId: string, name: string, attributes: Record<string, string>) => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: spanId.repeat(16),
  name,
  startTimeUnixNano: `${NOW_MS - 1_000}000000`,
  endTimeUnixNano: `${NOW_MS}000000`,
  attributes: Object.entries({ ...TASK, ...attributes }).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  })),
});
const CALL = span('1', 'chat gpt-5', {
  'gen_ai.operation.name': 'chat',
  'costspan.feature': 'chat',
  'costspan.user.tier': 'free',
});
/** As somebody writes it who names the feature on his calls alone. */
const END = span('2', 'task resolve', { 'costspan.task.outcome': 'success' });
const encode = (spans: readonly object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

const LABELS = 'service="",environment="",feature="chat",task="resolve",user_tier="free",outcome="success"';

it.each([
  ['the call first', [CALL, END], DEFAULT_CONFIG],
  ['the end of the task first', [END, CALL], DEFAULT_CONFIG],
  [
    'a default of its own',
    [END, CALL],
    { ...DEFAULT_CONFIG, features: { ...DEFAULT_CONFIG.features, default: 'none' } },
  ],
])('a task whose own span names no feature has that of its call: %s', async (_name, spans, config) => {
  const clock = { ms: NOW_MS };
  const { price } = createConfiguredPricer(config);
  const processor = new Processor({ config, price, now: () => clock.ms });
  for (const one of spans) {
    const body = encode([one]);
    await processor.ingest(decodeJson(Buffer.from(body), processor.decodeOptions), body.length);
  }
  clock.ms += config.tasks.settleQuietMs;
  await processor.settle();
  const tasks = (await readMetricsText(processor))
    .split('\n')
    .filter((line) => /^llm_tasks_total.* 1$/.test(line));
  expect(tasks).toEqual([`llm_tasks_total{${LABELS}} 1`]);
  expect(explainTasks(encode(spans), config)).toMatchObject([{ taskId: 't1', feature: 'chat' }]);
});
