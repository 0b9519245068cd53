import { readFileSync } from 'node:fs';
import { isObject, type JsonObject, parseObject, readNumber, readObject, readString } from '../json.js';
import type { BytesReply, Delivery, Script } from './reply.js';

/** One recorded exchange, as far as a replay needs it. */
export interface Recording {
  readonly id: string;
  readonly provider: string;
  readonly endpoint: string;
  readonly isStream: boolean;
  readonly request: {
    readonly host: string;
    readonly path: string;
    readonly method: string;
    readonly body: unknown;
  };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body cut at its events (SSE, AWS event stream); one piece where it has none. */
  readonly chunks: readonly Uint8Array[];
  readonly model: string | undefined;
  readonly usageRaw: unknown;
  readonly expected: JsonObject | undefined;
}

/** Reads a recording file. @throws when the file is missing or not a recording. */
export function readRecording(file: string): Recording {
  const json = parseObject(readFileSync(file, 'utf8'));
  const response = readObject(json.response);
  const request = readObject(json.request);
  const text = readString(response.body);
  if (text === undefined) throw new Error(`${file} is not a recording: it has no response.body`);
  const encoding = response.bodyEncoding === 'base64' ? 'base64' : 'utf8';
  const headers = Object.fromEntries(
    Object.entries(readObject(response.headers)).map(([name, value]) => [name, String(value)]),
  );
  const expected = json.expected;
  return {
    id: readString(json.id) ?? file,
    provider: readString(json.provider) ?? '',
    endpoint: readString(json.endpoint) ?? '',
    isStream: json.stream === true,
    request: {
      host: readString(request.host) ?? '',
      path: readString(request.path) ?? '',
      method: readString(request.method) ?? 'POST',
      body: request.body,
    },
    status: readNumber(response.status) ?? 200,
    headers,
    chunks: splitBody(Buffer.from(text, encoding), headers['content-type'] ?? ''),
    model: readString(json.model),
    usageRaw: json.usageRaw,
    expected: isObject(expected) ? expected : undefined,
  };
}

/** A script that answers every request with the recording's bytes and headers. */
export function replay(recording: Recording | string, delivery?: Delivery): Script {
  const { status, headers, chunks, model, usageRaw } =
    typeof recording === 'string' ? readRecording(recording) : recording;
  const reply: BytesReply = {
    kind: 'bytes',
    status,
    headers,
    chunks,
    ...(isObject(usageRaw) ? { usage: usageRaw } : {}),
    ...(model === undefined ? {} : { model }),
    ...(delivery === undefined ? {} : { delivery }),
  };
  return () => reply;
}

function splitBody(body: Buffer, contentType: string): Uint8Array[] {
  if (contentType.includes('amazon.eventstream')) return splitEventStream(body);
  if (contentType.includes('text/event-stream'))
    return splitText(body, /[\s\S]*?(?:\r?\n\r?\n(?:\r?\n)*|$)/g);
  if (contentType.includes('ndjson')) return splitText(body, /[^\n]*(?:\n|$)/g);
  return [body];
}

/** Cuts SSE after each blank line, NDJSON after each line; together the pieces are the very bytes of the body. */
function splitText(body: Buffer, piece: RegExp): Uint8Array[] {
  const pieces = body.toString('latin1').match(piece) ?? [];
  return pieces.filter((text) => text !== '').map((text) => Buffer.from(text, 'latin1'));
}

/** Cuts an AWS event stream at its messages: the first four bytes of each are its length. */
function splitEventStream(body: Buffer): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  while (offset + 4 <= body.length) {
    const length = Math.max(16, body.readUInt32BE(offset));
    pieces.push(body.subarray(offset, offset + length));
    offset += length;
  }
  return pieces;
}
