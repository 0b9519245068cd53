import { SPAN_KINDS, type SpanView } from '@costspan/aggregate';
import { isWanted, MAX_VALUE_DEPTH, type SpanBatch, sortSpans } from './spans.js';
import { MalformedError, WIRE, WireReader } from './wire.js';

type Attributes = Record<string, unknown>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Resource = Pick<SpanView, 'resource' | 'scopeName'>;

/** Status code `ERROR` of OTLP. */
const STATUS_ERROR = 2;

/**
 * The spans of an `ExportTraceServiceRequest` in protobuf, straight from the bytes: no message tree, and of the
 * attributes only those that anything reads. Throws {@link MalformedError}.
 * Field numbers: opentelemetry-proto, trace/v1/trace.proto and common/v1/common.proto.
 */
export function decodeProtobuf(body: Buffer): SpanBatch {
  const spans: SpanView[] = [];
  const request = new WireReader(body);
  while (request.next()) {
    if (request.field === 1) readResourceSpans(request.message(), spans);
    else request.skip();
  }
  return sortSpans(spans);
}

/** ResourceSpans: 1 resource, 2 scope_spans. The resource may stand behind the spans, so they wait for it. */
function readResourceSpans(reader: WireReader, spans: SpanView[]): void {
  const resource: Attributes = {};
  const scopes: WireReader[] = [];
  while (reader.next()) {
    if (reader.field === 1) readResource(reader.message(), resource);
    else if (reader.field === 2) scopes.push(reader.message());
    else reader.skip();
  }
  for (const scope of scopes) readScopeSpans(scope, resource, spans);
}

/** Resource: 1 attributes. */
function readResource(reader: WireReader, resource: Attributes): void {
  while (reader.next()) {
    if (reader.field === 1) readAttribute(reader.message(), resource);
    else reader.skip();
  }
}

/** ScopeSpans: 1 scope (1 name), 2 spans. */
function readScopeSpans(reader: WireReader, resource: Attributes, spans: SpanView[]): void {
  let scopeName = '';
  const messages: WireReader[] = [];
  while (reader.next()) {
    if (reader.field === 1) scopeName = readScopeName(reader.message());
    else if (reader.field === 2) messages.push(reader.message());
    else reader.skip();
  }
  for (const message of messages) spans.push(readSpan(message, { resource, scopeName }));
}

function readScopeName(reader: WireReader): string {
  let name = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else reader.skip();
  }
  return name;
}

/** Span: 1 trace_id, 2 span_id, 5 name, 6 kind, 7 start, 8 end, 9 attributes, 15 status. */
function readSpan(reader: WireReader, origin: Resource): SpanView {
  const attributes: Attributes = {};
  const span: Mutable<SpanView> = {
    traceId: '',
    spanId: '',
    name: '',
    kind: 'unspecified',
    startMs: 0,
    endMs: 0,
    hasErrorStatus: false,
    attributes,
    ...origin,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        span.traceId = reader.hex();
        break;
      case 2:
        span.spanId = reader.hex();
        break;
      case 5:
        span.name = reader.string();
        break;
      case 6:
        reader.expect(WIRE.VARINT);
        span.kind = SPAN_KINDS[reader.varint()] ?? 'unspecified';
        break;
      case 7:
        reader.expect(WIRE.FIXED64);
        span.startMs = reader.nanosAsMs();
        break;
      case 8:
        reader.expect(WIRE.FIXED64);
        span.endMs = reader.nanosAsMs();
        break;
      case 9:
        readAttribute(reader.message(), attributes);
        break;
      case 15:
        span.hasErrorStatus = readStatusCode(reader.message()) === STATUS_ERROR;
        break;
      default:
        reader.skip();
    }
  }
  return span;
}

/** Status: 3 code. */
function readStatusCode(reader: WireReader): number {
  let code = 0;
  while (reader.next()) {
    if (reader.field === 3) {
      reader.expect(WIRE.VARINT);
      code = reader.varint();
    } else reader.skip();
  }
  return code;
}

/** KeyValue: 1 key, 2 value. */
function readAttribute(reader: WireReader, attributes: Attributes): void {
  let key = '';
  let value: WireReader | undefined;
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = reader.message();
    else reader.skip();
  }
  if (value !== undefined && isWanted(key)) attributes[key] = readValue(value, 0);
}

/** AnyValue: 1 string, 2 bool, 3 int, 4 double, 5 array (1 values). Maps and bytes are nothing that is read. */
function readValue(reader: WireReader, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedError('attribute value is nested too deep');
  let value: unknown;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        value = reader.string();
        break;
      case 2:
        reader.expect(WIRE.VARINT);
        value = reader.varint() !== 0;
        break;
      case 3:
        reader.expect(WIRE.VARINT);
        value = reader.signedVarint();
        break;
      case 4:
        reader.expect(WIRE.FIXED64);
        value = reader.double();
        break;
      case 5:
        value = readArray(reader.message(), depth + 1);
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

function readArray(reader: WireReader, depth: number): unknown[] {
  const values: unknown[] = [];
  while (reader.next()) {
    if (reader.field === 1) values.push(readValue(reader.message(), depth));
    else reader.skip();
  }
  return values;
}
