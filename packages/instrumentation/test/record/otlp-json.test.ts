import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { AttributeList } from '../../src/record/attribute-list.ts';
import { createEnvSampler } from '../../src/record/env-sampler.ts';
import { encodeSpans } from '../../src/record/otlp-json.ts';
import { OwnSpan, randomId } from '../../src/record/own-span.ts';

const CONTEXT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 0 };

it('writes a whole span, with the types that the conventions name', () => {
  const span = new OwnSpan({
    name: 'chat gpt-5',
    kind: SpanKind.CLIENT,
    context: CONTEXT,
    parent: { traceId: CONTEXT.traceId, spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true },
    startMs: 1_795_318_496_178,
    attributes: AttributeList.from({
      'gen_ai.request.temperature': 1,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.usage.cost.amount': 0,
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.id': undefined,
    }),
  });
  span.endMs = 1_795_318_496_211.5;
  span.status = { code: 2, message: 'APIError' };
  const attributes = AttributeList.from({ 'gen_ai.evaluation.score.value': 1 });
  span.events = [{ name: 'gen_ai.evaluation.result', timeMs: 1_795_318_496_200, attributes }];
  expect(JSON.parse(Buffer.from(encodeSpans([span], { 'service.name': 'shop' })).toString())).toEqual({
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
