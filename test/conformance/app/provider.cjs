'use strict';
// Preload of an application that has OpenTelemetry of its own: good, or hostile in the way CONFORMANCE_PROVIDER names.

const { trace, context } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { TracerProvider, BatchSpanProcessor, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');

const ignore = () => undefined;
const fail = () => {
  throw new Error('the span processor failed');
};
const quiet = { forceFlush: async () => undefined, shutdown: async () => undefined };

/** An exporter that is asked and never, or badly, answers. */
const exporterThat = (exportSpans) => ({ export: exportSpans, ...quiet });

const processors = {
  good: () => new SimpleSpanProcessor({ exporter: new OTLPTraceExporter() }),
  'throws-at-start': () => ({ onStart: fail, onEnd: ignore, ...quiet }),
  'throws-at-end': () => ({ onStart: ignore, onEnd: fail, ...quiet }),
  'exporter-throws': () => new SimpleSpanProcessor({ exporter: exporterThat(fail) }),
  'exporter-fails': () =>
    new SimpleSpanProcessor({
      exporter: exporterThat((_spans, done) => done({ code: 1, error: new Error('no route') })),
    }),
  // The application's own time limit for its exporter is the most that it waits at its end.
  'exporter-hangs': () =>
    new BatchSpanProcessor({
      exporter: exporterThat(ignore),
      scheduledDelayMillis: 20,
      exportTimeoutMillis: 200,
    }),
  'exporter-hangs-unbatched': () => new SimpleSpanProcessor({ exporter: exporterThat(ignore) }),
  'shutdown-hangs': () => ({
    onStart: ignore,
    onEnd: ignore,
    forceFlush: () => new Promise(ignore),
    shutdown: () => new Promise(ignore),
  }),
};

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const spanProcessors = [processors[process.env.CONFORMANCE_PROVIDER ?? 'good']()];
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
