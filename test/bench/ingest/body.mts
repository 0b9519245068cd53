/** Request bodies, encoded once and made new for each sending by writing a number over the ids. */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { type Batch, ID_MARK, type OtlpSpan } from './spans.mts';

export type Encoding = 'protobuf' | 'json';

/** The message tree of OTLP, as protobufjs compiles it. */
export const RequestType = protobuf
  .loadSync(fileURLToPath(new URL('otlp.proto', import.meta.url)))
  .lookupType('ExportTraceServiceRequest');

/** A body of one sender; it must not be in flight when it is renewed. */
export class Body {
  readonly bytes: Buffer;
  readonly spans: number;
  readonly calls: number;
  readonly #binary: readonly number[];
  readonly #text: readonly number[];

  constructor(batch: Batch, encoding: Encoding) {
    this.bytes = encoding === 'json' ? encodeJson(batch) : encodeProtobuf(batch);
    this.spans = batch.spans;
    this.calls = batch.calls;
    this.#binary = findAll(this.bytes, Buffer.from(ID_MARK, 'hex'));
    this.#text = findAll(this.bytes, Buffer.from(ID_MARK));
  }

  /** All ids become others; the same number again is the same spans again. */
  renew(number: number): void {
    for (const place of this.#binary) this.bytes.writeUInt32BE(number, place);
    const text = number.toString(16).padStart(8, '0');
    for (const place of this.#text) this.bytes.write(text, place, 'latin1');
  }
}

function findAll(bytes: Buffer, what: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(what); at !== -1; at = bytes.indexOf(what, at + what.length)) places.push(at);
  return places;
}

const encodeJson = (batch: Batch): Buffer =>
  Buffer.from(JSON.stringify(createRequest(batch, (span) => span)));

const encodeProtobuf = (batch: Batch): Buffer =>
  Buffer.from(RequestType.encode(RequestType.fromObject(createRequest(batch, withBytes))).finish());

const createRequest = ({ resource, scopes }: Batch, encodeSpan: (span: OtlpSpan) => object) => ({
  resourceSpans: [
    {
      resource: { attributes: resource },
      scopeSpans: scopes.map(({ name, spans }) => ({
        scope: { name, version: '1.0.0' },
        spans: spans.map(encodeSpan),
      })),
    },
  ],
});

const withBytes = ({ traceId, spanId, parentSpanId, ...span }: OtlpSpan): object => ({
  ...span,
  traceId: Buffer.from(traceId, 'hex'),
  spanId: Buffer.from(spanId, 'hex'),
  ...(parentSpanId === undefined ? {} : { parentSpanId: Buffer.from(parentSpanId, 'hex') }),
});
