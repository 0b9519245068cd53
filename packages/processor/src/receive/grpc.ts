import { type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { type Address, renderOrigin } from '../address.js';
import type { Listening } from '../server.js';
import { decodeProtobuf } from './decode.js';
import { type Door, toRequestError } from './http.js';
import { encodeExportResponse } from './reply.js';

/** The one method of OTLP's trace service; bodies stay bytes, our own decoder reads them. */
const EXPORT = {
  path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
} as const;

/** Serves OTLP over gRPC; rejects when the address cannot be had. The body limit is that of the HTTP door. */
export async function listenGrpc(address: Address, door: Door): Promise<Listening> {
  const server = new Server({
    'grpc.max_receive_message_length': door.limitBytes,
    'grpc.max_concurrent_streams': 1_000,
  });
  server.addService({ Export: EXPORT }, { Export: exportSpans(door) });
  const { host } = address;
  const target = `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { origin: renderOrigin({ host, port }), close: (withinMs) => closeServer(server, withinMs) };
}

const exportSpans =
  (door: Door): handleUnaryCall<Buffer, Buffer> =>
  ({ request }, reply) => {
    receive(door, request).then(
      (response) => reply(null, response),
      (error) => reply(refuse(door, error)),
    );
  };

async function receive(door: Door, request: Buffer): Promise<Buffer> {
  const batch = decodeProtobuf(request, door.processor.decodeOptions);
  await door.processor.ingest(batch, request.length);
  const message = [...new Set(batch.rejected)].join(', ');
  return encodeExportResponse({ rejected: batch.rejected.length, message });
}

function refuse(door: Door, error: unknown): { code: status; details: string } {
  const { httpStatus, reason, message } = toRequestError(error);
  door.processor.countRejected(reason, 1);
  if (httpStatus === 500) door.onError(error);
  return { code: STATUS_OF[httpStatus] ?? status.INTERNAL, details: message };
}

/** An exporter sends again what was UNAVAILABLE, as OTLP says. */
const STATUS_OF: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
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
