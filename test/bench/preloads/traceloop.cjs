require('./otel-sdk.cjs');
const { OpenAIInstrumentation } = require('@traceloop/instrumentation-openai');

// As lean as it can be set: no message content, no token counting of its own.
new OpenAIInstrumentation({ traceContent: false, enrichTokens: false });
