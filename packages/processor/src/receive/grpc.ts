import { type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Tls } from '../access/access.js';
import type { Visitor } from '../access/gate.js';
import { type Address, renderOrigin } from '../address.js';
import type { Listening } from '../server.js';
import { decodeLogsProtobuf, decodeProtobuf } from './decode.js';
import { type Door, noteRefusal } from './http.js';
import { encodeExportResponse } from './reply.js';

/** Requests of one connection that are under way at a time. */
const MAX_STREAMS = 100;

/** The one method that each service of OTLP has; bodies stay bytes, our own decoder reads them. */
const createMethod = (service: string) => ({
  path: `/opentelemetry.proto.collector.${service}/Export`,
  requestStream: false as const,
  responseStream: false as const,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
});

/** Serves OTLP over gRPC; rejects when the address cannot be had. The body limit is that of the HTTP door. */
export async function listenGrpc(address: Address, door: Door, tls?: Tls): Promise<Listening> {
  const server = new Server({
    'grpc.max_receive_message_length': door.limitBytes,
    'grpc.max_concurrent_streams': MAX_STREAMS,
  });
  server.addService({ Export: createMethod('trace.v1.TraceService') }, { Export: serve(door, ingestSpans) });
  server.addService({ Export: createMethod('logs.v1.LogsService') }, { Export: serve(door, ingestLogs) });
  const { host } = address;
  const target = `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(target, createCredentials(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const origin = renderOrigin({ host, port }, tls !== undefined);
  return { origin, address: { host, port }, close: (withinMs) => closeServer(server, withinMs) };
}

/** With an authority of clients only those get in that have its certificate. */
function createCredentials(tls: Tls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: tls.cert, private_key: tls.key };
  return ServerCredentials.createSsl(tls.ca ?? null, [pair], tls.ca !== undefined);
}

/** Takes what a request holds; resolves to the answer. */
type Ingest = (door: Door, request: Buffer) => Promise<Buffer>;

const serve =
  (door: Door, ingest: Ingest): handleUnaryCall<Buffer, Buffer> =>
  (call, reply) => {
    const [authorization] = call.metadata.get('authorization');
    const visitor = { authorization: authorization?.toString(), address: readHost(call.getPeer()) };
    receive(door, { visitor, request: call.request }, ingest).then(
      (response) => reply(null, response),
      (error) => reply(refuse(door, error)),
    );
  };

/** The other side without its port, which is another one for each connection. */
const readHost = (peer: string): string => peer.replace(/:\d+$/, '');

async function receive(
  door: Door,
  { visitor, request }: { visitor: Visitor; request: Buffer },
  ingest: Ingest,
): Promise<Buffer> {
  door.gate.admit(visitor, 'ingest');
  door.budget.take(request.length);
  try {
    return await ingest(door, request);
  } finally {
    door.budget.give(request.length);
  }
}

const ingestSpans: Ingest = async (door, request) => {
  const batch = decodeProtobuf(request, door.processor.decodeOptions);
  await door.processor.ingest(batch, request.length);
  const message = [...new Set(batch.rejected)].join(', ');
  return encodeExportResponse({ rejected: batch.rejected.length, message });
};

const ingestLogs: Ingest = async (door, request) => {
  const logs = decodeLogsProtobuf(request, door.processor.decodeOptions);
  const rejected = await door.processor.ingestLogs(logs, request.length);
  return encodeExportResponse({ rejected, message: rejected === 0 ? '' : 'evaluation_without_task' });
};

function refuse(door: Door, error: unknown): { code: status; details: string } {
  const { httpStatus, message } = noteRefusal(door, error);
  return { code: STATUS_OF[httpStatus] ?? status.INTERNAL, details: message };
}

/** An exporter sends again what was UNAVAILABLE, as OTLP says. */
const STATUS_OF: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  429: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
};

function closeServer(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.forceShutdown(), withinMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
