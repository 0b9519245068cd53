import { ATTR, INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { warnOperator } from '../diagnostics.js';
import { VERSION } from '../version.js';
import { readPairs } from './endpoint.js';

/**
 * The resource of a process, as OpenTelemetry's specification reads it from `OTEL_RESOURCE_ATTRIBUTES` and
 * `OTEL_SERVICE_NAME`, of which the latter wins; what they leave out, a provider's resource may say.
 */
export function readEnvResource(
  env: NodeJS.ProcessEnv,
  provided: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const serviceName = env.OTEL_SERVICE_NAME?.trim();
  return {
    [ATTR.SERVICE_NAME]: 'unknown_service:node',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': INSTRUMENTATION_SCOPE,
    'telemetry.sdk.version': VERSION,
    ...provided,
    ...readPairs(env.OTEL_RESOURCE_ATTRIBUTES, () =>
      warnOperator(
        'COSTSPAN_ENVIRONMENT',
        'OTEL_RESOURCE_ATTRIBUTES has a part that is not key=value; costspan leaves it out. Fix: write key=value,key=value, values percent-encoded.',
      ),
    ),
    ...(serviceName ? { [ATTR.SERVICE_NAME]: serviceName } : {}),
  };
}
