import { ATTR, INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { reportFailure } from '../diagnostics.js';
import { VERSION } from '../version.js';
import { readPairs } from './endpoint.js';

/**
 * The resource of a process without a tracer provider, as OpenTelemetry's specification reads it from
 * `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`, of which the latter wins.
 */
export function readEnvResource(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const serviceName = env.OTEL_SERVICE_NAME?.trim();
  return {
    [ATTR.SERVICE_NAME]: 'unknown_service:node',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': INSTRUMENTATION_SCOPE,
    'telemetry.sdk.version': VERSION,
    ...readPairs(env.OTEL_RESOURCE_ATTRIBUTES, (pair) =>
      reportFailure('reading OTEL_RESOURCE_ATTRIBUTES', new Error(`${pair} is not key=value`)),
    ),
    ...(serviceName ? { [ATTR.SERVICE_NAME]: serviceName } : {}),
  };
}
