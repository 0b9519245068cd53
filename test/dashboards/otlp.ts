/** The made-up traffic as spans, in the words of the conventions. */
import { randomBytes } from 'node:crypto';
import { ATTR } from '@costspan/semconv';
import type { PlannedCall, PlannedTask } from './traffic.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

const toValue = (value: string | number | boolean) => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};
const toAttributes = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }));

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly endMs: number;
  readonly durationSeconds: number;
  readonly traceId: string;
  readonly attributes: Attributes;
  readonly isError?: boolean;
}

const toSpan = ({ name, kind, endMs, durationSeconds, traceId, attributes, isError }: Span) => ({
  traceId,
  spanId: randomBytes(8).toString('hex'),
  name,
  kind,
  startTimeUnixNano: String(BigInt(Math.round(endMs - durationSeconds * 1000)) * 1_000_000n),
  endTimeUnixNano: String(BigInt(endMs) * 1_000_000n),
  attributes: toAttributes(attributes),
  status: { code: isError === true ? 2 : 1 },
});

function readCall(call: PlannedCall): Attributes {
  const { tokens } = call;
  return {
    [ATTR.OPERATION_NAME]: call.operation,
    [ATTR.PROVIDER_NAME]: call.provider,
    [ATTR.REQUEST_MODEL]: call.model,
    [ATTR.RESPONSE_MODEL]: call.model,
    [ATTR.USAGE_INPUT_TOKENS]: tokens.input + tokens.cacheRead + tokens.cacheWrite,
    [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: tokens.cacheRead,
    [ATTR.USAGE_OUTPUT_TOKENS]: tokens.output + tokens.reasoning,
    [ATTR.USAGE_REASONING_OUTPUT_TOKENS]: tokens.reasoning,
    [ATTR.PRICE_MODE]: call.mode,
    [ATTR.HTTP_REQUEST_RESEND_COUNT]: call.retries,
    ...(call.firstChunkSeconds !== undefined && {
      [ATTR.RESPONSE_TIME_TO_FIRST_CHUNK]: call.firstChunkSeconds,
    }),
    ...(call.status === 'error' && { [ATTR.ERROR_TYPE]: 'APIError' }),
  };
}

/** One task that ended at an instant, as the body of a `POST /v1/traces`. */
export function toOtlp(task: PlannedTask, endMs: number): string {
  const traceId = randomBytes(16).toString('hex');
  const scope: Attributes = {
    [ATTR.FEATURE]: task.feature,
    [ATTR.TASK_ID]: traceId,
    [ATTR.TASK_NAME]: task.name,
    [ATTR.USER_TIER]: task.userTier,
    [ATTR.TENANT]: task.tenant,
  };
  const calls = task.calls.map((call) =>
    toSpan({
      name: `${call.operation} ${call.model}`,
      kind: 3,
      endMs,
      durationSeconds: call.durationSeconds,
      traceId,
      attributes: { ...scope, ...readCall(call) },
      isError: call.status === 'error',
    }),
  );
  const outcome =
    task.outcome === 'unknown'
      ? {}
      : { [ATTR.TASK_OUTCOME]: task.outcome, [ATTR.TASK_OUTCOME_SOURCE]: 'api' };
  const own = toSpan({
    name: `task ${task.name}`,
    kind: 1,
    endMs,
    durationSeconds: task.calls.reduce((total, call) => total + call.durationSeconds, 0),
    traceId,
    attributes: { ...scope, ...outcome },
  });
  const resource = {
    attributes: toAttributes({
      'service.name': task.service,
      'deployment.environment.name': task.environment,
    }),
  };
  const scopeSpans = [{ scope: { name: 'dashboards' }, spans: [...calls, own] }];
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] });
}
