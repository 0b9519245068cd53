import { ROOT_CONTEXT, type SpanContext, SpanKind } from '@opentelemetry/api';
import { TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { AttributeList } from '../../src/record/attribute-list.ts';
import { createEnvSampler } from '../../src/record/env-sampler.ts';
import { SpanBatch } from '../../src/record/otlp-json.ts';
import { OwnSpan, randomId } from '../../src/record/own-span.ts';

const CONTEXT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 0 };

function encode(spans: readonly OwnSpan[], resource: Record<string, unknown> = {}): unknown {
  const batch = new SpanBatch();
  for (const span of spans) batch.add(span);
  return JSON.parse(Buffer.from(batch.take(resource)).toString());
}

/** The attributes of each span, as they arrive. */
function encodeAttributes(
  records: readonly Record<string, string | number | boolean | string[]>[],
): unknown[] {
  const spans = records.map(
    (record) =>
      new OwnSpan(
        { name: 's', kind: SpanKind.CLIENT, startMs: 0, attributes: AttributeList.from(record) },
        { context: CONTEXT, parent: undefined },
      ),
  );
  const { resourceSpans } = encode(spans) as {
    resourceSpans: { scopeSpans: { spans: { attributes: unknown[] }[] }[] }[];
  };
  return resourceSpans[0]!.scopeSpans[0]!.spans.map(({ attributes }) => attributes);
}

it('writes a whole span, with the types that the conventions name', () => {
  const parent = { traceId: CONTEXT.traceId, spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true };
  const start = {
    name: 'chat gpt-5',
    kind: SpanKind.CLIENT,
    startMs: 1_795_318_496_178,
    attributes: AttributeList.from({
      'gen_ai.request.temperature': 1,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.usage.cost.amount': 0,
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.id': undefined,
    }),
  };
  const span = new OwnSpan(start, { context: CONTEXT, parent });
  span.endMs = 1_795_318_496_211.5;
  span.status = { code: 2, message: 'APIError' };
  const attributes = AttributeList.from({ 'gen_ai.evaluation.score.value': 1 });
  span.events = [{ name: 'gen_ai.evaluation.result', timeMs: 1_795_318_496_200, attributes }];
  expect(encode([span], { 'service.name': 'shop' })).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [
          {
            scope: { name: '@costspan/instrumentation', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
            spans: [
              {
                ...{ traceId: CONTEXT.traceId, spanId: CONTEXT.spanId, parentSpanId: '00f067aa0ba902b7' },
                name: 'chat gpt-5',
                kind: 3,
                startTimeUnixNano: '1795318496178000000',
                endTimeUnixNano: '1795318496211500000',
                attributes: [
                  { key: 'gen_ai.request.temperature', value: { doubleValue: 1 } },
                  { key: 'gen_ai.request.max_tokens', value: { intValue: 100 } },
                  { key: 'gen_ai.usage.cost.amount', value: { doubleValue: 0 } },
                  { key: 'gen_ai.request.stream', value: { boolValue: true } },
                  {
                    key: 'gen_ai.response.finish_reasons',
                    value: { arrayValue: { values: [{ stringValue: 'stop' }] } },
                  },
                ],
                events: [
                  {
                    name: 'gen_ai.evaluation.result',
                    timeUnixNano: '1795318496200000000',
                    attributes: [{ key: 'gen_ai.evaluation.score.value', value: { doubleValue: 1 } }],
                  },
                ],
                status: { code: 2, message: 'APIError' },
                flags: 0x301,
              },
            ],
          },
        ],
      },
    ],
  });
});

it.each([
  ['', 'plain', 'with "quotes" and \\', 'Zeile\nzwei\t\u0000\u007f', 'Grüße 你好 👋', '\ud800 half'],
  ['x'.repeat(127), 'x'.repeat(128), 'x'.repeat(129), `${'ü'.repeat(5_000)}"`, 'x'.repeat(100_000)],
])('writes every text as JSON writes it, however often it comes', (...texts) => {
  const records = [...texts, ...texts].map((text) => ({ a: text, 'b"': text }));
  expect(encodeAttributes(records)).toEqual(
    records.map(({ a }) => [
      { key: 'a', value: { stringValue: a } },
      { key: 'b"', value: { stringValue: a } },
    ]),
  );
});

it('writes every number that JSON can hold, and leaves out the others', () => {
  const whole = [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER, -1, -(2 ** 31)];
  const broken = [1e21, 0.1, -0.5, 1e-7, 5e-324, 1.7976931348623157e308, 0.000_000_000_431];
  expect(encodeAttributes([...whole, ...broken].map((n) => ({ n })))).toEqual([
    ...whole.map((n) => [{ key: 'n', value: { intValue: n } }]),
    ...broken.map((n) => [{ key: 'n', value: { doubleValue: n } }]),
  ]);
  const odd = { a: Number.NaN, b: 1, c: Number.POSITIVE_INFINITY, d: [], e: ['x', ''], f: false };
  expect(encodeAttributes([odd, { a: Number.NaN }])).toEqual([
    [
      { key: 'b', value: { intValue: 1 } },
      { key: 'd', value: { arrayValue: { values: [] } } },
      { key: 'e', value: { arrayValue: { values: [{ stringValue: 'x' }, { stringValue: '' }] } } },
      { key: 'f', value: { boolValue: false } },
    ],
    [],
  ]);
});

it('more texts of one name than are remembered are written all the same', () => {
  const records = Array.from({ length: 100 }, (_, index) => ({ id: `id-${index % 40}` }));
  expect(encodeAttributes(records)).toEqual(
    records.map(({ id }) => [{ key: 'id', value: { stringValue: id } }]),
  );
});

it('a span that cannot be encoded leaves the others as they are', () => {
  const batch = new SpanBatch();
  const start = { kind: SpanKind.CLIENT, startMs: 0, attributes: AttributeList.from({}) };
  const place = { context: CONTEXT, parent: undefined };
  const traceState = {
    serialize: () => {
      throw new Error('odd');
    },
  };
  batch.add(new OwnSpan({ ...start, name: 'one' }, place));
  const odd = { ...CONTEXT, traceState } as unknown as SpanContext;
  expect(() => batch.add(new OwnSpan({ ...start, name: 'two' }, { ...place, context: odd }))).toThrow('odd');
  batch.add(new OwnSpan({ ...start, name: 'three' }, place));
  expect(batch.count).toBe(2);
  const text = Buffer.from(batch.take({})).toString();
  expect([...text.matchAll(/"name":"(one|two|three)"/g)].map(([, name]) => name)).toEqual(['one', 'three']);
  expect([batch.count, batch.byteLength, JSON.parse(text) === undefined]).toEqual([0, 0, false]);
});

it.each([0, 0.01, 0.3, 1])("keeps the traces that OpenTelemetry's sampler keeps at ratio %s", (ratio) => {
  const isSampled = createEnvSampler({
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: `${ratio}`,
  });
  const sampler = new TraceIdRatioBasedSampler(ratio);
  for (let count = 0; count < 2_000; count += 1) {
    const traceId = randomId(16);
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId);
    expect(isSampled({ context: { ...CONTEXT, traceId }, parent: undefined }), traceId).toBe(decision === 2);
  }
});
