import type { ServerResponse } from 'node:http';

/** The two encodings of OTLP over HTTP. */
export type Encoding = 'protobuf' | 'json';
const CONTENT_TYPE: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** The encoding that a content type asks for; undefined when it is neither. */
export function readEncoding(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

/** Codes of google.rpc.Status that HTTP statuses stand for. */
const RPC_CODE: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  413: 8,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};

/** An error as google.rpc.Status (1 code, 2 message), in the encoding of the request, as OTLP asks. */
export function replyError(
  response: ServerResponse,
  httpStatus: number,
  options: { message: string; encoding: Encoding },
): void {
  const { message, encoding } = options;
  const code = RPC_CODE[httpStatus] ?? 2;
  const body =
    encoding === 'json'
      ? Buffer.from(JSON.stringify({ code, message }))
      : Buffer.concat([encodeVarintField(1, code), encodeTextField(2, message)]);
  reply(response, httpStatus, { body, encoding });
}

/** `ExportTraceServiceResponse`, or that for logs: empty, or with 1 partial_success (1 rejected, 2 error_message). */
export function replyExport(
  response: ServerResponse,
  encoding: Encoding,
  partial: { rejected: number; message: string; signal: 'Spans' | 'LogRecords' },
): void {
  const { rejected, message, signal } = partial;
  if (encoding === 'json') {
    const value =
      rejected === 0
        ? {}
        : { partialSuccess: { [`rejected${signal}`]: `${rejected}`, errorMessage: message } };
    reply(response, 200, { body: Buffer.from(JSON.stringify(value)), encoding });
    return;
  }
  reply(response, 200, { body: encodeExportResponse(partial), encoding });
}

/** `ExportTraceServiceResponse` in protobuf. */
export function encodeExportResponse(partial: { rejected: number; message: string }): Buffer {
  const { rejected, message } = partial;
  if (rejected === 0) return Buffer.alloc(0);
  return encodeBytesField(1, Buffer.concat([encodeVarintField(1, rejected), encodeTextField(2, message)]));
}

/** Sends a body whole. */
export function reply(
  response: ServerResponse,
  httpStatus: number,
  options: { body: Buffer; encoding: Encoding },
): void {
  response.writeHead(httpStatus, {
    'content-type': CONTENT_TYPE[options.encoding],
    'content-length': options.body.length,
  });
  response.end(options.body);
}

const encodeVarintField = (field: number, value: number): Buffer =>
  Buffer.from([...encodeVarint(field * 8), ...encodeVarint(value)]);

const encodeTextField = (field: number, text: string): Buffer => encodeBytesField(field, Buffer.from(text));

const encodeBytesField = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...encodeVarint(field * 8 + 2), ...encodeVarint(bytes.length)]), bytes]);

function encodeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}
