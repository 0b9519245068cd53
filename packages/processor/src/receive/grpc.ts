import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Tls } from '../access/access.js';
import { type Address, renderOrigin } from '../address.js';
import {
  bind,
  cutWithin,
  handshake,
  KEEP_ALIVE_TIMEOUT_MS,
  type Listening,
  type ListenOptions,
  limitConnections,
  secureOptions,
} from '../server.js';
import { type BodySource, timedOut, useBody, usePacked } from './body.js';
import { decodeLogsProtobuf } from './decode.js';
import { isCompression } from './decompress.js';
import { type Door, noteRefusal } from './http.js';
import { encodeExportResponse } from './reply.js';
import { RequestError } from './request-error.js';
import { describeRejections } from './spans.js';

/** Requests of one connection that are under way at a time. */
const MAX_STREAMS = 100;
/** A connection of which nothing has come for so long that it was ended is cut so much later. */
const FAREWELL_MS = 30_000;
/** And one with nothing under way: who does not answer shall not hold it from who comes. */
const IDLE_FAREWELL_MS = 1_000;
/**
 * Bytes that a client may send of one request, and of one connection, before it hears that they were read: as many as come
 * while a batch is counted, or the connection stands still each time. What has come counts in `limits.inflight_bytes`.
 */
const WINDOW_BYTES = 16 * 1024 * 1024;
/**
 * Bytes that a client may send as one frame: each frame is an event here, and in the 16 KB that they have where nobody says, a
 * body of 500 spans is forty. Python, C++, Java and Rust make use of it; Go and Node send 16 KB whatever they may.
 */
const MAX_FRAME_BYTES = 1024 * 1024;
/** Before each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const ACCEPTED = { 'grpc-accept-encoding': 'identity,gzip,deflate,zstd' };
const GRPC = 'application/grpc';

/** What of gRPC's status codes is an answer here. An exporter sends again what was UNAVAILABLE, as OTLP says. */
const CODE = { OK: 0, INTERNAL: 13 };
const CODE_OF: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 12, // UNIMPLEMENTED
  413: 8, // RESOURCE_EXHAUSTED
  415: 12,
  429: 14, // UNAVAILABLE
  503: 14,
};

/** Takes what a request holds; resolves to the answer. */
type Ingest = (door: Door, request: BodySource) => Promise<Buffer>;

/** The one method that each service of OTLP has. */
const METHODS: Readonly<Record<string, Ingest>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': async (door, request) => {
    const rejected = await usePacked(request, door, (body) => door.processor.ingestBody(body, 'protobuf'));
    return encodeExportResponse({ rejected: rejected.length, message: describeRejections(rejected) });
  },
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': async (door, request) => {
    const rejected = await useBody(request, door, (body) =>
      door.processor.ingestLogs(decodeLogsProtobuf(body, door.processor.decodeOptions), body.length),
    );
    return encodeExportResponse({ rejected, message: rejected === 0 ? '' : 'evaluation_without_task' });
  },
};

/**
 * Serves OTLP over gRPC; rejects when the address cannot be had. It is a POST over HTTP/2 with a prefix and trailers, so
 * it is read by the same code and held to the same limits as a request over HTTP, the token before the body.
 */
export async function listenGrpc(
  address: Address,
  door: Door,
  { requestTimeoutMs, tls, onCut }: ListenOptions,
): Promise<Listening> {
  let timeoutMs = requestTimeoutMs;
  const settings = {
    maxConcurrentStreams: MAX_STREAMS,
    initialWindowSize: WINDOW_BYTES,
    maxFrameSize: MAX_FRAME_BYTES,
  };
  const server =
    tls === undefined
      ? createServer({ settings })
      : createSecureServer({ settings, ...secureOptions(tls), ...handshake(requestTimeoutMs) });
  /** Oldest first, and how to end each. */
  const sessions = new Map<ServerHttp2Session, () => void>();
  const makeRoom = () => endOldest(sessions);
  const connections = limitConnections(server, { makeRoom, onCut });
  let opening: Socket | undefined;
  // A session hides its socket; it is made in the same turn.
  server.prependListener(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    opening = socket;
  });
  server.on('session', (session) => {
    const socket = opening;
    const end = () => endSession(session, socket);
    sessions.set(session, end);
    session.on('close', () => sessions.delete(session));
    // Whatever a client does to its connection ends that one.
    session.on('error', () => {});
    session.setLocalWindowSize(WINDOW_BYTES);
    session.setTimeout(KEEP_ALIVE_TIMEOUT_MS, end);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    serve(door, { stream, headers, timeoutMs }).catch(door.onError);
  });
  const bound = await bind(server, address);
  return {
    origin: renderOrigin(bound, tls !== undefined),
    ...('setSecureContext' in server
      ? { changeTls: (next: Tls) => server.setSecureContext(secureOptions(next)) }
      : {}),
    changeTimeout: (ms) => {
      timeoutMs = ms;
    },
    close: (withinMs) => closeServer(server, { sessions, connections, withinMs }),
  };
}

/** What is under way is answered; the client is told to connect anew. */
function endSession(session: ServerHttp2Session, socket: Socket | undefined): void {
  session.close();
  // It has said that it ends, and waits for the other side to say so, too.
  const cuts = [
    setTimeout(() => session.destroyed && socket?.destroy(), IDLE_FAREWELL_MS),
    setTimeout(() => socket?.destroy(), FAREWELL_MS),
  ];
  for (const cut of cuts) cut.unref();
  session.on('close', () => cuts.forEach(clearTimeout));
}

function endOldest(sessions: ReadonlyMap<ServerHttp2Session, () => void>): void {
  for (const [session, end] of sessions) {
    if (session.closed) continue;
    end();
    return;
  }
}

interface Call {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly timeoutMs: number;
}

async function serve(door: Door, { stream, headers, timeoutMs }: Call): Promise<void> {
  // Slow clients do not hold streams.
  const cut = setTimeout(() => stream.destroy(timedOut()), timeoutMs);
  stream.on('end', () => clearTimeout(cut));
  stream.on('close', () => clearTimeout(cut));
  try {
    const method = readMethod(headers);
    const { authorization } = headers;
    const address = stream.session?.socket.remoteAddress ?? '';
    door.gate.admit({ authorization, address }, 'ingest');
    reply(stream, await method(door, readMessage(stream, headers)));
  } catch (error) {
    const { httpStatus, message } = noteRefusal(door, error);
    refuse(stream, CODE_OF[httpStatus] ?? CODE.INTERNAL, message);
  }
}

function readMethod(headers: IncomingHttpHeaders): Ingest {
  const path = headers[':path'] ?? '';
  if (!headers['content-type']?.startsWith(GRPC))
    throw new RequestError(415, 'unsupported_type', { message: `Content-Type must be ${GRPC}` });
  const method = Object.hasOwn(METHODS, path) ? METHODS[path] : undefined;
  if (method !== undefined) return method;
  throw new RequestError(404, 'unknown_path', {
    message: `there is ${Object.keys(METHODS).join(' and ')} here`,
  });
}

/** As the prefix says, where that has come in one piece. */
const readExpected = (first: Buffer): number =>
  first.length < PREFIX_BYTES ? 0 : first.readUInt32BE(1) + PREFIX_BYTES;

/** The one message of a request. */
function readMessage(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): BodySource {
  const encoding = String(headers['grpc-encoding'] ?? 'identity').toLowerCase();
  if (!isCompression(encoding))
    throw new RequestError(415, 'unsupported_encoding', {
      message: 'grpc-encoding must be gzip, deflate, zstd or identity',
    });
  const open = (raw: Buffer) => {
    if (raw.length < PREFIX_BYTES || raw.readUInt32BE(1) !== raw.length - PREFIX_BYTES)
      throw new RequestError(400, 'malformed', { message: 'the request is not one whole message' });
    return {
      bytes: raw.subarray(PREFIX_BYTES),
      compression: raw[0] === 0 ? ('identity' as const) : encoding,
    };
  };
  return { stream, frameBytes: PREFIX_BYTES, readExpected, isGone: () => stream.destroyed, open };
}

function reply(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ':status': 200, 'content-type': GRPC, ...ACCEPTED }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': CODE.OK }));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}

/** An answer of trailers alone. What is still on its way is not read. */
function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  const trailers = { 'grpc-status': code, 'grpc-message': encodeURIComponent(message) };
  stream.respond({ ':status': 200, 'content-type': GRPC, ...ACCEPTED, ...trailers }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

interface Closing {
  readonly sessions: ReadonlyMap<ServerHttp2Session, () => void>;
  readonly connections: ReadonlySet<Socket>;
  readonly withinMs: number;
}

/** No new requests; those under way finish within the time. */
function closeServer(
  server: Http2Server | Http2SecureServer,
  { sessions, connections, withinMs }: Closing,
): Promise<void> {
  return new Promise((resolve) => {
    const cut = cutWithin(withinMs, connections);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    for (const session of sessions.keys()) session.close();
  });
}
