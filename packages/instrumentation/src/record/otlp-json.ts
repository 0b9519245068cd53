import { DOUBLE_ATTRIBUTES, INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { VERSION } from '../version.js';
import type { AttributeList } from './attribute-list.js';
import { JsonBytes } from './json-bytes.js';
import { type OwnSpan, type SpanEvent, toHrTime } from './own-span.js';

const SCOPE_TEXT = JSON.stringify({ name: INSTRUMENTATION_SCOPE, version: VERSION });
/** OTLP says that it is known whether the parent is remote, and whether it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
const STATUS_UNSET = 0;

const piece = (json: string): Uint8Array => Buffer.from(json);
const TAIL = piece(']}]}]}');
const COMMA = piece(',');
const CLOSE = piece('}');
const TRACE_ID = piece('{"traceId":');
const SPAN_ID = piece(',"spanId":');
const PARENT_SPAN_ID = piece(',"parentSpanId":');
const TRACE_STATE = piece(',"traceState":');
const NAME = piece(',"name":');
const KIND = piece(',"kind":');
const START = piece(',"startTimeUnixNano":"');
const END = piece('","endTimeUnixNano":"');
const ATTRIBUTES = piece('","attributes":[');
const CLOSE_LIST = piece(']');
const EVENTS = piece(',"events":[');
const EVENT_NAME = piece('{"name":');
const EVENT_TIME = piece(',"timeUnixNano":"');
const STATUS = piece(',"status":');
const NO_STATUS = piece(',"status":{"code":0}');
const FLAGS = piece(',"flags":');
/** The beginnings of OTLP's any values. */
const TEXT = '{"stringValue":';
const INT = '{"intValue":';
const DOUBLE = '{"doubleValue":';
const LIST = '{"arrayValue":{"values":[';
const END_OF_ATTRIBUTE = piece('}},');
const END_OF_LIST = piece('}]}}},');

/**
 * OTLP/JSON of finished spans, encoded one by one as they come: what a span was made of can be collected at once,
 * where a queue of spans would live long enough to be moved around in memory. Written by ourselves, since
 * OpenTelemetry's serializer takes the type of a number from its value: a temperature of 1 would arrive as an int
 * where the conventions say double.
 */
export class SpanBatch {
  readonly #json = new JsonBytes();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#json.length;
  }

  /** @throws what a value of somebody else's throws; the batch then stands as before. */
  add(span: OwnSpan): void {
    const before = this.#json.length;
    try {
      if (this.#count > 0) this.#json.addBytes(COMMA);
      addSpan(this.#json, span);
      this.#count += 1;
    } catch (error) {
      this.#json.truncate(before);
      throw error;
    }
  }

  /** The whole request with these spans in it; the batch is empty again. */
  take(resource: Readonly<Record<string, unknown>>): Uint8Array {
    const body = Buffer.concat([renderHead(resource), this.#json.view(), TAIL]);
    this.#json.truncate(0);
    this.#count = 0;
    return body;
  }
}

function renderHead(resource: Readonly<Record<string, unknown>>): Uint8Array {
  const json = new JsonBytes();
  json.addRaw('{"resourceSpans":[{"resource":{"attributes":[');
  const start = json.length;
  for (const name in resource) addAttribute(json, name, resource[name]);
  dropComma(json, start);
  json.addRaw(`]},"scopeSpans":[{"scope":${SCOPE_TEXT},"spans":[`);
  return json.view();
}

function addSpan(json: JsonBytes, span: OwnSpan): void {
  const { context, parent, events, status } = span;
  const { traceId, spanId, traceFlags, traceState } = context;
  json.addBytes(TRACE_ID);
  json.addText(traceId);
  json.addBytes(SPAN_ID);
  json.addText(spanId);
  if (parent !== undefined) {
    json.addBytes(PARENT_SPAN_ID);
    json.addText(parent.spanId);
  }
  if (traceState !== undefined) {
    json.addBytes(TRACE_STATE);
    json.addText(traceState.serialize());
  }
  json.addBytes(NAME);
  json.addText(span.name);
  json.addBytes(KIND);
  json.addNumber(span.kind + 1);
  json.addBytes(START);
  addTime(json, span.startMs);
  json.addBytes(END);
  addTime(json, span.endMs ?? span.startMs);
  json.addBytes(ATTRIBUTES);
  addAttributes(json, span.attributes);
  json.addBytes(CLOSE_LIST);
  if (events !== undefined) addEvents(json, events);
  if (status.code === STATUS_UNSET) json.addBytes(NO_STATUS);
  else {
    json.addBytes(STATUS);
    json.addRaw(JSON.stringify(status));
  }
  json.addBytes(FLAGS);
  json.addNumber((traceFlags & 0xff) | HAS_IS_REMOTE | (parent?.isRemote === true ? IS_REMOTE : 0));
  json.addBytes(CLOSE);
}

function addEvents(json: JsonBytes, events: readonly SpanEvent[]): void {
  json.addBytes(EVENTS);
  events.forEach(({ name, timeMs, attributes }, index) => {
    if (index > 0) json.addBytes(COMMA);
    json.addBytes(EVENT_NAME);
    json.addText(name);
    json.addBytes(EVENT_TIME);
    addTime(json, timeMs);
    json.addBytes(ATTRIBUTES);
    addAttributes(json, attributes);
    json.addBytes(CLOSE_LIST);
    json.addBytes(CLOSE);
  });
  json.addBytes(CLOSE_LIST);
}

function addAttributes(json: JsonBytes, attributes: AttributeList): void {
  const start = json.length;
  attributes.forEach((name, value) => {
    addAttribute(json, name, value);
  });
  dropComma(json, start);
}

/** Each attribute brings its comma with it; the last one's is taken back. */
function dropComma(json: JsonBytes, start: number): void {
  if (json.length > start) json.truncate(json.length - COMMA.length);
}

/** How a text, or a list with one text in it, is written; whole attributes by their text, which is one of a few. */
interface TextForm {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly known: Map<string, Uint8Array>;
}

/** How the attributes of one name are written. Spans have few names, and always the same. */
interface Encoding {
  /** `{"key":…,"value":`, and the same with the beginning of a number. */
  readonly head: Uint8Array;
  readonly intHead: Uint8Array;
  readonly doubleHead: Uint8Array;
  readonly isDouble: boolean;
  readonly text: TextForm;
  readonly list: TextForm;
}

const encodings = new Map<string, Encoding>();
const MAX_ENCODINGS = 1_000;
/** A name with more texts than these is an id: what comes beyond them is not remembered. */
const MAX_KNOWN_TEXTS = 16;
const MAX_KNOWN_CHARS = 64;

function findEncoding(name: string): Encoding {
  let encoding = encodings.get(name);
  if (encoding === undefined) {
    const head = `{"key":${JSON.stringify(name)},"value":`;
    encoding = {
      head: piece(head),
      intHead: piece(head + INT),
      doubleHead: piece(head + DOUBLE),
      isDouble: DOUBLE_ATTRIBUTES.has(name),
      text: { head: piece(head + TEXT), tail: END_OF_ATTRIBUTE, known: new Map() },
      list: { head: piece(head + LIST + TEXT), tail: END_OF_LIST, known: new Map() },
    };
    if (encodings.size < MAX_ENCODINGS) encodings.set(name, encoding);
  }
  return encoding;
}

/** Writes an attribute and a comma; nothing for what attributes cannot hold, and for numbers that JSON cannot. */
function addAttribute(json: JsonBytes, name: string, value: unknown): void {
  const encoding = findEncoding(name);
  if (typeof value === 'string') addTextAttribute(json, value, encoding.text);
  else if (typeof value === 'number') {
    if (!Number.isFinite(value)) return;
    const isDouble = encoding.isDouble || !Number.isSafeInteger(value);
    json.addBytes(isDouble ? encoding.doubleHead : encoding.intHead);
    json.addNumber(value);
    json.addBytes(END_OF_ATTRIBUTE);
  } else if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string') {
    addTextAttribute(json, value[0], encoding.list);
  } else if (typeof value === 'boolean' || Array.isArray(value)) {
    json.addBytes(encoding.head);
    json.addRaw(`${renderValue(value, encoding.isDouble)}},`);
  }
}

function addTextAttribute(json: JsonBytes, text: string, { head, tail, known }: TextForm): void {
  const remembered = known.get(text);
  if (remembered !== undefined) {
    json.addBytes(remembered);
    return;
  }
  const start = json.length;
  json.addBytes(head);
  json.addText(text);
  json.addBytes(tail);
  if (text.length <= MAX_KNOWN_CHARS && known.size < MAX_KNOWN_TEXTS)
    known.set(text, new Uint8Array(json.view(start)));
}

/** OTLP's any value; `undefined` where there is none for it. */
function renderValue(value: unknown, isDouble: boolean): string | undefined {
  if (typeof value === 'string') return `${TEXT}${JSON.stringify(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  if (typeof value === 'number' && Number.isFinite(value))
    return `${isDouble || !Number.isSafeInteger(value) ? DOUBLE : INT}${value}}`;
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item) => renderValue(item, isDouble)).filter((item) => item !== undefined);
  return `${LIST}${items.join(',')}]}}`;
}

const NANOS_DIGITS = 9;

/** Nanoseconds since the epoch, as decimal digits: a double would round them. */
function addTime(json: JsonBytes, ms: number): void {
  const [seconds, nanos] = toHrTime(ms);
  json.addNumber(seconds);
  json.addDigits(nanos, NANOS_DIGITS);
}
