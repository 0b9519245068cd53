/** More senders than a door has connections; each keeps its own open between its requests. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { DEFAULT_CONFIG } from '@costspan/config';
import { PATIENCE_MS } from '@costspan/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/index.ts';
import { MAX_CONNECTIONS } from '../src/server.ts';
import { readMetricsText } from './spans.ts';

const ANY = { host: '127.0.0.1', port: 0 };
const SENDERS = MAX_CONNECTIONS + 200;
const AT_A_TIME = 50;
const EMPTY_MESSAGE = Buffer.alloc(5);
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
let running: RunningProcessor;
let ends: (() => void)[];

beforeEach(async () => {
  ends = [];
  const doors = { otlpHttp: ANY, otlpGrpc: ANY, metrics: ANY };
  const limits = { ...DEFAULT_CONFIG.limits, requestTimeoutMs: PATIENCE_MS };
  running = await startProcessor({ config: { ...DEFAULT_CONFIG, limits }, ...doors, onError: () => {} });
});
afterEach(async () => {
  for (const end of ends) end();
  await running.close();
});

/** One after the other would take long, all at once is more than a system lets wait. */
async function ask(senders: number, send: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let sent = 0; sent < senders; sent += AT_A_TIME)
    answers.push(...(await Promise.all(Array.from({ length: AT_A_TIME }, send))));
  return answers;
}

async function connectTo(origin: string, { allowHalfOpen = false } = {}): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(origin).port), allowHalfOpen });
  socket.on('error', () => {});
  ends.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** The first line of the answer, `gone` without one; the connection stays open. */
async function sendHttp(origin: string, request: string): Promise<string> {
  const socket = await connectTo(origin);
  socket.write(`${request} HTTP/1.1\r\nhost: h\r\n\r\n`);
  const answer = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  return Buffer.isBuffer(answer[0]) ? answer[0].toString().split('\r\n', 1)[0]! : 'gone';
}

async function sendGrpc(): Promise<string> {
  const session = connectHttp2(running.otlpGrpc);
  session.on('error', () => {});
  ends.push(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': TRACES,
    'content-type': 'application/grpc',
  });
  stream.on('error', () => {});
  let status = 'gone';
  stream.on('trailers', (trailers) => {
    status = String(trailers['grpc-status']);
  });
  stream.resume().end(EMPTY_MESSAGE);
  await once(stream, 'close');
  return status;
}

async function readTooMany(): Promise<number> {
  const text = await readMetricsText(running.processor);
  return Number(
    /^costspan_processor_rejected_total\{reason="too_many_connections"\} (\d+)$/m.exec(text)?.[1],
  );
}

it.each([
  ['OTLP over HTTP', () => sendHttp(running.otlpHttp, 'GET /v1/traces'), 'HTTP/1.1 405 Method Not Allowed'],
  ['the metrics', () => sendHttp(running.metrics, 'GET /healthz'), 'HTTP/1.1 200 OK'],
  ['OTLP over gRPC', sendGrpc, '0'],
])('the door of %s answers each of them', async (_, send, expected) => {
  const answers = await ask(SENDERS, send);
  expect(new Set(answers)).toEqual(new Set([expected]));
  expect(await readTooMany()).toBe(0);
});

it('where each has a request under way, those who come then are refused, and counted', async () => {
  await ask(MAX_CONNECTIONS, async () => {
    const socket = await connectTo(running.otlpHttp);
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n',
    );
    return '';
  });
  await expect.poll(() => sendHttp(running.otlpHttp, 'GET /v1/traces')).toBe('gone');
  expect(await readTooMany()).toBeGreaterThan(0);
});

/** Shorter than a connection with a request under way is waited for. */
const SOON_MS = 15_000;
it('connections over gRPC that are open and dead make room as well', async () => {
  const hello = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ]);
  await ask(SENDERS, async () => {
    (await connectTo(running.otlpGrpc, { allowHalfOpen: true })).write(hello);
    return '';
  });
  await expect.poll(sendGrpc, { timeout: SOON_MS }).toBe('0');
});
