import { cutText, SPAN_KINDS, type SpanView } from '@costspan/aggregate';
import { AttributeList, type Attributes } from './attribute-list.js';
import { readAttributes, readString } from './json-attributes.js';
import { readId, TraceIds } from './json-ids.js';
import { forEachMember, forEachMemberAfter, forEachObject, isObjectHere, Members } from './json-members.js';
import {
  MISNAMED_RESOURCE_SPANS,
  MISNAMED_SCOPE_SPANS,
  refuseResourceSpans,
  refuseScopeSpans,
} from './json-misnamed.js';
import { isDigit, JsonReader, ZERO } from './json-reader.js';
import { Repeats } from './json-repeats.js';
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
import type { Vocabulary } from './vocabulary.js';
import { MalformedError } from './wire.js';

/** What a body is read with. */
interface Reading {
  readonly reader: JsonReader;
  readonly selection: Selection;
  readonly repeats: Repeats;
  /** Of the span or record at hand. */
  readonly attributes: AttributeList;
  /** Of one of its events. */
  readonly ofEvent: AttributeList;
  /** Of its resource. */
  readonly ofResource: AttributeList;
  readonly traceIds: TraceIds;
}

/** Words are learned once, not for each request, and so is how they stand. */
const repeatsOf = new WeakMap<Vocabulary, Repeats>();

function createReading(body: Buffer, options: DecodeOptions): Reading {
  const selection = new Selection(options);
  const repeats = repeatsOf.get(selection.words) ?? new Repeats();
  repeatsOf.set(selection.words, repeats);
  return {
    reader: new JsonReader(body),
    selection,
    repeats,
    attributes: new AttributeList(),
    ofEvent: new AttributeList(),
    ofResource: new AttributeList(),
    traceIds: new TraceIds(),
  };
}

const REQUEST = new Members('resourceSpans', ...MISNAMED_RESOURCE_SPANS);
const RESOURCE_SPANS = new Members('resource', 'scopeSpans', ...MISNAMED_SCOPE_SPANS);
const RESOURCE = new Members('attributes');
const SCOPE_SPANS = new Members('scope', 'spans');
const SCOPE = new Members('name');
const SPAN = new Members(
  'traceId',
  'spanId',
  'parentSpanId',
  'traceState',
  'name',
  'kind',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'attributes',
  'events',
  'status',
);
const EVENT = new Members('name', 'attributes');
const STATUS = new Members('code');
const LOGS_REQUEST = new Members('resourceLogs');
const RESOURCE_LOGS = new Members('scopeLogs');
const SCOPE_LOGS = new Members('logRecords');
const LOG_RECORD = new Members('eventName', 'spanId', 'attributes');

/**
 * The spans of an `ExportTraceServiceRequest` in OTLP's JSON, straight from the bytes: ids in hex, 64-bit integers as
 * text or number, lowerCamelCase names; null is absent. A member that comes twice counts as in protobuf: lists are one
 * list, of all else the last one counts. Throws {@link MalformedError}.
 */
export function decodeJson(body: Buffer, options: DecodeOptions = {}): SpanBatch {
  const reading = createReading(body, options);
  const collector = new SpanCollector(options);
  const { reader } = reading;
  readBody(reader, REQUEST, (name) => {
    if (name === 'resourceSpans') forEachObject(reader, name, () => readResourceSpans(reading, collector));
    else refuseResourceSpans(reader, collector);
  });
  const { spans, rejected } = collector;
  return { spans, rejected };
}

function readBody<Name extends string>(
  reader: JsonReader,
  members: Members<Name>,
  read: (name: Name) => void,
): void {
  const isObject = isObjectHere(reader, 'the body');
  if (isObject) forEachMember(reader, members, read);
  reader.end();
  if (!isObject) throw new MalformedError('the body is not an object');
}

function readResourceSpans(reading: Reading, collector: SpanCollector): void {
  const { reader, ofResource } = reading;
  // More of it may stand behind its spans.
  const resource: Attributes = {};
  forEachMemberAfter(reader, { members: RESOURCE_SPANS, first: 'resource' }, (name) => {
    if (name === 'scopeSpans')
      forEachObject(reader, name, () => readScopeSpans(reading, resource, collector));
    else if (name !== 'resource') refuseScopeSpans(reader, collector);
    else if (isObjectHere(reader, name))
      forEachMember(reader, RESOURCE, () => readAttributes(reading, ofResource));
  });
  Object.assign(resource, ofResource.take());
}

function readScopeSpans(reading: Reading, resource: Attributes, collector: SpanCollector): void {
  const { reader } = reading;
  let scopeName = '';
  forEachMemberAfter(reader, { members: SCOPE_SPANS, first: 'scope' }, (name) => {
    if (name === 'spans') {
      const origin = { resource, scopeName };
      forEachObject(reader, name, () => collector.add(readSpan(reading, origin), reading.attributes.foreign));
    } else if (isObjectHere(reader, name)) {
      forEachMember(reader, SCOPE, (ofScope) => {
        scopeName = cutText(readString(reader, ofScope), MAX_SCOPE_CHARS);
      });
    }
  });
}

function readSpan(reading: Reading, origin: Origin): SpanView {
  const { reader } = reading;
  const span = createSpan(origin);
  forEachMember(reader, SPAN, (name) => readMember(reading, span, name));
  span.attributes = reading.attributes.take();
  return span;
}

type SpanMember = typeof SPAN extends Members<infer Name> ? Name : never;

function readMember(reading: Reading, span: OpenSpan, name: SpanMember): void {
  const { reader, selection } = reading;
  switch (name) {
    case 'traceId':
      span.traceId = reading.traceIds.read(reader, name);
      break;
    case 'spanId':
      span.spanId = readId(reader, name);
      break;
    case 'parentSpanId':
      span.parentSpanId = readParentId(readId(reader, name));
      break;
    case 'traceState':
      setTraceState(span, readString(reader, name));
      break;
    case 'name':
      span.name = readString(reader, name, selection.words.names);
      break;
    case 'kind':
      span.kind = readEnum(reader, 'SPAN_KIND_', SPAN_KINDS) ?? 'unspecified';
      break;
    case 'startTimeUnixNano':
      span.startMs = readNanosAsMs(reader, name);
      break;
    case 'endTimeUnixNano':
      span.endMs = readNanosAsMs(reader, name);
      break;
    case 'attributes':
      readAttributes(reading, reading.attributes);
      break;
    case 'events':
      readEvents(reading, span);
      break;
    case 'status':
      readStatus(reader, span);
  }
}

// Apart: a function that makes another one makes room for what that one sees whenever it is called, ten times a span here.
const readEvents = (reading: Reading, span: OpenSpan): void =>
  forEachObject(reading.reader, 'events', () => readEvent(reading, span));

function readStatus(reader: JsonReader, span: OpenSpan): void {
  if (isObjectHere(reader, 'status'))
    forEachMember(reader, STATUS, () => setStatus(span, readStatusCode(reader)));
}

/** Of an event that nobody reads the attributes are passed over. */
function readEvent(reading: Reading, span: OpenSpan): void {
  const { reader, selection, ofEvent } = reading;
  let name = '';
  const lists: number[] = [];
  forEachMember(reader, EVENT, (member) => {
    if (member === 'name') name = readString(reader, member);
    else {
      lists.push(reader.position);
      reader.skip();
    }
  });
  const { position: end } = reader;
  const { events = [] } = span;
  if (!selection.wantsEvent(name, events.length)) return;
  for (const position of lists) {
    reader.position = position;
    readAttributes(reading, ofEvent);
  }
  reader.position = end;
  span.events = [...events, { name, attributes: ofEvent.take() }];
}

/** The evaluations in an `ExportLogsServiceRequest` in OTLP's JSON. Throws {@link MalformedError}. */
export function decodeLogsJson(body: Buffer, options: DecodeOptions = {}): LogView[] {
  const reading = createReading(body, options);
  const { reader } = reading;
  const logs: LogView[] = [];
  const readRecord = (): void => {
    const log = readLogRecord(reading);
    if (isEvaluation(log)) logs.push(log);
  };
  const readScopeLogs = (): void =>
    forEachMember(reader, SCOPE_LOGS, (name) => forEachObject(reader, name, readRecord));
  const readResourceLogs = (): void =>
    forEachMember(reader, RESOURCE_LOGS, (name) => forEachObject(reader, name, readScopeLogs));
  readBody(reader, LOGS_REQUEST, (name) => forEachObject(reader, name, readResourceLogs));
  return logs;
}

function readLogRecord(reading: Reading): LogView {
  const { reader, attributes } = reading;
  let eventName = '';
  let spanId = '';
  forEachMember(reader, LOG_RECORD, (name) => {
    if (name === 'attributes') readAttributes(reading, attributes);
    else if (name === 'spanId') spanId = readId(reader, name);
    else eventName = readString(reader, name);
  });
  return { eventName, spanId, attributes: attributes.take() };
}

const STATUSES = ['unset', 'ok', 'error'] as const;

const readStatusCode = (reader: JsonReader): number => {
  const word = readEnum(reader, 'STATUS_CODE_', STATUSES);
  return word === undefined ? 0 : STATUSES.indexOf(word);
};

/** OTLP writes enums as numbers; some emitters write the names of protobuf's own JSON. */
function readEnum<T extends string>(reader: JsonReader, prefix: string, words: readonly T[]): T | undefined {
  if (reader.isAtNumber()) return words[reader.number()];
  if (!reader.isAtText()) {
    reader.skip();
    return undefined;
  }
  const text = readString(reader, prefix);
  return words.find((word) => text === `${prefix}${word.toUpperCase()}`);
}

/** Digits of a millisecond in nanoseconds. */
const MS_DIGITS = 6;

function readNanosAsMs(reader: JsonReader, name: string): number {
  if (reader.passesNull()) return 0;
  if (reader.isAtNumber()) {
    const nanos = reader.number();
    if (nanos >= 0) return nanos / 1e6;
  } else if (reader.isAtText()) {
    reader.passText();
    const { bytes, from, to } = reader;
    const msTo = Math.max(from, to - MS_DIGITS);
    const ms = readDigits(bytes, from, msTo) + readDigits(bytes, msTo, to) / 1e6;
    if (to > from && to - from <= MAX_NANOS_DIGITS && !Number.isNaN(ms)) return ms;
  }
  throw new MalformedError(`${name} is not a whole number of nanoseconds`);
}
const MAX_NANOS_DIGITS = 20;

/** NaN where something else stands. */
function readDigits(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1)
    value = isDigit(bytes[at]) ? value * 10 + bytes[at]! - ZERO : Number.NaN;
  return value;
}
