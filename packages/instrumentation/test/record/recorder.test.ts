import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { OtelDoor } from '../../src/otel-door.ts';
import { AttributeList } from '../../src/record/attribute-list.ts';
import type { OwnSpan } from '../../src/record/own-span.ts';
import { SpanRecorder } from '../../src/record/recorder.ts';

const START_MS = 1_780_000_000_000;

function open() {
  const sent: OwnSpan[] = [];
  const recorder = new SpanRecorder({
    otel: new OtelDoor(),
    sink: { add: (span) => sent.push(span), isMissedBy: () => false },
    exportMode: 'all',
  });
  const start = () => {
    const attributes = AttributeList.from({ 'gen_ai.operation.name': 'chat' });
    return recorder.start({ name: 'chat m', kind: 2, startMs: START_MS, attributes });
  };
  return { recorder, sent, start };
}

it('keeps of a span that has ended only its place, and ends it once: a span of ours', () => {
  const { sent, start } = open();
  const span = start();
  const { context } = span;
  span.attributes.add('gen_ai.response.id', 'r1');
  span.end({ endMs: START_MS + 5 });
  span.attributes.add('late', 'x');
  span.end({ endMs: START_MS + 9 });
  expect(sent.map(({ endMs, attributes }) => [endMs, attributes.toRecord()])).toEqual([
    [START_MS + 5, { 'gen_ai.operation.name': 'chat', 'gen_ai.response.id': 'r1' }],
  ]);
  expect([span.context, span.live, span.attributes.size]).toEqual([context, undefined, 0]);
});

it('keeps of a span that has ended only its place, and ends it once: a span of the provider', () => {
  const exporter = new InMemorySpanExporter();
  const { recorder, sent, start } = open();
  recorder.setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const span = start();
  const { context } = span;
  expect(span.live?.spanContext()).toEqual(context);
  span.attributes.add('gen_ai.response.id', 'r1');
  span.end({ endMs: START_MS + 5, errorMessage: 'APIError' });
  span.attributes.add('late', 'x');
  span.end({ endMs: START_MS + 9 });
  const [finished, ...more] = exporter.getFinishedSpans();
  expect(more).toEqual([]);
  expect(finished?.attributes).toEqual({ 'gen_ai.operation.name': 'chat', 'gen_ai.response.id': 'r1' });
  expect(finished?.status).toEqual({ code: 2, message: 'APIError' });
  expect([span.context, span.live, span.attributes.size]).toEqual([context, undefined, 0]);
  expect(sent).toEqual([]);
});
