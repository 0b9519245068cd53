/** One way of sending to an OTLP door. */
import { Agent, request } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';

export type Transport = 'protobuf' | 'json' | 'grpc';

export interface Channel {
  /** Whether the body was taken, once that is known. */
  send(body: Buffer): Promise<boolean>;
  close(): void;
}

/** `origin`: `http://HOST:PORT`. */
export const openChannel = (transport: Transport, origin: string, connections: number): Channel =>
  transport === 'grpc' ? openGrpc(origin) : openHttp(transport, origin, connections);

function openHttp(transport: 'protobuf' | 'json', origin: string, connections: number): Channel {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const type = transport === 'json' ? 'application/json' : 'application/x-protobuf';
  const send = (body: Buffer): Promise<boolean> =>
    new Promise((resolve) => {
      const headers = { 'content-type': type, 'content-length': body.length };
      const sent = request(`${origin}/v1/traces`, { method: 'POST', agent, headers }, (response) => {
        response.on('end', () => resolve(response.statusCode === 200));
        response.resume();
      });
      sent.on('error', () => resolve(false));
      sent.end(body);
    });
  return { send, close: () => agent.destroy() };
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
