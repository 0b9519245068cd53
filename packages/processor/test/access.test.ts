import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { type Config, DEFAULT_CONFIG } from '@costspan/config';
import { PATIENCE_MS } from '@costspan/testkit';
import { credentials, Metadata } from '@grpc/grpc-js';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAccess } from '../src/access/access.ts';
import { ByteBudget, Gate } from '../src/access/gate.ts';
import { type RunningProcessor, startProcessor } from '../src/main.ts';
import { encodeJson, readMetricsText, recordSpans } from './spans.ts';

const ANY = { host: '127.0.0.1', port: 0 };
const TOKENS = {
  INGEST: 'ingest-'.padEnd(32, 'x'),
  READ: 'read-'.padEnd(32, 'y'),
  ALL: 'all-'.padEnd(32, 'z'),
};
const fixture = (name: string) => join(import.meta.dirname, 'fixtures', 'tls', name);
let directory: string;
let running: RunningProcessor | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'costspan-access-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(directory, { recursive: true });
});

const tokens: Config['access']['tokens'] = [
  { name: 'collector', env: 'INGEST', rights: ['ingest'] },
  { name: 'prometheus', env: 'READ', rights: ['read'] },
  { name: 'admin', env: 'ALL', rights: ['ingest', 'outcomes', 'read'] },
];

async function start(
  access: Config['access'],
  limits: Partial<Config['limits']> = {},
): Promise<RunningProcessor> {
  const config = { ...DEFAULT_CONFIG, access, limits: { ...DEFAULT_CONFIG.limits, ...limits } };
  const onError = (error: unknown) => {
    throw error;
  };
  const doors = { otlpHttp: ANY, otlpGrpc: ANY, metrics: ANY };
  running = await startProcessor({ config, access: loadAccess(access, TOKENS), ...doors, onError });
  return running;
}

const body = () => new Uint8Array(encodeJson(recordSpans()));
const send = (
  origin: string,
  token?: string,
  path = '/v1/traces',
  content: string | Uint8Array<ArrayBuffer> = body(),
) =>
  fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: content,
  });

describe('with tokens', () => {
  it.each([
    ['no token', undefined, [401, 401, 401]],
    ['one that is none', 'x'.repeat(32), [401, 401, 401]],
    ['a part of one', TOKENS.ALL.slice(0, -1), [401, 401, 401]],
    ['one for spans', TOKENS.INGEST, [200, 403, 403]],
    ['one to read', TOKENS.READ, [403, 403, 200]],
    ['one for all', TOKENS.ALL, [200, 200, 200]],
  ])('%s opens what it has the right to', async (_, token, expected) => {
    const { otlpHttp, metrics } = await start({ tokens });
    const outcome = JSON.stringify({ task_id: 't', outcome: 'success' });
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answers = [
      await send(otlpHttp, token),
      await send(otlpHttp, token, '/v1/outcomes', outcome),
      await fetch(`${metrics}/metrics`, { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(expected);
    expect(answers[0]?.headers.get('www-authenticate')).toBe(expected[0] === 401 ? 'Bearer' : null);
    const health = [await fetch(`${metrics}/healthz`), await fetch(`${metrics}/readyz`)];
    expect(health.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('gRPC asks for the same', async () => {
    const { otlpGrpc, processor } = await start({ tokens });
    const results: number[] = [];
    for (const token of [undefined, TOKENS.READ, TOKENS.INGEST]) {
      const metadata = new Metadata();
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
      results.push(await exportGrpc(otlpGrpc, { metadata }));
    }
    expect(results).toEqual([1, 1, 0]);
    const text = await readMetricsText(processor);
    expect(text).toContain('rejected_total{reason="unauthenticated"} 1');
    expect(text).toContain('rejected_total{reason="forbidden"} 1');
  });

  it('a token is read from a file, and again when that has changed', async () => {
    const file = join(directory, 'token');
    writeFileSync(file, `${'a'.repeat(20)}\n`);
    const access: Config['access'] = { tokens: [{ name: 'file', file, rights: ['ingest'] }] };
    const { otlpHttp, reload } = await start(access);
    expect((await send(otlpHttp, 'a'.repeat(20))).status).toBe(200);
    writeFileSync(file, 'b'.repeat(20));
    await reload({ ...DEFAULT_CONFIG, access }, loadAccess(access, {}));
    const answers = [await send(otlpHttp, 'a'.repeat(20)), await send(otlpHttp, 'b'.repeat(20))];
    expect(answers.map(({ status }) => status)).toEqual([401, 200]);
  });

  it.each([
    ['is not set', {}],
    ['is too short', { INGEST: 'short', READ: 'short', ALL: 'short' }],
  ])('one that %s stops the start', (_, env) => {
    expect(() => loadAccess({ tokens }, env)).toThrow(
      expect.objectContaining({
        code: 'COSTSPAN_TOKEN',
        message: expect.stringContaining('collector in INGEST'),
      }),
    );
  });
});

describe('with TLS', () => {
  const tls = { cert: fixture('server.crt'), key: fixture('server.key'), clientCa: fixture('ca.crt') };

  it('lets in whoever has a certificate of the authority, by TLS 1.2 or newer', async () => {
    const { otlpHttp, otlpGrpc } = await start({ tokens: [], tls });
    expect(otlpHttp).toMatch(/^https:/);
    expect(await connect(otlpHttp, 'client')).toMatchObject({ status: 404, peer: 'server' });
    expect(await connect(otlpHttp, 'client', 'TLSv1.2')).toMatchObject({ status: 404 });
    await expect(connect(otlpHttp)).rejects.toThrow();
    await expect(connect(otlpHttp, 'client', 'TLSv1.1')).rejects.toThrow();
    await expect(fetch(otlpHttp.replace('https:', 'http:'))).rejects.toThrow();
    expect(await exportGrpc(otlpGrpc, { client: 'client' })).toBe(0);
    expect(await exportGrpc(otlpGrpc, {})).toBe(1);
  });

  it.each([
    ['is cut', 200],
    ['does not keep the doors from closing', PATIENCE_MS],
  ])('who never finishes the handshake %s', async (what, requestTimeoutMs) => {
    const { otlpHttp, otlpGrpc, metrics } = await start({ tokens: [], tls }, { requestTimeoutMs });
    const knocks = [otlpHttp, otlpGrpc, metrics].map((origin) => knock(Number(new URL(origin).port)));
    await Promise.all(knocks.map(({ opened }) => opened));
    if (what !== 'is cut') await running?.close();
    await Promise.all(knocks.map(({ closed }) => closed));
  });

  it('uses a certificate that was renewed', async () => {
    const own = { cert: join(directory, 'tls.crt'), key: join(directory, 'tls.key'), clientCa: tls.clientCa };
    const renew = (name: string) => {
      copyFileSync(fixture(`${name}.crt`), own.cert);
      copyFileSync(fixture(`${name}.key`), own.key);
    };
    renew('server');
    const access = { tokens: [], tls: own };
    const { otlpHttp, otlpGrpc, reload } = await start(access);
    renew('server-2');
    await reload({ ...DEFAULT_CONFIG, access }, loadAccess(access, {}));
    expect(await connect(otlpHttp, 'client')).toMatchObject({ peer: 'server-2' });
    expect(await exportGrpc(otlpGrpc, { client: 'client' })).toBe(0);
  });

  it.each([
    ['a key of another certificate', { key: fixture('server-2.key') }, 'key values mismatch'],
    ['a certificate that is none', { cert: fixture('server.key') }, 'no start line'],
    ['an authority that is none', { clientCa: fixture('server.key') }, 'client_ca'],
  ])('says what is wrong with %s, before a door opens', (_, wrong, message) => {
    expect(() => loadAccess({ tokens: [], tls: { ...tls, ...wrong } }, {})).toThrow(
      expect.objectContaining({ code: 'COSTSPAN_TLS', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['client certificates for tokens', { cert: tls.cert, key: tls.key }, tls],
    ['TLS and client certificates for tokens', undefined, tls],
    ['tokens for client certificates', tls, { cert: tls.cert, key: tls.key }],
  ])('a reload that would change %s changes nothing: it takes a restart', async (_, before, after) => {
    const guarded = { tokens, ...(before && { tls: before }) };
    const { otlpHttp, reload } = await start(guarded);
    const next = { tokens: [], tls: after };
    await expect(reload({ ...DEFAULT_CONFIG, access: next }, loadAccess(next, TOKENS))).rejects.toMatchObject(
      {
        code: 'COSTSPAN_ACCESS_RESTART',
      },
    );
    const status =
      before === undefined
        ? (await send(otlpHttp)).status
        : await post(otlpHttp, 'client').catch(() => 'cut');
    expect(status).toBe(401);
  });

  it('says which file cannot be read', () => {
    const missing = { ...tls, key: join(directory, 'none.key') };
    expect(() => loadAccess({ tokens: [], tls: missing }, {})).toThrow(
      expect.objectContaining({ code: 'COSTSPAN_ACCESS_FILE', message: expect.stringContaining('none.key') }),
    );
  });
});

it('slows down a client that comes too often, and no other', async () => {
  const { otlpHttp, processor } = await start({ tokens }, { requestsPerSecond: 5 });
  const slowed: Response[] = [];
  // However long a request takes here: of so many at once some are too many.
  const sendMany = async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(otlpHttp, TOKENS.INGEST)));
    slowed.push(...answers.filter(({ status }) => status === 429));
    return slowed.length;
  };
  await expect.poll(sendMany).toBeGreaterThan(0);
  expect(slowed[0]?.headers.get('retry-after')).toBe('1');
  expect((await send(otlpHttp, TOKENS.ALL)).status).toBe(200);
  const counted = `rejected_total{reason="rate_limited"} ${slowed.length}`;
  expect(await readMetricsText(processor)).toContain(counted);
});

it('lets in as many as a second may bring, and as many more as time has passed for', () => {
  let nowMs = 0;
  const gate = new Gate({ tokens: [] }, { requestsPerSecond: 5, now: () => nowMs });
  const knock = (): boolean => {
    try {
      gate.admit({ authorization: undefined, address: '192.0.2.1' }, 'ingest');
      return true;
    } catch {
      return false;
    }
  };
  const count = (): number => Array.from({ length: 20 }, knock).filter(Boolean).length;
  const admitted = [0, 400, 60_000].map((passedMs) => {
    nowMs += passedMs;
    return count();
  });
  expect(admitted).toEqual([5, 2, 5]);
});

it('takes no more bodies at a time than fit, and gives back what it took', () => {
  const budget = new ByteBudget(100);
  budget.take(400);
  expect(() => budget.take(1)).toThrow(expect.objectContaining({ httpStatus: 503, reason: 'overloaded' }));
  budget.give(400);
  budget.take(60);
  budget.take(40);
  expect(() => budget.take(1)).toThrow();
  budget.give(100);
  expect(budget.takenBytes).toBe(0);
});

it('has taken nothing when all has been answered, whatever came', async () => {
  const { otlpHttp } = await start({ tokens: [] }, { inflightBytes: 2_000, bodyBytes: 4_000 });
  const bodies = [body(), 'x'.repeat(3_000), '{', 'x'.repeat(5_000)];
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => send(otlpHttp, undefined, '/v1/traces', bodies[index % 4]!)),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  for (const status of statuses) expect([200, 400, 413, 503]).toContain(status);
  const small = await send(otlpHttp, undefined, '/v1/traces', '{}');
  expect(small.status).toBe(200);
});

function exportGrpc(
  origin: string,
  { metadata = new Metadata(), client }: { metadata?: Metadata; client?: string },
): Promise<number> {
  const isTls = origin.startsWith('https:');
  const file = (name: string) => readFileSync(fixture(name));
  const secure = isTls
    ? credentials.createSsl(
        file('ca.crt'),
        client === undefined ? null : file(`${client}.key`),
        client === undefined ? null : file(`${client}.crt`),
      )
    : credentials.createInsecure();
  const exporter = new OTLPTraceExporter({
    url: origin,
    metadata,
    credentials: secure,
    timeoutMillis: PATIENCE_MS,
  });
  return new Promise((resolve) => {
    exporter.export(recordSpans(), ({ code }) => resolve(code));
  });
}

/** A connection that says nothing and never ends by itself. */
function knock(port: number) {
  const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  return {
    opened: once(socket, 'connect'),
    closed: Promise.race([once(socket, 'end'), once(socket, 'close')]),
  };
}

/** Spans without a token, by TLS with the client's certificate; the status of the answer. */
function post(origin: string, client: string): Promise<number | undefined> {
  const file = (name: string) => readFileSync(fixture(name));
  const agent = new Agent({ cert: file(`${client}.crt`), key: file(`${client}.key`), ca: file('ca.crt') });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${origin}/v1/traces`, { agent, method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end(body());
  });
}

function connect(
  origin: string,
  client?: string,
  maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): Promise<{ status: number | undefined; peer: string }> {
  const ca = readFileSync(fixture('ca.crt'));
  const own =
    client === undefined
      ? {}
      : loadAccess({ tokens: [], tls: { cert: fixture(`${client}.crt`), key: fixture(`${client}.key`) } }, {})
          .tls!;
  const agent = new Agent({ ...own, ca, maxVersion, minVersion: 'TLSv1.1', keepAlive: false });
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}/none`, { agent }, (response) => {
      const { socket } = response;
      const peer =
        socket instanceof TLSSocket ? socket.getPeerCertificate() : ({} as DetailedPeerCertificate);
      response.resume();
      resolve({ status: response.statusCode, peer: String(peer.subject.CN) });
    });
    sent.on('error', reject);
    sent.end();
  });
}
