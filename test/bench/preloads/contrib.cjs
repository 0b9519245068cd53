require('./otel-sdk.cjs');
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');

new OpenAIInstrumentation();
