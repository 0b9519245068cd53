// costspan in an application that has its own OpenTelemetry: its spans join that provider.
require('@costspan/instrumentation/register');
require('./otel-sdk.cjs');
