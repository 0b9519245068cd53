/** Writes trace requests from OTLP's JSON form in protobuf; fields in an order that no library would choose. */
import type { AnyValue, KeyValue, OtlpRequest, OtlpSpan } from './otlp-grammar.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
const tag = (field: number, wireType: number): Buffer => varint(BigInt(field * 8 + wireType));

/** A field of bytes: text, or a message inside. */
export const bytes = (field: number, content: Buffer | string): Buffer => {
  const body = Buffer.from(content);
  return Buffer.concat([tag(field, BYTES), varint(BigInt(body.length)), body]);
};
const integer = (field: number, value: bigint): Buffer => Buffer.concat([tag(field, VARINT), varint(value)]);
const fixed64 = (field: number, write: (body: Buffer) => void): Buffer => {
  const body = Buffer.alloc(8);
  write(body);
  return Buffer.concat([tag(field, FIXED64), body]);
};
const nanos = (field: number, text: string): Buffer =>
  fixed64(field, (body) => body.writeBigUInt64LE(BigInt(text)));
const list = <T>(field: number, items: readonly T[] | undefined, encode: (item: T) => Buffer): Buffer =>
  Buffer.concat((items ?? []).map((item) => bytes(field, encode(item))));
const optional = <T>(value: T | undefined, encode: (value: T) => Buffer): Buffer =>
  value === undefined ? Buffer.alloc(0) : encode(value);

function encodeValue(value: AnyValue): Buffer {
  return Buffer.concat([
    optional(value.stringValue, (text) => bytes(1, text)),
    optional(value.boolValue, (is) => integer(2, is ? 1n : 0n)),
    optional(value.intValue, (text) => integer(3, BigInt(text))),
    optional(value.doubleValue, (number) => fixed64(4, (body) => body.writeDoubleLE(Number(number)))),
    optional(value.arrayValue, ({ values }) => bytes(5, list(1, values, encodeValue))),
    optional(value.kvlistValue, ({ values }) => bytes(6, list(1, values, encodeAttribute))),
    optional(value.bytesValue, (text) => bytes(7, Buffer.from(text, 'base64'))),
  ]);
}

/** The key before its value as everybody has it, and of every other key behind it. */
function encodeAttribute({ key, value }: KeyValue): Buffer {
  const fields = [bytes(1, key), optional(value, (some) => bytes(2, encodeValue(some)))];
  return Buffer.concat(key.length % 2 === 0 ? fields : fields.reverse());
}

const encodeSpan = (span: OtlpSpan): Buffer =>
  Buffer.concat([
    list(9, span.attributes, encodeAttribute),
    optional(span.status, ({ code, message }) =>
      bytes(15, Buffer.concat([integer(3, BigInt(code)), bytes(2, message)])),
    ),
    list(11, span.events, ({ name, attributes }) =>
      Buffer.concat([list(3, attributes, encodeAttribute), bytes(2, name)]),
    ),
    list(13, span.links, ({ attributes }) => list(4, attributes, encodeAttribute)),
    optional(span.endTimeUnixNano, (text) => nanos(8, text)),
    optional(span.startTimeUnixNano, (text) => nanos(7, text)),
    optional(span.kind, (kind) => integer(6, BigInt(kind))),
    optional(span.name, (name) => bytes(5, name)),
    optional(span.parentSpanId, (id) => bytes(4, Buffer.from(id, 'hex'))),
    optional(span.traceState, (text) => bytes(3, text)),
    // A field of the future.
    integer(4_000, 7n),
    bytes(2, Buffer.from(span.spanId, 'hex')),
    bytes(1, Buffer.from(span.traceId, 'hex')),
  ]);

/** Spans before their scope, and both before their resource. */
export const encodeRequest = (request: OtlpRequest): Buffer =>
  list(1, request.resourceSpans, ({ resource, scopeSpans }) =>
    Buffer.concat([
      list(2, scopeSpans, ({ scope, spans }) =>
        Buffer.concat([
          list(2, spans, encodeSpan),
          optional(scope, ({ name }) => bytes(1, Buffer.concat([bytes(2, '1.0'), bytes(1, name)]))),
        ]),
      ),
      optional(resource, ({ attributes }) => bytes(1, list(1, attributes, encodeAttribute))),
    ]),
  );
