import { DEFAULT_CONFIG, type OutcomeRule } from '@costspan/config';
import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { Processor } from '../src/index.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { decodeLogsProtobuf, decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson, decodeLogsJson } from '../src/receive/decode-json.ts';
import { CALL, encodeJson, encodeProtobuf, NOW_MS, readMetricsText } from './spans.ts';

const TASK = { 'costspan.task.id': 'task-1', 'costspan.task.name': 'resolve', 'costspan.feature': 'chat' };
const EVALUATION = 'gen_ai.evaluation.result';

function create(rules?: readonly OutcomeRule[]) {
  const clock = { ms: NOW_MS };
  const { tasks } = DEFAULT_CONFIG;
  const config = { ...DEFAULT_CONFIG, tasks: { ...tasks, ...(rules && { outcome: rules }) } };
  const processor = new Processor({
    config,
    price: createConfiguredPricer(config).price,
    now: () => clock.ms,
  });
  /** Outcomes of the settled tasks after all deadlines. */
  const outcomes = async () => {
    clock.ms += 3_600_000;
    for (let round = 0; round < 3; round += 1) await processor.settle();
    const text = await readMetricsText(processor);
    return [...text.matchAll(/^llm_tasks_total\{.*outcome="(\w+)"\} ([1-9]\d*)$/gm)].map(
      ([, outcome, count]) => `${outcome} ${count}`,
    );
  };
  return { processor, outcomes, clock };
}

interface Recorded {
  readonly name: string;
  readonly attributes: Attributes;
  readonly kind?: SpanKind;
  readonly isError?: boolean;
  readonly events?: readonly { name: string; attributes: Attributes }[];
  readonly endMs?: number;
}

function record(spans: readonly Recorded[]) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  for (const { name, attributes, kind = SpanKind.INTERNAL, isError, events = [], endMs = NOW_MS } of spans) {
    const span: Span = provider
      .getTracer('t')
      .startSpan(name, { kind, attributes, startTime: endMs - 1_000 });
    for (const event of events) span.addEvent(event.name, event.attributes);
    if (isError === true) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endMs);
  }
  return exporter.getFinishedSpans();
}
const end = (attributes: Attributes = {}, differs: Partial<Recorded> = {}): Recorded => ({
  name: 'task resolve',
  attributes: { ...TASK, ...attributes },
  ...differs,
});
const call = (attributes: Attributes, endMs = NOW_MS): Recorded => {
  const { 'gen_ai.input.messages': _, ...rest } = CALL;
  return { name: 'chat gpt-5-mini', kind: SpanKind.CLIENT, attributes: { ...rest, ...attributes }, endMs };
};
const stopped = (reason: string, endMs?: number) =>
  call({ 'gen_ai.response.finish_reasons': [reason] }, endMs);
const tool = (errorType: string): Recorded => ({
  name: 'execute_tool lookup',
  attributes: { ...TASK, 'gen_ai.operation.name': 'execute_tool', 'error.type': errorType },
});
const evaluated = (name: string, score: number, label = 'fail') => ({
  name: EVALUATION,
  attributes: {
    'gen_ai.evaluation.name': name,
    'gen_ai.evaluation.score.value': score,
    'gen_ai.evaluation.score.label': label,
  },
});
const OK = { 'http.response.status_code': 200 };
const STATED = (source: string, outcome = 'success') => ({
  'costspan.task.outcome': outcome,
  'costspan.task.outcome.source': source,
});

describe('by the default rules', () => {
  it.each<[string, Recorded[], string]>([
    ['a request that was answered', [end(OK)], 'success 1'],
    ['one by its old name', [end({ 'http.status_code': 503 })], 'failure 1'],
    ['an error status without a type', [end({}, { isError: true })], 'failure 1'],
    [
      'an exception that was handled',
      [end(OK, { events: [{ name: 'exception', attributes: {} }] })],
      'success 1',
    ],
    ['an answer that was cut', [stopped('length'), end(OK)], 'failure 1'],
    ['an answer that was refused', [stopped('refusal'), end(OK)], 'failure 1'],
    [
      'a cut that another call made good',
      [stopped('length', NOW_MS - 9), stopped('stop'), end(OK)],
      'success 1',
    ],
    [
      'a cut that the preload could not see',
      [stopped('length'), end({ ...OK, ...STATED('http') })],
      'failure 1',
    ],
    [
      'a cut, but the application is content',
      [stopped('length'), end({ ...OK, ...STATED('api') })],
      'success 1',
    ],
    ['a client that went away', [end({ ...OK, ...STATED('http', 'abandoned') })], 'abandoned 1'],
    ['an exception that only the preload saw', [end(STATED('exception', 'failure'))], 'failure 1'],
    [
      'output that did not validate',
      [call({ 'costspan.output.validation.error': 'ZodError' }), end(OK)],
      'failure 1',
    ],
    ['a tool that failed', [tool('Timeout'), end(OK)], 'success 1'],
    ['a span that says nothing', [end()], 'unknown 1'],
    ['content that was filtered, and no end', [stopped('content_filter')], 'failure 1'],
  ])('%s', async (_, spans, expected) => {
    for (const inOrder of [spans, [...spans].reverse()]) {
      const { processor, outcomes } = create();
      const recorded = record(inOrder);
      await processor.ingest(decodeProtobuf(encodeProtobuf(recorded), processor.decodeOptions), 1);
      await processor.ingest(decodeJson(encodeJson(recorded), processor.decodeOptions), 1);
      expect(await outcomes()).toEqual([expected]);
    }
  });
});

describe('by rules of one', () => {
  const success = { when: { 'http.status_code': ['2xx'] }, is: 'success' } as const;
  it.each<[string, OutcomeRule['when'], Recorded[], string]>([
    [
      'an attribute',
      { attributes: { 'my.escalated': ['true'] } },
      [end({ ...OK, 'my.escalated': true })],
      'failure 1',
    ],
    [
      'another value',
      { attributes: { 'my.escalated': ['true'] } },
      [end({ ...OK, 'my.escalated': false })],
      'success 1',
    ],
    [
      'an exception event',
      { 'exception.type': ['~Timeout'] },
      [end(OK, { events: [{ name: 'exception', attributes: { 'exception.type': 'ToolTimeout' } }] })],
      'failure 1',
    ],
    [
      'any finish reason',
      { finish_reason: ['length'] },
      [stopped('length', NOW_MS - 9), stopped('stop'), end(OK)],
      'failure 1',
    ],
    ['a tool', { 'tool.error': ['*'] }, [tool('Timeout'), end(OK)], 'failure 1'],
    [
      'a score on the task',
      { 'evaluation.name': ['relevance'], 'evaluation.score': ['<0.5'] },
      [end(OK, { events: [evaluated('relevance', 0.2)] })],
      'failure 1',
    ],
    [
      'a score of something else',
      { 'evaluation.name': ['relevance'], 'evaluation.score': ['<0.5'] },
      [end(OK, { events: [evaluated('tone', 0.2), evaluated('relevance', 0.9)] })],
      'success 1',
    ],
    [
      'a label on a call',
      { 'evaluation.label': ['fail'] },
      [{ ...stopped('stop'), events: [evaluated('x', 1)] }, end(OK)],
      'failure 1',
    ],
    [
      'a label on another span of it',
      { 'evaluation.label': ['fail'] },
      [{ ...end(OK), name: 'judge', events: [evaluated('x', 1)] }, end(OK)],
      'failure 1',
    ],
  ])('%s', async (_, when, spans, expected) => {
    const { processor, outcomes } = create([{ when, is: 'failure' }, success]);
    await processor.ingest(decodeProtobuf(encodeProtobuf(record(spans)), processor.decodeOptions), 1);
    expect(await outcomes()).toEqual([expected]);
  });

  it.each(['forward', 'backward'])('a quick repeat in the same session, heard %s', async (order) => {
    const { processor, outcomes } = create([{ when: { repeated_within: 60_000 }, is: 'abandoned' }, success]);
    const asked = (id: string, session: string, endMs: number) =>
      end({ ...OK, 'costspan.task.id': id, 'session.id': session }, { endMs });
    const spans = [
      asked('a', 's1', NOW_MS),
      asked('b', 's1', NOW_MS + 30_000),
      asked('c', 's1', NOW_MS + 200_000),
      asked('d', 's2', NOW_MS + 1),
    ];
    const heard = order === 'forward' ? spans : spans.reverse();
    await processor.ingest(decodeProtobuf(encodeProtobuf(record(heard)), processor.decodeOptions), 1);
    expect((await outcomes()).sort()).toEqual(['abandoned 1', 'success 3']);
  });
});

describe('evaluations in logs', () => {
  const rules: OutcomeRule[] = [
    { when: { 'evaluation.name': ['relevance'], 'evaluation.score': ['<0.5'] }, is: 'failure' },
    { when: { 'http.status_code': ['2xx'] }, is: 'success' },
  ];
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const log = (differs: object, ...attributes: object[]) => ({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                eventName: EVALUATION,
                ...differs,
                attributes: [
                  text('gen_ai.evaluation.name', 'relevance'),
                  { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.25 } },
                  ...attributes,
                ],
              },
            ],
          },
        ],
      },
    ],
  });
  const recorded = record([call({ 'gen_ai.response.id': 'resp_1' }), end(OK)]);
  const { spanId } = recorded[0]!.spanContext();

  it.each([
    ['its task', log({}, text('costspan.task.id', 'task-1'))],
    ['the span of a call', log({ spanId })],
    ['the response', log({}, text('gen_ai.response.id', 'resp_1'))],
    [
      'its task, with the name of the event among the attributes',
      log({ eventName: '' }, text('costspan.task.id', 'task-1'), text('event.name', EVALUATION)),
    ],
  ])('find %s, before and after its spans', async (_, body) => {
    for (const first of ['log', 'spans']) {
      const { processor, outcomes } = create(rules);
      const steps = [
        () => processor.ingestLogs(decodeLogsJson(Buffer.from(JSON.stringify(body))), 1),
        () => processor.ingest(decodeProtobuf(encodeProtobuf(recorded), processor.decodeOptions), 1),
      ];
      for (const step of first === 'log' ? steps : steps.reverse()) step();
      expect(await outcomes()).toEqual(['failure 1']);
    }
  });

  it('that name nothing are refused and counted', async () => {
    const { processor } = create(rules);
    expect(await processor.ingestLogs(decodeLogsJson(Buffer.from(JSON.stringify(log({})))), 1)).toBe(1);
    expect(await readMetricsText(processor)).toContain('rejected_total{reason="evaluation_without_task"} 1');
  });

  it('are the same in protobuf', () => {
    const field = (number: number, bytes: Buffer) =>
      Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
    const string = (number: number, value: string) => field(number, Buffer.from(value));
    const score = Buffer.alloc(9, 0x21);
    score.writeDoubleLE(0.25, 1);
    const attribute = (key: string, value: Buffer) =>
      field(6, Buffer.concat([string(1, key), field(2, value)]));
    const bytes = Buffer.concat([
      attribute('gen_ai.evaluation.name', string(1, 'relevance')),
      attribute('gen_ai.evaluation.score.value', score),
      field(10, Buffer.from(spanId, 'hex')),
      string(12, EVALUATION),
    ]);
    const body = field(1, Buffer.concat([field(1, Buffer.alloc(0)), field(2, field(2, bytes))]));
    expect(decodeLogsProtobuf(body)).toEqual(decodeLogsJson(Buffer.from(JSON.stringify(log({ spanId })))));
  });
});

it('refuses ids of tasks that are too long or hold control characters, and keeps their money', async () => {
  const { processor } = create();
  const spans = ['x'.repeat(257), 'a\nb', 'x'.repeat(256)].map((id) => call({ 'costspan.task.id': id }));
  await processor.ingest(decodeProtobuf(encodeProtobuf(record(spans))), 1);
  expect(processor.aggregate.totals()).toMatchObject({
    untaskedPicoUsd: 20_000_000_000n,
    unsettledPicoUsd: 10_000_000_000n,
  });
  expect(await readMetricsText(processor)).toContain('rejected_total{reason="invalid_task_id"} 2');
});

it('refuses spans of a clock that is a year ahead', () => {
  const { processor } = create();
  const ahead = record([end(STATED('api'), { endMs: NOW_MS + 367 * 86_400_000 })]);
  expect(decodeProtobuf(encodeProtobuf(ahead), processor.decodeOptions).rejected).toEqual(['invalid_time']);
});
