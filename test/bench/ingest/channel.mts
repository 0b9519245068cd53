/** One way of sending to an OTLP door. */
import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Client, credentials } from '@grpc/grpc-js';

/** `gzip`: protobuf over HTTP that the sender compresses, as an exporter of a Collector does by default. */
export type Transport = 'protobuf' | 'json' | 'gzip' | 'grpc';
export type Protocol = 'http' | 'grpc';
export const protocolOf = (transport: Transport): Protocol => (transport === 'grpc' ? 'grpc' : 'http');

export interface Channel {
  /** Whether the body was taken, once that is known. */
  send(body: Buffer): Promise<boolean>;
  close(): void;
}

/** `origin`: `http://HOST:PORT`. */
export const openChannel = (transport: Transport, origin: string, connections: number): Channel =>
  transport === 'grpc' ? openGrpc(origin) : openHttp(transport, origin, connections);

const compress = promisify(gzip);

function openHttp(transport: Exclude<Transport, 'grpc'>, origin: string, connections: number): Channel {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers = {
    'content-type': transport === 'json' ? 'application/json' : 'application/x-protobuf',
    ...(transport === 'gzip' && { 'content-encoding': 'gzip' }),
  };
  const send = (body: Buffer): Promise<boolean> =>
    new Promise((resolve) => {
      const options = { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } };
      const sent = request(`${origin}/v1/traces`, options, (response) => {
        response.on('end', () => resolve(response.statusCode === 200));
        response.resume();
      });
      sent.on('error', () => resolve(false));
      sent.end(body);
    });
  return {
    send: transport === 'gzip' ? async (body) => send(await compress(body)) : send,
    close: () => agent.destroy(),
  };
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const asIs = (bytes: Buffer): Buffer => bytes;

function openGrpc(origin: string): Channel {
  const client = new Client(new URL(origin).host, credentials.createInsecure());
  const send = (body: Buffer): Promise<boolean> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(EXPORT, asIs, asIs, body, (error) => resolve(error === null));
    });
  return { send, close: () => client.close() };
}
