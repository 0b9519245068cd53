import { type Config, DEFAULT_CONFIG } from '@costspan/config';
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { explainTasks } from '../src/explain.ts';
import { Processor } from '../src/index.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { encodeJson, encodeProtobuf, NOW_MS, readMetricsText } from './spans.ts';

const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5-mini',
  'gen_ai.usage.input_tokens': 1_000_000,
  'gen_ai.usage.output_tokens': 0,
};
const SERVER = {
  kind: SpanKind.SERVER,
  attributes: {
    'http.request.method': 'POST',
    'http.route': '/tickets/:id',
    'http.response.status_code': 200,
  },
};
const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Refunds' };

const TOOL = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'refund' };
const HELPER = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Helper' };

/**
 * A request to a service that nobody has told of costspan, in the order of the ends of its spans: two calls of an agent,
 * what the agent has besides, the agent, the server's.
 */
function recordRequest({ isFailed = false, isToolFailed = false, hasHelper = false } = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('opentelemetry.instrumentation.openai_v2');
  const start = (name: string, options: object, parent?: Span) =>
    tracer.startSpan(
      name,
      { startTime: NOW_MS - 1_000, ...options },
      parent === undefined ? context.active() : trace.setSpan(context.active(), parent),
    );
  const server = start('POST /tickets/:id', SERVER);
  const agent = start('invoke_agent Refunds', { attributes: AGENT }, server);
  const calls = [1, 2].map(() =>
    start('chat gpt-5-mini', { kind: SpanKind.CLIENT, attributes: CALL }, agent),
  );
  for (const span of calls) span.end(NOW_MS - 2);
  if (isToolFailed) {
    const tool = start('execute_tool refund', { attributes: { ...TOOL, 'error.type': 'timeout' } }, agent);
    tool.end(NOW_MS - 2);
  }
  if (hasHelper) {
    const helper = start('invoke_agent Helper', { attributes: HELPER }, agent);
    start('chat gpt-5-mini', { kind: SpanKind.CLIENT, attributes: CALL }, helper).end(NOW_MS - 3);
    helper.end(NOW_MS - 2);
  }
  agent.end(NOW_MS - 1);
  if (isFailed) server.setStatus({ code: SpanStatusCode.ERROR });
  server.end(NOW_MS);
  return exporter.getFinishedSpans();
}

function create(from?: Config['tasks']['from'], outcome?: Config['tasks']['outcome']) {
  const clock = { ms: NOW_MS };
  const { tasks } = DEFAULT_CONFIG;
  const config = {
    ...DEFAULT_CONFIG,
    tasks: { ...tasks, ...(from && { from }), ...(outcome && { outcome }) },
  };
  const processor = new Processor({
    config,
    price: createConfiguredPricer(config).price,
    now: () => clock.ms,
  });
  const settle = async (): Promise<string[]> => {
    for (let round = 0; round < 3; round += 1) {
      clock.ms += 3_600_000;
      await processor.settle();
    }
    const text = await readMetricsText(processor);
    return [
      ...text.matchAll(/^llm_tasks_total\{.*feature="(.*?)",task="(.*?)".*outcome="(\w+)"\} ([1-9]\d*)$/gm),
    ]
      .map((match) => match.slice(1).join(' | '))
      .sort();
  };
  return { config, processor, settle };
}

it('makes the request the task of calls that an instrumentation of others reports, whatever order batches come in', async () => {
  const spans = recordRequest();
  for (const order of [spans, [...spans].reverse()]) {
    const { processor, settle } = create();
    for (const span of order) await processor.ingest(decodeProtobuf(encodeProtobuf([span])), 1);
    expect(await settle()).toEqual(['/tickets/:id | POST /tickets/:id | success | 1']);
    const { callsPicoUsd, settledPicoUsd } = processor.aggregate.totals();
    expect(settledPicoUsd).toBe(callsPicoUsd);
    expect(callsPicoUsd).toBeGreaterThan(0n);
  }
});

it('gives calls the route of a request that comes later, while somebody scrapes', async () => {
  const { processor } = create();
  for (const span of recordRequest()) {
    await processor.renderMetrics(true);
    await processor.ingest(decodeProtobuf(encodeProtobuf([span])), 1);
  }
  await processor.renderMetrics(true);
  const text = await readMetricsText(processor);
  expect(text).not.toMatch(/^llm_calls_total.*feature="unattributed"/m);
  expect(text).toMatch(/^llm_calls_total\{.*feature="\/tickets\/:id".*status="ok"\} 2$/m);
});

it('judges it by the rules', async () => {
  const { processor, settle } = create();
  await processor.ingest(decodeProtobuf(encodeProtobuf(recordRequest({ isFailed: true }))), 1);
  expect(await settle()).toEqual(['/tickets/:id | POST /tickets/:id | failure | 1']);
});

it('makes an agent the task where the configuration says so', async () => {
  const { processor, settle } = create(['scope', 'invoke_agent', 'http']);
  await processor.ingest(decodeProtobuf(encodeProtobuf(recordRequest())), 1);
  expect(await settle()).toEqual(['/tickets/:id | invoke_agent Refunds | unknown | 1']);
});

it('takes the agent where there is no request, when it comes second', async () => {
  const { processor, settle } = create(['scope', 'http', 'invoke_agent']);
  await processor.ingest(decodeProtobuf(encodeProtobuf(recordRequest().slice(0, 3))), 1);
  expect(await settle()).toEqual(['unattributed | invoke_agent Refunds | unknown | 1']);
});

it('counts what an agent inside an agent costs once, and observes it with the outer one too', async () => {
  const spans = recordRequest({ hasHelper: true });
  for (const order of [spans, [...spans].reverse()]) {
    const { processor, settle } = create(['scope', 'invoke_agent', 'http']);
    // While somebody scrapes, calls wait for the route of the request.
    await processor.renderMetrics(true);
    for (const span of order) await processor.ingest(decodeProtobuf(encodeProtobuf([span])), 1);
    expect(await settle()).toEqual([
      '/tickets/:id | invoke_agent Helper | unknown | 1',
      '/tickets/:id | invoke_agent Refunds | unknown | 1',
    ]);
    const byName = [...processor.aggregate.tasks].map(({ labels, costPicoUsd, subTasksPicoUsd }) => [
      labels?.name,
      [costPicoUsd, subTasksPicoUsd],
    ]);
    const { callsPicoUsd, settledPicoUsd } = processor.aggregate.totals();
    expect(settledPicoUsd).toBe(callsPicoUsd);
    expect(Object.fromEntries(byName)).toEqual({
      'invoke_agent Helper': [callsPicoUsd / 3n, 0n],
      'invoke_agent Refunds': [(callsPicoUsd / 3n) * 2n, callsPicoUsd / 3n],
    });
  }
});

it('sees that a tool failed, whatever order batches come in, and explains it so', async () => {
  const outcome: Config['tasks']['outcome'] = [{ when: { 'tool.error': ['*'] }, is: 'failure' }];
  const spans = recordRequest({ isToolFailed: true });
  for (const order of [spans, [...spans].reverse()]) {
    const { processor, settle } = create(undefined, outcome);
    for (const span of order) await processor.ingest(decodeProtobuf(encodeProtobuf([span])), 1);
    expect(await settle()).toEqual(['/tickets/:id | POST /tickets/:id | failure | 1']);
  }
  const [task] = explainTasks(encodeJson(spans).toString(), create(undefined, outcome).config);
  expect(task).toMatchObject({
    outcome: 'failure',
    reason: { kind: 'rule', by: [{ name: 'execute_tool refund' }] },
  });
});

it('counts no request without calls as a task', async () => {
  const { processor, settle } = create();
  await processor.ingest(decodeProtobuf(encodeProtobuf(recordRequest().slice(3))), 1);
  expect(await settle()).toEqual([]);
  expect(processor.aggregate.openTasks).toBe(0);
});

it('explains it as it decides it', () => {
  const { config } = create();
  const [task, ...more] = explainTasks(encodeJson(recordRequest()).toString(), config);
  expect(more).toEqual([]);
  expect(task).toMatchObject({ name: 'POST /tickets/:id', outcome: 'success' });
  expect(task?.reason).toMatchObject({ kind: 'rule', by: [{ name: 'POST /tickets/:id' }] });
});
