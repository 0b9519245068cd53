import { SPAN_KINDS, type SpanView } from '@costspan/aggregate';
import { isEvaluation, type LogView } from './logs.js';
import {
  type DecodeOptions,
  MAX_VALUE_DEPTH,
  readParentId,
  Selection,
  type SpanBatch,
  SpanCollector,
} from './spans.js';
import { MalformedError, WIRE, WireReader } from './wire.js';

type Attributes = Record<string, unknown>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Resource = Pick<SpanView, 'resource' | 'scopeName'>;

/** Status codes of OTLP. */
const STATUS_OK = 1;
const STATUS_ERROR = 2;

/**
 * The spans of an `ExportTraceServiceRequest` in protobuf, straight from the bytes: no message tree, and of the
 * attributes only those that anything reads. Throws {@link MalformedError}.
 * Field numbers: opentelemetry-proto, trace/v1/trace.proto and common/v1/common.proto.
 */
export function decodeProtobuf(body: Buffer, options: DecodeOptions = {}): SpanBatch {
  const selection = new Selection(options);
  const collector = new SpanCollector(options);
  const request = new WireReader(body);
  while (request.next()) {
    if (request.field === 1) readResourceSpans(request.message(), collector, selection);
    else request.skip();
  }
  const { spans, rejected } = collector;
  return { spans, rejected };
}

/** ResourceSpans: 1 resource, 2 scope_spans. The resource may stand behind the spans, so it is read first. */
function readResourceSpans(reader: WireReader, collector: SpanCollector, selection: Selection): void {
  const resource: Attributes = {};
  const again = reader.again();
  while (reader.next()) {
    if (reader.field === 1) readResource(reader.message(), resource, selection);
    else reader.skip();
  }
  while (again.next()) {
    if (again.field === 2) readScopeSpans(again.message(), { resource, collector, selection });
    else again.skip();
  }
}

/** Resource: 1 attributes. */
function readResource(reader: WireReader, resource: Attributes, selection: Selection): void {
  while (reader.next()) {
    if (reader.field === 1) readAttribute(reader.message(), resource, selection);
    else reader.skip();
  }
}

interface ScopeTarget {
  readonly resource: Attributes;
  readonly collector: SpanCollector;
  readonly selection: Selection;
}

/** ScopeSpans: 1 scope (1 name), which may stand behind, 2 spans. */
function readScopeSpans(reader: WireReader, { resource, collector, selection }: ScopeTarget): void {
  let scopeName = '';
  const again = reader.again();
  while (reader.next()) {
    if (reader.field === 1) scopeName = readScopeName(reader.message());
    else reader.skip();
  }
  const origin = { resource, scopeName };
  while (again.next()) {
    if (again.field === 2) collector.add(readSpan(again.message(), origin, selection));
    else again.skip();
  }
}

function readScopeName(reader: WireReader): string {
  let name = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else reader.skip();
  }
  return name;
}

/** Span: 1 trace_id, 2 span_id, 3 trace_state, 4 parent_span_id, 5 name, 6 kind, 7 start, 8 end, 9 attributes, 11 events, 15 status. */
function readSpan(reader: WireReader, origin: Resource, selection: Selection): SpanView {
  const attributes: Attributes = {};
  const span: Mutable<SpanView> = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
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
      case 3:
        setTraceState(span, reader.string());
        break;
      case 4:
        span.parentSpanId = readParentId(reader.hex());
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
        readAttribute(reader.message(), attributes, selection);
        break;
      case 11:
        addEvent(span, reader.message(), selection);
        break;
      case 15:
        setStatus(span, readStatusCode(reader.message()));
        break;
      default:
        reader.skip();
    }
  }
  return span;
}

function setTraceState(span: Mutable<SpanView>, traceState: string): void {
  if (traceState !== '') span.traceState = traceState;
}

function setStatus(span: Mutable<SpanView>, code: number): void {
  span.hasErrorStatus = code === STATUS_ERROR;
  if (code === STATUS_OK) span.hasOkStatus = true;
}

/** Event: 2 name, 3 attributes, of which those of an event that nobody reads are passed over. */
function addEvent(span: Mutable<SpanView>, reader: WireReader, selection: Selection): void {
  let name = '';
  const again = reader.again();
  while (reader.next()) {
    if (reader.field === 2) name = reader.string();
    else reader.skip();
  }
  const { events = [] } = span;
  if (!selection.wantsEvent(name, events.length)) return;
  const attributes: Attributes = {};
  while (again.next()) {
    if (again.field === 3) readAttribute(again.message(), attributes, selection);
    else again.skip();
  }
  span.events = [...events, { name, attributes }];
}

/**
 * The evaluations in an `ExportLogsServiceRequest` in protobuf: 1 resource_logs, in them 2 scope_logs, in them
 * 2 log_records. Field numbers: opentelemetry-proto, logs/v1/logs.proto. Throws {@link MalformedError}.
 */
export function decodeLogsProtobuf(body: Buffer, options: DecodeOptions = {}): LogView[] {
  const selection = new Selection(options);
  const logs: LogView[] = [];
  forEachMessage(new WireReader(body), 1, (resourceLogs) =>
    forEachMessage(resourceLogs, 2, (scopeLogs) =>
      forEachMessage(scopeLogs, 2, (record) => {
        const log = readLogRecord(record, selection);
        if (isEvaluation(log)) logs.push(log);
      }),
    ),
  );
  return logs;
}

function forEachMessage(reader: WireReader, field: number, use: (message: WireReader) => void): void {
  while (reader.next()) {
    if (reader.field === field) use(reader.message());
    else reader.skip();
  }
}

/** LogRecord: 6 attributes, 10 span_id, 12 event_name. */
function readLogRecord(reader: WireReader, selection: Selection): LogView {
  let eventName = '';
  let spanId = '';
  const attributes: Attributes = {};
  while (reader.next()) {
    if (reader.field === 6) readAttribute(reader.message(), attributes, selection);
    else if (reader.field === 10) spanId = reader.hex();
    else if (reader.field === 12) eventName = reader.string();
    else reader.skip();
  }
  return { eventName, spanId, attributes };
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
function readAttribute(reader: WireReader, attributes: Attributes, selection: Selection): void {
  let key = '';
  let value: WireReader | undefined;
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = reader.message();
    else reader.skip();
  }
  if (value !== undefined && selection.wants(key, attributes)) attributes[key] = readValue(value, 0);
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
