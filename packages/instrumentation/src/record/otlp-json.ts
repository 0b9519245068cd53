import { DOUBLE_ATTRIBUTES, INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { VERSION } from '../version.js';
import type { AttributeList } from './attribute-list.js';
import { type OwnSpan, type SpanEvent, toHrTime } from './own-span.js';

const SCOPE = { name: INSTRUMENTATION_SCOPE, version: VERSION };
/** OTLP says that it is known whether the parent is remote, and whether it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const SCOPE_TEXT = JSON.stringify(SCOPE);

/**
 * OTLP/JSON of finished spans. Written by ourselves, since OpenTelemetry's serializer takes the type of a number from
 * its value: a temperature of 1 would arrive as an int where the conventions say double. And written as text: thirty
 * attributes as nested objects cost several times as much as their characters.
 */
export function encodeSpans(
  spans: readonly OwnSpan[],
  resource: Readonly<Record<string, unknown>>,
): Uint8Array {
  const attributes = Object.entries(resource).map(([name, value]) => encodeAttribute(name, value));
  return Buffer.from(
    `{"resourceSpans":[{"resource":{"attributes":[${joinDefined(attributes)}]},` +
      `"scopeSpans":[{"scope":${SCOPE_TEXT},"spans":[${spans.map(encodeSpan).join(',')}]}]}]}`,
  );
}

function encodeSpan(span: OwnSpan): string {
  const { name, kind, context, parent, startMs, endMs, attributes, events, status } = span;
  const remote = parent?.isRemote === true ? IS_REMOTE : 0;
  const { traceId, spanId, traceFlags, traceState } = context;
  return (
    `{"traceId":"${traceId}","spanId":"${spanId}",` +
    (parent === undefined ? '' : `"parentSpanId":"${parent.spanId}",`) +
    (traceState === undefined ? '' : `"traceState":${JSON.stringify(traceState.serialize())},`) +
    `"name":${JSON.stringify(name)},"kind":${kind + 1},` +
    `"startTimeUnixNano":"${encodeTime(startMs)}","endTimeUnixNano":"${encodeTime(endMs ?? startMs)}",` +
    `"attributes":[${encodeList(attributes)}],` +
    (events === undefined ? '' : `"events":[${events.map(encodeEvent).join(',')}],`) +
    `"status":${JSON.stringify(status)},"flags":${(traceFlags & 0xff) | HAS_IS_REMOTE | remote}}`
  );
}

const encodeEvent = ({ name, timeMs, attributes }: SpanEvent): string =>
  `{"name":${JSON.stringify(name)},"timeUnixNano":"${encodeTime(timeMs)}","attributes":[${encodeList(attributes)}]}`;

function encodeList(attributes: AttributeList): string {
  let encoded = '';
  attributes.forEach((name, value) => {
    const text = encodeAttribute(name, value);
    if (text !== undefined) encoded = encoded === '' ? text : `${encoded},${text}`;
  });
  return encoded;
}

const joinDefined = (texts: readonly (string | undefined)[]): string =>
  texts.filter((text) => text !== undefined).join(',');

/** `{"key":…,"value":` of the names that spans have; a span has few, and always the same. */
const heads = new Map<string, string>();
const MAX_HEADS = 1_000;

function encodeAttribute(name: string, value: unknown): string | undefined {
  const encoded = encodeValue(name, value);
  if (encoded === undefined) return undefined;
  let head = heads.get(name);
  if (head === undefined) {
    head = `{"key":${JSON.stringify(name)},"value":`;
    if (heads.size < MAX_HEADS) heads.set(name, head);
  }
  return `${head}${encoded}}`;
}

/** OTLP's any value; `undefined` for what attributes cannot hold, and for numbers that JSON cannot. */
function encodeValue(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') return `{"stringValue":${encodeText(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined;
    const isDouble = !Number.isInteger(value) || DOUBLE_ATTRIBUTES.has(name);
    return isDouble ? `{"doubleValue":${value}}` : `{"intValue":${value}}`;
  }
  if (!Array.isArray(value)) return undefined;
  return `{"arrayValue":{"values":[${joinDefined(value.map((item) => encodeValue(name, item)))}]}}`;
}

/** What needs no escape is most of what there is. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;
const encodeText = (text: string): string => (PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text));

/** Nanoseconds since the epoch, as decimal text: a double would round them. */
function encodeTime(ms: number): string {
  const [seconds, nanos] = toHrTime(ms);
  return `${seconds}${String(nanos).padStart(9, '0')}`;
}
