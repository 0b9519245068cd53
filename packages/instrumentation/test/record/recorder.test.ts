import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type Span,
  type SpanLimits,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
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

const LATE = {
  'gen_ai.response.id': 'r-0123456789',
  'gen_ai.usage.input_tokens': 7,
  'costspan.cost.input': 0.5,
};

/** What is exported of a span of such a provider that has got `LATE` at its end. */
function exportLate(spanLimits: SpanLimits, onStart: (span: Span) => void = () => undefined) {
  const exporter = new InMemorySpanExporter();
  const { recorder, start } = open();
  const watcher = { onStart, onEnd: () => {}, forceFlush: async () => {}, shutdown: async () => {} };
  recorder.setTracerProvider(
    new TracerProvider({ spanLimits, spanProcessors: [watcher, new SimpleSpanProcessor({ exporter })] }),
  );
  const span = start();
  for (const [name, value] of Object.entries(LATE)) span.attributes.add(name, value);
  span.end({ endMs: START_MS + 5 });
  const [finished] = exporter.getFinishedSpans();
  return { attributes: finished?.attributes, dropped: finished?.droppedAttributesCount };
}

const OPERATION = { 'gen_ai.operation.name': 'chat' };

it('a span of the provider has what came at its end, within the limits of the provider', () => {
  expect(exportLate({})).toEqual({ attributes: { ...OPERATION, ...LATE }, dropped: 0 });
  expect(exportLate({ attributeValueLengthLimit: 4 })).toEqual({
    attributes: { ...OPERATION, ...LATE, 'gen_ai.response.id': 'r-01' },
    dropped: 0,
  });
  const { 'costspan.cost.input': _, ...three } = LATE;
  expect(exportLate({ attributeCountLimit: 3 })).toEqual({
    attributes: { ...OPERATION, ...three },
    dropped: 1,
  });
  const addTwo = (span: Span): void => void span.setAttributes({ a: 1, b: 2 });
  expect(exportLate({ attributeCountLimit: 5 }, addTwo)).toEqual({
    attributes: { ...OPERATION, a: 1, b: 2, ...three },
    dropped: 1,
  });
});

it('a span whose setAttribute somebody has replaced is told each attribute', () => {
  const seen: string[] = [];
  exportLate({}, (span) => {
    const { setAttribute } = span;
    span.setAttribute = (name, value) => {
      seen.push(name);
      return setAttribute.call(span, name, value);
    };
  });
  expect(seen).toEqual(Object.keys(LATE));
});

it('a span that somebody else has ended gets nothing more', () => {
  const exporter = new InMemorySpanExporter();
  const { recorder, start } = open();
  recorder.setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const span = start();
  span.live?.end(START_MS + 1);
  span.attributes.add('gen_ai.response.id', 'r1');
  span.end({ endMs: START_MS + 5 });
  expect(exporter.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([OPERATION]);
});
