import { cutText, SPAN_KINDS, type SpanView } from '@costspan/aggregate';
import { AttributeList, type Attributes } from './attribute-list.js';
import { readAttribute, readAttributes } from './decode-attributes.js';
import { isEvaluation, type LogView } from './logs.js';
import { createSpan, type OpenSpan, type Origin, setStatus, setTraceState } from './open-span.js';
import {
  type DecodeOptions,
  MAX_SCOPE_CHARS,
  readParentId,
  Selection,
  type SpanBatch,
  SpanCollector,
} from './spans.js';
import { WIRE, WireReader } from './wire.js';

/** What a body is read with. */
interface Reading {
  readonly reader: WireReader;
  readonly selection: Selection;
  /** Of the span or record at hand. */
  readonly attributes: AttributeList;
  /** Of its resource or of one of its events. */
  readonly others: AttributeList;
  /** The trace id that was read last: mostly the next span's is the same. */
  traceId: string;
  traceIdAt: number;
}

const createReading = (body: Buffer, options: DecodeOptions): Reading => ({
  reader: new WireReader(body),
  selection: new Selection(options),
  attributes: new AttributeList(),
  others: new AttributeList(),
  traceId: '',
  traceIdAt: -1,
});

/**
 * The spans of an `ExportTraceServiceRequest` in protobuf, straight from the bytes: no message tree, and of the
 * attributes only those that anything reads. Throws {@link MalformedError}.
 * Field numbers: opentelemetry-proto, trace/v1/trace.proto and common/v1/common.proto.
 */
export function decodeProtobuf(body: Buffer, options: DecodeOptions = {}): SpanBatch {
  const reading = createReading(body, options);
  const collector = new SpanCollector(options);
  forEachMessage(reading.reader, 1, () => readResourceSpans(reading, collector));
  const { spans, rejected } = collector;
  return { spans, rejected };
}

/** Goes into each message of this field. */
function forEachMessage(reader: WireReader, field: number, read: () => void): void {
  while (reader.next()) {
    if (reader.field === field) {
      reader.enter();
      read();
      reader.leave();
    } else reader.skip();
  }
}

/** ResourceSpans: 1 resource, 2 scope_spans. The resource may stand behind the spans, so it is read first. */
function readResourceSpans(reading: Reading, collector: SpanCollector): void {
  const { reader, others } = reading;
  const start = reader.position;
  forEachMessage(reader, 1, () => readAttributes(reading, 1, others));
  const resource = others.take();
  reader.position = start;
  forEachMessage(reader, 2, () => readScopeSpans(reading, resource, collector));
}

/** ScopeSpans: 1 scope (1 name), which may stand behind, 2 spans. */
function readScopeSpans(reading: Reading, resource: Attributes, collector: SpanCollector): void {
  const { reader } = reading;
  let scopeName = '';
  const start = reader.position;
  forEachMessage(reader, 1, () => {
    scopeName = readScopeName(reader);
  });
  reader.position = start;
  const origin = { resource, scopeName };
  forEachMessage(reader, 2, () => collector.add(readSpan(reading, origin), reading.attributes.foreign));
}

function readScopeName(reader: WireReader): string {
  let name = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else reader.skip();
  }
  return cutText(name, MAX_SCOPE_CHARS);
}

/** Span: 1 trace_id, 2 span_id, 3 trace_state, 4 parent_span_id, 5 name, 6 kind, 7 start, 8 end, 9 attributes, 11 events, 15 status. */
function readSpan(reading: Reading, origin: Origin): SpanView {
  const { reader, selection, attributes } = reading;
  const span = createSpan(origin);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        span.traceId = readTraceId(reading);
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
        reader.range();
        span.name = selection.words.names.readText(reader, reader.from, reader.to);
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
        readAttribute(reading, attributes);
        break;
      case 11:
        reader.enter();
        addEvent(span, reading);
        reader.leave();
        break;
      case 15:
        setStatus(span, readStatusCode(reader));
        break;
      default:
        reader.skip();
    }
  }
  span.attributes = attributes.take();
  return span;
}

/** Spans of one trace mostly stand together: their id is made a text once. */
function readTraceId(reading: Reading): string {
  const { reader, traceIdAt } = reading;
  reader.range();
  const { bytes, from, to } = reader;
  if (traceIdAt >= 0 && to - from === TRACE_ID_BYTES) {
    let same = 0;
    while (same < TRACE_ID_BYTES && bytes[traceIdAt + same] === bytes[from + same]) same += 1;
    if (same === TRACE_ID_BYTES) return reading.traceId;
  }
  reading.traceId = bytes.toString('hex', from, to);
  reading.traceIdAt = to - from === TRACE_ID_BYTES ? from : -1;
  return reading.traceId;
}
const TRACE_ID_BYTES = 16;

/** Event: 2 name, 3 attributes, of which those of an event that nobody reads are passed over. */
function addEvent(span: OpenSpan, reading: Reading): void {
  const { reader, selection, others } = reading;
  let name = '';
  const start = reader.position;
  while (reader.next()) {
    if (reader.field === 2) name = reader.string();
    else reader.skip();
  }
  const { events = [] } = span;
  if (!selection.wantsEvent(name, events.length)) return;
  reader.position = start;
  readAttributes(reading, 3, others);
  span.events = [...events, { name, attributes: others.take() }];
}

/**
 * The evaluations in an `ExportLogsServiceRequest` in protobuf: 1 resource_logs, in them 2 scope_logs, in them
 * 2 log_records. Field numbers: opentelemetry-proto, logs/v1/logs.proto. Throws {@link MalformedError}.
 */
export function decodeLogsProtobuf(body: Buffer, options: DecodeOptions = {}): LogView[] {
  const reading = createReading(body, options);
  const { reader } = reading;
  const logs: LogView[] = [];
  const readRecord = () => {
    const log = readLogRecord(reading);
    if (isEvaluation(log)) logs.push(log);
  };
  forEachMessage(reader, 1, () => forEachMessage(reader, 2, () => forEachMessage(reader, 2, readRecord)));
  return logs;
}

/** LogRecord: 6 attributes, 10 span_id, 12 event_name. */
function readLogRecord(reading: Reading): LogView {
  const { reader, attributes } = reading;
  let eventName = '';
  let spanId = '';
  while (reader.next()) {
    if (reader.field === 6) readAttribute(reading, attributes);
    else if (reader.field === 10) spanId = reader.hex();
    else if (reader.field === 12) eventName = reader.string();
    else reader.skip();
  }
  return { eventName, spanId, attributes: attributes.take() };
}

/** Status: 3 code. */
function readStatusCode(reader: WireReader): number {
  let code = 0;
  reader.enter();
  while (reader.next()) {
    if (reader.field === 3) {
      reader.expect(WIRE.VARINT);
      code = reader.varint();
    } else reader.skip();
  }
  reader.leave();
  return code;
}
