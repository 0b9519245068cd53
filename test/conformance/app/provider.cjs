'use strict';
// Preload of an application that has OpenTelemetry of its own: good, or hostile in the way CONFORMANCE_PROVIDER names.

const { trace, context } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { BasicTracerProvider, BatchSpanProcessor, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');

const ignore = () => undefined;
const fail = () => {
  throw new Error('the span processor failed');
};
const quiet = { forceFlush: async () => undefined, shutdown: async () => undefined };

/** An exporter that is asked and never, or badly, answers. */
const exporterThat = (exportSpans) => ({ export: exportSpans, ...quiet });

const processors = {
  good: () => new SimpleSpanProcessor(new OTLPTraceExporter()),
  'throws-at-start': () => ({ onStart: fail, onEnd: ignore, ...quiet }),
  'throws-at-end': () => ({ onStart: ignore, onEnd: fail, ...quiet }),
  'exporter-throws': () => new SimpleSpanProcessor(exporterThat(fail)),
  'exporter-fails': () =>
    new SimpleSpanProcessor(exporterThat((_spans, done) => done({ code: 1, error: new Error('no route') }))),
  'exporter-hangs': () => new BatchSpanProcessor(exporterThat(ignore), { scheduledDelayMillis: 20 }),
  'shutdown-hangs': () => ({
    onStart: ignore,
    onEnd: ignore,
    forceFlush: () => new Promise(ignore),
    shutdown: () => new Promise(ignore),
  }),
};

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const spanProcessors = [processors[process.env.CONFORMANCE_PROVIDER ?? 'good']()];
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
