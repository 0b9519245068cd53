import { DOUBLE_ATTRIBUTES, INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { VERSION } from '../version.js';
import type { AttributeList } from './attribute-list.js';
import { type OwnSpan, type SpanEvent, toHrTime } from './own-span.js';

/** `google.protobuf`-like any value of OTLP's JSON encoding. */
type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: number }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } };

const SCOPE = { name: INSTRUMENTATION_SCOPE, version: VERSION };
/** OTLP says that it is known whether the parent is remote, and whether it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/**
 * OTLP/JSON of finished spans. Written by ourselves, since OpenTelemetry's serializer takes the type of a number from
 * its value: a temperature of 1 would arrive as an int where the conventions say double.
 */
export function encodeSpans(
  spans: readonly OwnSpan[],
  resource: Readonly<Record<string, unknown>>,
): Uint8Array {
  const request = {
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes(resource) },
        scopeSpans: [{ scope: SCOPE, spans: spans.map(encodeSpan) }],
      },
    ],
  };
  return Buffer.from(JSON.stringify(request));
}

function encodeSpan(span: OwnSpan): object {
  const { name, kind, context, parent, startMs, endMs, attributes, events, status } = span;
  const remote = parent?.isRemote === true ? IS_REMOTE : 0;
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    parentSpanId: parent?.spanId,
    traceState: context.traceState?.serialize(),
    name,
    kind: kind + 1,
    startTimeUnixNano: encodeTime(startMs),
    endTimeUnixNano: encodeTime(endMs ?? startMs),
    attributes: encodeList(attributes),
    events: events?.map(encodeEvent),
    status,
    flags: (context.traceFlags & 0xff) | HAS_IS_REMOTE | remote,
  };
}

const encodeEvent = ({ name, timeMs, attributes }: SpanEvent): object => ({
  name,
  timeUnixNano: encodeTime(timeMs),
  attributes: encodeList(attributes),
});

function encodeList(attributes: AttributeList): object[] {
  const encoded: object[] = [];
  attributes.forEach((key, value) => {
    encoded.push({ key, value: encodeValue(key, value) });
  });
  return encoded;
}

const encodeAttributes = (attributes: Readonly<Record<string, unknown>>): object[] =>
  Object.entries(attributes).flatMap(([key, value]) => {
    const encoded = encodeValue(key, value);
    return encoded === undefined ? [] : [{ key, value: encoded }];
  });

function encodeValue(key: string, value: unknown): AnyValue | undefined {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return DOUBLE_ATTRIBUTES.has(key) || !Number.isInteger(value)
      ? { doubleValue: value }
      : { intValue: value };
  }
  if (!Array.isArray(value)) return undefined;
  return {
    arrayValue: { values: value.map((item) => encodeValue(key, item)).filter((item) => item !== undefined) },
  };
}

/** Nanoseconds since the epoch, as decimal text: a double would round them. */
function encodeTime(ms: number): string {
  const [seconds, nanos] = toHrTime(ms);
  return `${seconds}${String(nanos).padStart(9, '0')}`;
}
