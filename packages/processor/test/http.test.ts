import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type IncomingMessage, request } from 'node:http';
import { deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { DEFAULT_CONFIG } from '@costspan/config';
import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/index.ts';
import { CALL, createRandom, encodeJson, encodeProtobuf, RESOURCE, recordSpans, TASK } from './spans.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const LIMIT_BYTES = 100_000;
let running: RunningProcessor;
let failures: unknown[];

beforeEach(async () => {
  failures = [];
  const { tasks, limits } = DEFAULT_CONFIG;
  running = await startProcessor({
    config: {
      ...DEFAULT_CONFIG,
      tasks: { ...tasks, settleQuietMs: 0 },
      limits: { ...limits, bodyBytes: LIMIT_BYTES },
    },
    otlpHttp: { host: '127.0.0.1', port: 0 },
    otlpGrpc: { host: '127.0.0.1', port: 0 },
    metrics: { host: '127.0.0.1', port: 0 },
    onError: (error) => failures.push(error),
  });
});
afterEach(async () => {
  await running.close();
  expect(failures).toEqual([]);
});

const post = (path: string, body: string | Buffer, headers: Record<string, string>) =>
  fetch(`${running.otlpHttp}${path}`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });

async function scrape(): Promise<Map<string, number>> {
  const text = await (await fetch(`${running.metrics}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
const sum = (samples: Map<string, number>, metric: string) =>
  [...samples]
    .filter(([name]) => name.startsWith(`${metric}{`))
    .reduce((total, [, value]) => total + value, 0);
const rejected = async (reason: string) =>
  (await scrape()).get(`costspan_processor_rejected_total{reason="${reason}"}`);

/** google.rpc.Status in protobuf: 1 code, 2 message. */
function decodeStatus(body: Buffer): { code: number; message: string } {
  return { code: body[1]!, message: body.subarray(body[3]! < 128 ? 4 : 5).toString() };
}

describe('POST /v1/traces', () => {
  it.each([
    ['protobuf', PROTOBUF, encodeProtobuf, (body: Buffer) => body],
    ['protobuf, gzip', { ...PROTOBUF, 'content-encoding': 'gzip' }, encodeProtobuf, gzipSync],
    ['protobuf, zstd', { ...PROTOBUF, 'content-encoding': 'zstd' }, encodeProtobuf, zstdCompressSync],
    ['JSON', JSON_TYPE, encodeJson, (body: Buffer) => body],
    ['JSON, no encoding', { ...JSON_TYPE, 'content-encoding': '' }, encodeJson, (body: Buffer) => body],
    [
      'JSON with a charset, deflate',
      { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'deflate' },
      encodeJson,
      deflateSync,
    ],
  ])('takes %s and counts the call and its task', async (_, headers, encode, compress) => {
    const response = await post('/v1/traces', compress(encode(recordSpans())), headers);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      headers['content-type'].split(';', 1)[0],
      headers['content-type'].startsWith('application/json') ? '{}' : '',
    ]);
    const samples = await scrape();
    expect({
      cost: sum(samples, 'llm_cost_usd_total'),
      errors: [...samples].find(
        ([name]) => name.startsWith('llm_calls_total{') && name.includes('status="error"'),
      )?.[1],
      settled: sum(samples, 'llm_task_cost_usd_total'),
      tasks: sum(samples, 'llm_tasks_total'),
      wasted: sum(samples, 'llm_wasted_cost_usd_total'),
      received: samples.get('costspan_processor_spans_received_total'),
    }).toEqual({ cost: 0.01, errors: 1, settled: 0.01, tasks: 1, wasted: 0.01, received: 3 });
  });

  it('says how to mend a body in snake_case, which OTLP has it ignore', async () => {
    const body = JSON.stringify({ resource_spans: [{ scope_spans: [{ spans: [{}] }] }] });
    const response = await post('/v1/traces', body, JSON_TYPE);
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        partialSuccess: {
          rejectedSpans: '1',
          errorMessage: expect.stringMatching(/^misnamed_fields: .* resourceSpans and scopeSpans/),
        },
      },
    ]);
    expect(await rejected('misnamed_fields')).toBe(1);
  });

  it('counts a span once however often it comes, and in whatever order', async () => {
    const spans = recordSpans();
    for (const batch of [[...spans].reverse(), spans, spans]) {
      await post('/v1/traces', encodeProtobuf(batch), PROTOBUF);
    }
    const samples = await scrape();
    expect({
      cost: sum(samples, 'llm_cost_usd_total'),
      settled: sum(samples, 'llm_task_cost_usd_total'),
      calls: sum(samples, 'llm_calls_total'),
      tasks: sum(samples, 'llm_tasks_total'),
      duplicates: samples.get('costspan_processor_duplicates_total'),
    }).toEqual({ cost: 0.01, settled: 0.01, calls: 1, tasks: 1, duplicates: 4 });
  });

  it('takes what the real exporter sends, compressed', async () => {
    const encodings: unknown[] = [];
    const listen = (message: unknown) => {
      const { request: received } = message as { request: IncomingMessage };
      if (received.method === 'POST') encodings.push(received.headers['content-encoding']);
    };
    subscribe('http.server.request.start', listen);
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    const exporter = new OTLPTraceExporter({ url: `${running.otlpHttp}/v1/traces` });
    vi.unstubAllEnvs();
    const provider = new TracerProvider({
      resource: resourceFromAttributes(RESOURCE),
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const tracer = provider.getTracer('@costspan/instrumentation');
    tracer.startSpan('chat gpt-5-mini', { kind: SpanKind.CLIENT, attributes: CALL }).end();
    tracer.startSpan('task resolve', { attributes: TASK }).end();
    await provider.forceFlush();
    await provider.shutdown();
    unsubscribe('http.server.request.start', listen);
    expect(encodings).toEqual(['gzip', 'gzip']);
    const samples = await scrape();
    expect([sum(samples, 'llm_cost_usd_total'), sum(samples, 'llm_task_cost_usd_total')]).toEqual([
      0.01, 0.01,
    ]);
  });

  it('reports spans that it cannot count as a partial success', async () => {
    const span = { traceId: '00', spanId: 'cd'.repeat(8), name: 'x' };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span, span] }] }] });
    const response = await post('/v1/traces', body, JSON_TYPE);
    expect([response.status, await response.json()]).toEqual([
      200,
      { partialSuccess: { rejectedSpans: '2', errorMessage: 'invalid_trace_id' } },
    ]);
    expect(await rejected('invalid_trace_id')).toBe(2);
  });

  it('says so in protobuf to who speaks protobuf', async () => {
    // A span without ids: resource_spans { scope_spans { spans {} } }.
    const response = await post('/v1/traces', Buffer.from([0x0a, 0x04, 0x12, 0x02, 0x12, 0x00]), PROTOBUF);
    const body = Buffer.from(await response.arrayBuffer());
    const message = 'invalid_trace_id';
    const partial = Buffer.concat([Buffer.from([0x08, 1, 0x12, message.length]), Buffer.from(message)]);
    expect(body).toEqual(Buffer.concat([Buffer.from([0x0a, partial.length]), partial]));
  });
});

describe('a refusal', () => {
  it('of malformed protobuf is 400 with google.rpc.Status in protobuf, and counted', async () => {
    const response = await post('/v1/traces', 'hello world', PROTOBUF);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/x-protobuf']);
    const status = decodeStatus(Buffer.from(await response.arrayBuffer()));
    expect(status.code).toBe(3);
    expect(status.message).toMatch(/^protobuf /);
    expect(await rejected('malformed')).toBe(1);
  });

  it.each([
    ['malformed JSON', '/v1/traces', '{', JSON_TYPE, 400, 'malformed'],
    [
      'what says gzip and is not',
      '/v1/traces',
      '{}',
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      400,
      'malformed',
    ],
    [
      'another encoding',
      '/v1/traces',
      '{}',
      { ...JSON_TYPE, 'content-encoding': 'br' },
      415,
      'unsupported_encoding',
    ],
    ['another type', '/v1/traces', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported_type'],
    ['a path that is not there', '/v1/metrics', '{}', JSON_TYPE, 404, 'unknown_path'],
    ['a path of every object', '/constructor', '{}', JSON_TYPE, 404, 'unknown_path'],
    ['a body far too large', '/v1/traces', ' '.repeat(500 * LIMIT_BYTES), JSON_TYPE, 413, 'too_large'],
    ['too large a body', '/v1/traces', ' '.repeat(LIMIT_BYTES + 1), JSON_TYPE, 413, 'too_large'],
    [
      'a small body that zstd lets grow too large',
      '/v1/traces',
      zstdCompressSync(Buffer.alloc(500 * LIMIT_BYTES)),
      { ...JSON_TYPE, 'content-encoding': 'zstd' },
      413,
      'too_large',
    ],
    ['zstd that is none', '/v1/traces', '{}', { ...JSON_TYPE, 'content-encoding': 'zstd' }, 400, 'malformed'],
    [
      'a small body that grows too large',
      '/v1/traces',
      gzipSync(' '.repeat(50 * LIMIT_BYTES)),
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      413,
      'too_large',
    ],
    [
      'an outcome that is none',
      '/v1/outcomes',
      '{"task_id":"t","outcome":"fine"}',
      JSON_TYPE,
      400,
      'invalid_outcome',
    ],
    ['an outcome of no task', '/v1/outcomes', '{"outcome":"success"}', JSON_TYPE, 400, 'invalid_outcome'],
    [
      'an id with control characters',
      '/v1/outcomes',
      '{"task_id":"a\\u0000","outcome":"success"}',
      JSON_TYPE,
      400,
      'invalid_outcome',
    ],
  ])('of %s has a status, a reason and a count', async (_, path, body, headers, httpStatus, reason) => {
    const response = await post(path, body, headers);
    expect(response.status).toBe(httpStatus);
    expect(await response.json()).toEqual({ code: expect.any(Number), message: expect.stringMatching(/\w/) });
    expect(await rejected(reason)).toBe(1);
  });

  it('of another method says which would be right', async () => {
    const response = await fetch(`${running.otlpHttp}/v1/traces`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await rejected('method_not_allowed')).toBe(1);
  });

  it('of a body without a length comes as soon as it is too large', async () => {
    const httpStatus = await new Promise((resolve, reject) => {
      const sent = request(
        `${running.otlpHttp}/v1/traces`,
        { method: 'POST', headers: JSON_TYPE },
        (response) => {
          response.resume();
          resolve(response.statusCode);
          sent.destroy();
        },
      );
      sent.on('error', reject);
      // Never ended.
      sent.write(' '.repeat(LIMIT_BYTES + 1));
    });
    expect(httpStatus).toBe(413);
  });

  it('never ends the process: 2,000 hostile bodies, then a good one counts', async () => {
    const random = createRandom(42);
    const bodies = [encodeProtobuf(recordSpans()), encodeJson(recordSpans())];
    const seen = new Map<number, number>();
    for (let run = 0; run < 2_000; run += 1) {
      const isJson = run % 2 === 1;
      const body = Buffer.from(bodies[run % 2]!.subarray(0, Math.ceil(random() * bodies[run % 2]!.length)));
      for (let count = 0; count < random() * 6; count += 1) {
        body[Math.floor(random() * Math.min(body.length, 600))] = Math.floor(random() * 256);
      }
      const { status } = await post('/v1/traces', body, isJson ? JSON_TYPE : PROTOBUF);
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
    expect([...seen.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
    expect(seen.get(400)).toBeGreaterThan(500);
    const before = sum(await scrape(), 'llm_calls_total');
    await post('/v1/traces', encodeProtobuf(recordSpans()), PROTOBUF);
    expect(sum(await scrape(), 'llm_calls_total')).toBe(before + 1);
  });
});

it.each(['"reason":"left","score":0.2', '"reason":null,"score":null'])(
  'POST /v1/outcomes decides the task (%s)',
  async (more) => {
    const spans = recordSpans().filter(({ name }) => name.startsWith('chat'));
    const told = await post('/v1/outcomes', `{"task_id":"task-1","outcome":"abandoned",${more}}`, JSON_TYPE);
    expect([told.status, await told.text()]).toEqual([200, '{}']);
    await post('/v1/traces', encodeProtobuf(spans), PROTOBUF);
    const samples = await scrape();
    const settled = [...samples].filter(
      ([name, value]) => name.startsWith('llm_tasks_total{') && value !== 0,
    );
    expect(settled).toEqual([[expect.stringContaining('outcome="abandoned"'), 1]]);
  },
);

it('serves /metrics, /healthz and /readyz, and nothing else, on the other port', async () => {
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`${running.metrics}${path}`, { method });
    return [response.status, response.headers.get('content-type')?.split(';', 1)[0]];
  };
  expect(
    await Promise.all([
      get('/metrics'),
      get('/healthz'),
      get('/readyz'),
      get('/readyz', 'HEAD'),
      get('/x'),
      get('/metrics', 'POST'),
    ]),
  ).toEqual([
    [200, 'text/plain'],
    [200, 'text/plain'],
    [200, 'text/plain'],
    [200, 'text/plain'],
    [404, 'text/plain'],
    [405, 'text/plain'],
  ]);
});

/** As a client that takes it as it comes: fetch would decompress it. */
async function readMetrics(
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const asked = request(`${running.metrics}/metrics`, { headers, method });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { response, body: Buffer.concat(chunks) };
}

it('compresses /metrics for whoever asks for it', async () => {
  const plain = await readMetrics({});
  expect(plain.response.headers['content-encoding']).toBeUndefined();
  const { response, body } = await readMetrics({ 'accept-encoding': 'gzip' });
  expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept, Accept-Encoding' });
  expect(gunzipSync(body).toString()).toBe(plain.body.toString());
});

it('answers HEAD with the head alone, and no series is taken as shown', async () => {
  const scrapeHeaders = { 'x-prometheus-scrape-timeout-seconds': '10' };
  await readMetrics(scrapeHeaders);
  await post('/v1/traces', encodeJson(recordSpans()), JSON_TYPE);
  const { response, body } = await readMetrics(scrapeHeaders, 'HEAD');
  expect([response.statusCode, response.headers['content-type'], body.length]).toEqual([
    200,
    expect.stringMatching(/^text\/plain/),
    0,
  ]);
  const counted = async (): Promise<boolean> =>
    /^llm_calls_total\{.*\} 1$/m.test((await readMetrics(scrapeHeaders)).body.toString());
  expect([await counted(), await counted()]).toEqual([false, true]);
});
