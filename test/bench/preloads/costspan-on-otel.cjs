// costspan in an application that has its own OpenTelemetry: its spans join that provider.
require('../.cache/published/node_modules/@costspan/instrumentation/packed/doors/register.js');
require('./otel-sdk.cjs');
