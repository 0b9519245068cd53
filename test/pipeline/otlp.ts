/** OTLP/JSON by hand: what any sender could post to a Collector. */
import { randomBytes } from 'node:crypto';

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface SpanParts {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly name?: string;
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status?: { readonly code: number; readonly message?: string };
  readonly flags?: number;
}

export interface BatchParts {
  readonly resource?: Attributes;
  readonly scope?: string;
}

export const randomTraceId = (): string => randomBytes(16).toString('hex');

function encodeValue(value: Attributes[string]): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  return { arrayValue: { values: value.map(encodeValue) } };
}

const encodeAttributes = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));

/** An `ExportTraceServiceRequest`; every span took a second and ended now. */
export function encodeTraces(
  spans: readonly SpanParts[],
  { resource = {}, scope = 'test' }: BatchParts = {},
) {
  const nowMs = Date.now();
  const encoded = spans.map(({ attributes, events = [], ...span }) => ({
    traceId: randomTraceId(),
    spanId: randomBytes(8).toString('hex'),
    name: 'chat gpt-4o-mini',
    kind: 3,
    startTimeUnixNano: `${nowMs - 1_000}000000`,
    endTimeUnixNano: `${nowMs}000000`,
    flags: 0x101,
    ...span,
    attributes: encodeAttributes(attributes),
    events: events.map((event) => ({
      timeUnixNano: `${nowMs}000000`,
      name: event.name,
      attributes: encodeAttributes(event.attributes),
    })),
  }));
  return {
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes({ 'service.name': 'shop', ...resource }) },
        scopeSpans: [{ scope: { name: scope }, spans: encoded }],
      },
    ],
  };
}

/** A call with a price, and of a task where one is named. */
export const callAttributes = (costUsd: number, more: Attributes = {}): Attributes => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.usage.input_tokens': 100,
  'gen_ai.usage.output_tokens': 20,
  'gen_ai.usage.cost.amount': costUsd,
  'gen_ai.usage.cost.currency': 'USD',
  'costspan.cost.status': 'priced',
  'costspan.feature': 'support',
  ...more,
});

export interface LogParts {
  readonly eventName?: string;
  readonly body?: string;
  readonly attributes: Attributes;
}

/** An `ExportLogsServiceRequest`. */
export function encodeLogs(logs: readonly LogParts[]) {
  const logRecords = logs.map(({ attributes, body, ...record }) => ({
    timeUnixNano: `${Date.now()}000000`,
    ...record,
    ...(body === undefined ? {} : { body: { stringValue: body } }),
    attributes: encodeAttributes(attributes),
  }));
  return { resourceLogs: [{ scopeLogs: [{ scope: { name: 'test' }, logRecords }] }] };
}

/** Posts traces to a Collector or processor; the status of the answer. */
export const postTraces = (otlp: string, body: object): Promise<number> => post(`${otlp}/v1/traces`, body);
export const postLogs = (otlp: string, body: object): Promise<number> => post(`${otlp}/v1/logs`, body);

async function post(url: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await response.arrayBuffer();
  return response.status;
}
