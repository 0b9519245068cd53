// A bare OpenTelemetry SDK, set up by hand as its documentation shows it: sdk-trace, OTLP/HTTP, context manager.
// Plain JavaScript, like everything else that runs inside a measured process: type stripping would be measured too.
const { context, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');

const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
const provider = new TracerProvider({ spanProcessors: [processor] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
// No benchmark process lives for five seconds, and none may drop spans.
process.once('beforeExit', () => provider.shutdown().catch(() => {}));
