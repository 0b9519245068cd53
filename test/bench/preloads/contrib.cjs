require('./otel-sdk.cjs');
const { metrics } = require('@opentelemetry/api');
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');

// `registerInstrumentations` does the same: without it, the instrumentation throws into a stream that carries usage.
new OpenAIInstrumentation().setMeterProvider(metrics.getMeterProvider());
