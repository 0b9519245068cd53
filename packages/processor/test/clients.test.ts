/** Clients as they should not be, and doors that close while somebody is in them. */
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { DEFAULT_CONFIG } from '@costspan/config';
import { PATIENCE_MS } from '@costspan/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/index.ts';
import { listen } from '../src/server.ts';
import { createRandom, encodeProtobuf, readMetricsText, recordSpans } from './spans.ts';

const ANY = { host: '127.0.0.1', port: 0 };
const LIMIT_BYTES = 100_000;
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const TOKEN = 'ingest-'.padEnd(32, 'x');
let running: RunningProcessor;
let failures: unknown[];

/** Who is slow only because this machine is has nothing to fear. */
beforeEach(async () => {
  failures = [];
  running = await start(PATIENCE_MS);
});
function start(requestTimeoutMs: number): Promise<RunningProcessor> {
  const limits = { ...DEFAULT_CONFIG.limits, bodyBytes: LIMIT_BYTES, requestTimeoutMs };
  return startProcessor({
    config: { ...DEFAULT_CONFIG, limits },
    otlpHttp: ANY,
    otlpGrpc: ANY,
    metrics: ANY,
    onError: (error) => failures.push(error),
  });
}
afterEach(async () => {
  await running.close();
  expect(failures).toEqual([]);
});

async function readRejected(): Promise<Record<string, number>> {
  const text = await readMetricsText(running.processor);
  const found = text.matchAll(/^costspan_processor_rejected_total\{reason="(\w+)"\} ([1-9]\d*)$/gm);
  return Object.fromEntries([...found].map(([, reason, count]) => [reason, Number(count)]));
}

const DROP_EVERY_MS = 100;
/** A connection that sends a text, then byte after byte; resolves to all that it is told until it is cut, and to the bytes. */
function trickle(origin: string, text: string | Buffer): Promise<{ told: string; drops: number }> {
  const socket: Socket = connect({ host: '127.0.0.1', port: Number(new URL(origin).port) });
  socket.write(text);
  let drops = 0;
  const dripping = setInterval(() => {
    socket.write('x');
    drops += 1;
  }, DROP_EVERY_MS);
  let told = '';
  socket.on('data', (chunk) => {
    told += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.on('close', () => {
      clearInterval(dripping);
      resolve({ told, drops });
    });
  });
}

describe('a slow client', () => {
  it('that takes nothing of an answer is cut off', async () => {
    const ends: boolean[] = [];
    const serving = await listen(
      ANY,
      (_, response) => {
        response.on('close', () => ends.push(response.writableFinished));
        // More than two sockets hold between them.
        response.end(Buffer.alloc(64_000_000));
      },
      { requestTimeoutMs: 200, onCut: () => {} },
    );
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(serving.origin).port) });
    socket.pause();
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await expect.poll(() => ends, { timeout: PATIENCE_MS }).toEqual([false]);
    socket.destroy();
    await serving.close(0);
  });

  beforeEach(async () => {
    await running.close();
    running = await start(1_000);
  });

  it.each([
    ['of headers', 'POST /v1/traces HTTP/1.1\r\nhost: h\r\nx-slow: ', { timed_out: 1 }],
    [
      'of a body',
      'POST /v1/traces HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 90000\r\n\r\n',
      { timed_out: 1, cut_off: 1 },
    ],
  ])('%s over HTTP is cut off in time, and counted', async (_, text, rejected) => {
    const { told, drops } = await trickle(running.otlpHttp, text);
    expect(told).toMatch(/^HTTP\/1\.1 408 |^$/);
    // Counted in the client's own steps: it is as slow as the server is.
    expect(drops).toBeLessThan(10_000 / DROP_EVERY_MS);
    expect(await readRejected()).toEqual(rejected);
  });

  it('over gRPC is cut off in time, and counted', async () => {
    const { stream, ended, session } = openCall();
    stream.write(Buffer.from([0, 0, 0, 0, 200]));
    const dripping = setInterval(() => stream.write('x'), DROP_EVERY_MS);
    const { reset } = await ended;
    clearInterval(dripping);
    session.close();
    expect(reset).not.toBe(constants.NGHTTP2_NO_ERROR);
    expect(await readRejected()).toEqual({ timed_out: 1 });
  });
});

it('what is no HTTP is answered, counted, and ends its connection alone', async () => {
  expect((await trickle(running.otlpHttp, 'hello world\r\n\r\n')).told).toMatch(/^HTTP\/1\.1 400 /);
  await trickle(running.otlpGrpc, 'GET / HTTP/1.1\r\n\r\n');
  const random = createRandom(1);
  const noise = () => Buffer.from(Array.from({ length: 500 }, () => random() * 256));
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  for (let count = 0; count < 20; count += 1)
    await trickle(running.otlpGrpc, count % 2 === 0 ? noise() : Buffer.concat([preface, noise()]));
  expect((await readRejected()).malformed).toBe(1);
  expect(await call(message(encodeProtobuf(recordSpans())))).toMatchObject({ status: '0' });
});

interface Answer {
  /** `grpc-status`. */
  readonly status: string | undefined;
  readonly message: string;
  readonly body: Buffer;
  readonly reset: number;
}

function openCall(headers: Record<string, string> = {}) {
  const session = connectHttp2(running.otlpGrpc);
  session.on('error', () => {});
  const stream = session.request({
    ':method': 'POST',
    ':path': TRACES,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  let told: Record<string, unknown> = {};
  const chunks: Buffer[] = [];
  stream.on('response', (answer) => {
    told = { ...told, ...answer };
  });
  stream.on('trailers', (trailers) => {
    told = { ...told, ...trailers };
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<Answer>((resolve) => {
    stream.on('close', () => {
      const status = told['grpc-status'] as string | undefined;
      const text = decodeURIComponent(String(told['grpc-message'] ?? ''));
      resolve({ status, message: text, body: Buffer.concat(chunks), reset: stream.rstCode });
    });
  });
  return { session, stream, ended };
}

async function call(body: Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const { session, stream, ended } = openCall(headers);
  stream.end(body);
  const answer = await ended;
  session.close();
  return answer;
}

function message(body: Buffer, isCompressed = false): Buffer {
  const prefix = Buffer.from([isCompressed ? 1 : 0, 0, 0, 0, 0]);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

describe('gRPC', () => {
  it.each([
    ['too large a message', () => message(Buffer.alloc(LIMIT_BYTES + 1)), {}, '8', 'too_large'],
    [
      'a small message that grows too large',
      () => message(gzipSync(Buffer.alloc(50 * LIMIT_BYTES)), true),
      { 'grpc-encoding': 'gzip' },
      '8',
      'too_large',
    ],
    ['a prefix that lies', () => Buffer.from([0, 0, 0, 0, 9, 1]), {}, '3', 'malformed'],
    [
      'two messages',
      () => Buffer.concat([message(Buffer.alloc(0)), message(Buffer.alloc(0))]),
      {},
      '3',
      'malformed',
    ],
    ['no message', () => Buffer.alloc(0), {}, '3', 'malformed'],
    [
      'what says gzip and is not',
      () => message(Buffer.from('x'), true),
      { 'grpc-encoding': 'gzip' },
      '3',
      'malformed',
    ],
    [
      'another encoding',
      () => message(Buffer.alloc(0)),
      { 'grpc-encoding': 'snappy' },
      '12',
      'unsupported_encoding',
    ],
    [
      'another service',
      () => message(Buffer.alloc(0)),
      { ':path': '/grpc.health.v1.Health/Check' },
      '12',
      'unknown_path',
    ],
    [
      'what is no gRPC',
      () => Buffer.from('{}'),
      { 'content-type': 'application/json' },
      '12',
      'unsupported_type',
    ],
  ] as const)('refuses %s with a code, a reason and a count', async (_, create, headers, status, reason) => {
    const answer = await call(create(), headers);
    expect(answer).toMatchObject({ status, message: expect.stringMatching(/\w/) });
    expect(await readRejected()).toEqual({ [reason]: 1 });
  });

  it('takes a message in any pieces, compressed or not, from one connection', async () => {
    const body = encodeProtobuf(recordSpans());
    for (const [bytes, headers] of [
      [message(body), {}],
      [message(gzipSync(body), true), { 'grpc-encoding': 'gzip' }],
      [message(body), { 'grpc-encoding': 'gzip' }],
    ] as const) {
      const { session, stream, ended } = openCall(headers);
      for (let start = 0; start < bytes.length; start += 1_000)
        stream.write(bytes.subarray(start, start + 1_000));
      stream.end();
      expect(await ended).toMatchObject({ status: '0', body: message(Buffer.alloc(0)) });
      session.close();
    }
    expect(await readRejected()).toEqual({});
  });

  it('asks for the token before it reads the message', async () => {
    const digest = await import('node:crypto').then(({ hash }) => hash('sha256', TOKEN, 'buffer'));
    const access = { tokens: [{ name: 'ingest', digest, rights: ['ingest' as const] }] };
    await running.reload(DEFAULT_CONFIG, access);
    const { session, ended } = openCall();
    // Nothing was sent, and nothing ends the request: only who asks is known.
    expect(await ended).toMatchObject({ status: '16' });
    session.close();
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await call(message(encodeProtobuf(recordSpans())), headers)).toMatchObject({ status: '0' });
  });
});

it.each(['HTTP', 'gRPC'])(
  'a request over %s that is under way when the doors close is taken and answered',
  async (how) => {
    const body = encodeProtobuf(recordSpans());
    if (how === 'gRPC') {
      const { session, stream, ended } = openCall();
      stream.write(message(body).subarray(0, 100));
      // Answered after what was sent before it: the request is under way.
      await once(stream, 'ready');
      await new Promise((resolve) => session.ping(resolve));
      const closed = running.close();
      stream.end(message(body).subarray(100));
      expect(await ended).toMatchObject({ status: '0' });
      session.close();
      await closed;
    } else {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(running.otlpHttp).port) });
      const headers = ['host: h', 'content-type: application/x-protobuf', 'expect: 100-continue'];
      const length = `content-length: ${body.length}`;
      socket.write(`${['POST /v1/traces HTTP/1.1', ...headers, length].join('\r\n')}\r\n\r\n`);
      socket.write(body.subarray(0, 100));
      // The request is under way.
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 100 /);
      const closed = running.close();
      socket.write(body.subarray(100));
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
      socket.destroy();
      await closed;
    }
    expect(await readMetricsText(running.processor)).toMatch(/^llm_calls_total\{.*\} 1$/m);
  },
);

it('who has connected and says nothing does not keep the doors from closing', async () => {
  const origins = [running.otlpHttp, running.otlpGrpc, running.metrics];
  const sockets = origins.map((origin) =>
    connect({ host: '127.0.0.1', port: Number(new URL(origin).port), allowHalfOpen: true }),
  );
  for (const socket of sockets) socket.on('error', () => {}).resume();
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await running.close();
  for (const socket of sockets) socket.destroy();
});

it('a client that holds up one door of OTLP does not keep the other open', async () => {
  const held = connect({ host: '127.0.0.1', port: Number(new URL(running.otlpHttp).port) });
  const ended = once(held, 'close');
  held.on('error', () => {});
  held.write('POST /v1/traces HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 9\r\n');
  held.write('content-type: application/json\r\n\r\n');
  // The request is under way.
  await once(held, 'data');
  const order: string[] = [];
  ended.then(() => order.push('held'));
  const closed = running.close().then(() => order.push('closed'));
  const port = Number(new URL(running.otlpGrpc).port);
  const knock = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  await expect.poll(knock, { timeout: PATIENCE_MS }).toBe(false);
  order.push('gRPC');
  await closed;
  expect(order[0]).toBe('gRPC');
});
