import { cutText, SPAN_KINDS, type SpanEvent, type SpanView } from '@costspan/aggregate';
import { isEvaluation, type LogView } from './logs.js';
import {
  type DecodeOptions,
  MAX_SCOPE_CHARS,
  MAX_VALUE_DEPTH,
  readParentId,
  Selection,
  type SpanBatch,
  SpanCollector,
} from './spans.js';
import { MalformedError } from './wire.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The spans of an `ExportTraceServiceRequest` in OTLP's JSON: ids in hex, 64-bit integers as text or number,
 * lowerCamelCase names; null is absent. Throws {@link MalformedError}.
 */
export const decodeJson = (body: Buffer, options: DecodeOptions = {}): SpanBatch =>
  readTraces(parseJson(body), options);

/** The same, of what is parsed already. */
export function readTraces(value: unknown, options: DecodeOptions = {}): SpanBatch {
  const request = readObject(value, 'the body');
  const selection = new Selection(options);
  const collector = new SpanCollector(options);
  const misnamed = readMisnamed(request, MISNAMED_RESOURCE_SPANS);
  refuseMisnamed(
    misnamed.flatMap((group) => readMisnamed(group, ANY_SCOPE_SPANS)),
    collector,
  );
  for (const resourceSpans of readObjects(request, 'resourceSpans')) {
    const resource = readAttributes(readOptional(resourceSpans, 'resource'), selection);
    refuseMisnamed(readMisnamed(resourceSpans, MISNAMED_SCOPE_SPANS), collector);
    for (const scopeSpans of readObjects(resourceSpans, 'scopeSpans')) {
      const scopeName = cutText(readString(readOptional(scopeSpans, 'scope'), 'name'), MAX_SCOPE_CHARS);
      const origin = { resource, scopeName };
      for (const span of readObjects(scopeSpans, 'spans')) collector.add(readSpan(span, selection, origin));
    }
  }
  const { spans, rejected } = collector;
  return { spans, rejected };
}

/** Names that the lists with spans do not have: protobuf's own, and those of OTLP until 0.15. */
const MISNAMED_RESOURCE_SPANS = ['resource_spans'];
const MISNAMED_SCOPE_SPANS = ['scope_spans', 'instrumentationLibrarySpans', 'instrumentation_library_spans'];
const ANY_SCOPE_SPANS = ['scopeSpans', ...MISNAMED_SCOPE_SPANS];

/**
 * OTLP has a receiver ignore fields that it does not know, so such a request is a success; that nothing of it was counted
 * shall be seen nevertheless.
 */
function refuseMisnamed(scopes: readonly JsonObject[], collector: SpanCollector): void {
  for (const scope of scopes)
    for (const _ of readMisnamed(scope, ['spans'])) collector.refuse('misnamed_fields');
}

/** What is no list, or no object in one, is passed over: nobody has to write these well. */
const readMisnamed = (parent: JsonObject, names: readonly string[]): readonly JsonObject[] =>
  names.flatMap((name) => {
    const list = parent[name];
    return Array.isArray(list) ? list.filter(isObject) : [];
  });

/** Objects and arrays of one body: of 16 MiB of spans not a third; parsed, an empty one takes thirty times its bytes. */
const MAX_JSON_NODES = 2_000_000;
/** The shortest node, with the comma behind it. */
const MIN_NODE_BYTES = 3;
const [QUOTE, BACKSLASH, BRACE, BRACKET] = [0x22, 0x5c, 0x7b, 0x5b];

/** Whether parsing the body could fill the memory. Nearly all are too short for it. */
function isFullOfNodes(body: Buffer): boolean {
  if (body.length < MAX_JSON_NODES * MIN_NODE_BYTES) return false;
  let nodes = 0;
  let isText = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (isText && byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (!isText && (byte === BRACE || byte === BRACKET)) nodes += 1;
  }
  return nodes > MAX_JSON_NODES;
}

/** JSON of a body; throws {@link MalformedError} and never shows the body. */
export function parseJson(body: Buffer): unknown {
  if (isFullOfNodes(body))
    throw new MalformedError(`the body holds more than ${MAX_JSON_NODES} objects; send smaller batches`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new MalformedError('the body is not JSON');
  }
}

/** The evaluations in an `ExportLogsServiceRequest` in OTLP's JSON. Throws {@link MalformedError}. */
export function decodeLogsJson(body: Buffer, options: DecodeOptions = {}): LogView[] {
  const selection = new Selection(options);
  const request = readObject(parseJson(body), 'the body');
  return readObjects(request, 'resourceLogs')
    .flatMap((resourceLogs) => readObjects(resourceLogs, 'scopeLogs'))
    .flatMap((scopeLogs) => readObjects(scopeLogs, 'logRecords'))
    .map((record) => ({
      eventName: readString(record, 'eventName'),
      spanId: readString(record, 'spanId').toLowerCase(),
      attributes: readAttributes(record, selection),
    }))
    .filter(isEvaluation);
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function readSpan(
  span: JsonObject,
  selection: Selection,
  { resource, scopeName }: Pick<SpanView, 'resource' | 'scopeName'>,
): SpanView {
  const status = readEnum(readOptional(span, 'status').code, 'STATUS_CODE_', STATUSES);
  const events = readEvents(span, selection);
  const traceState = readString(span, 'traceState');
  const read: Mutable<SpanView> = {
    traceId: readString(span, 'traceId').toLowerCase(),
    spanId: readString(span, 'spanId').toLowerCase(),
    parentSpanId: readParentId(readString(span, 'parentSpanId').toLowerCase()),
    name: readString(span, 'name'),
    kind: readEnum(span.kind, 'SPAN_KIND_', SPAN_KINDS) ?? 'unspecified',
    startMs: readNanosAsMs(span, 'startTimeUnixNano'),
    endMs: readNanosAsMs(span, 'endTimeUnixNano'),
    hasErrorStatus: status === 'error',
    attributes: readAttributes(span, selection),
    resource,
    scopeName,
  };
  if (traceState !== '') read.traceState = traceState;
  if (status === 'ok') read.hasOkStatus = true;
  if (events.length > 0) read.events = events;
  return read;
}
const STATUSES = ['unset', 'ok', 'error'] as const;

function readEvents(span: JsonObject, selection: Selection): SpanEvent[] {
  const events: SpanEvent[] = [];
  for (const event of readObjects(span, 'events')) {
    const name = readString(event, 'name');
    if (selection.wantsEvent(name, events.length))
      events.push({ name, attributes: readAttributes(event, selection) });
  }
  return events;
}

/** OTLP writes enums as numbers; some emitters write the names of protobuf's own JSON. */
function readEnum<T extends string>(value: unknown, prefix: string, words: readonly T[]): T | undefined {
  if (typeof value === 'number') return words[value];
  return words.find((word) => value === `${prefix}${word.toUpperCase()}`);
}

function readNanosAsMs(span: JsonObject, name: string): number {
  const value = span[name] ?? 0;
  if (typeof value === 'number' && value >= 0) return value / 1e6;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value))
    throw new MalformedError(`${name} is not a whole number of nanoseconds`);
  const nanos = BigInt(value);
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

function readAttributes(parent: JsonObject, selection: Selection): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const attribute of readObjects(parent, 'attributes')) {
    const { key } = attribute;
    const name = typeof key === 'string' ? key : readString(attribute, 'key');
    if (selection.wants(name, attributes)) attributes[name] = readValue(readOptional(attribute, 'value'), 0);
  }
  return attributes;
}

function readValue(value: JsonObject, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedError('attribute value is nested too deep');
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined && intValue !== null) return readInteger(intValue);
  if (doubleValue !== undefined && doubleValue !== null) return readDouble(doubleValue);
  if (arrayValue === undefined || arrayValue === null) return undefined;
  return readObjects(readObject(arrayValue, 'arrayValue'), 'values').map((item) =>
    readValue(item, depth + 1),
  );
}

/** A number as text: the JSON form of protobuf allows it for every kind of number. */
const NUMBER = /^-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,3})?$/i;

function readInteger(value: unknown): number {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw new MalformedError('intValue is not a whole number');
}

function readDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw new MalformedError('doubleValue is not a number');
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new MalformedError(`${what} is not an object`);
}

const NOTHING: JsonObject = {};
const NONE: readonly JsonObject[] = [];

function readOptional(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return value === undefined || value === null ? NOTHING : readObject(value, name);
}

function readObjects(parent: JsonObject, name: string): readonly JsonObject[] {
  const value = parent[name];
  if (value === undefined || value === null) return NONE;
  if (!Array.isArray(value)) throw new MalformedError(`${name} is not an array`);
  if (value.every(isObject)) return value;
  throw new MalformedError(`an entry of ${name} is not an object`);
}

function readString(parent: JsonObject, name: string): string {
  const value = parent[name];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new MalformedError(`${name} is not a text`);
}
