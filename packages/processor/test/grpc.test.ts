import { connect } from 'node:http2';
import { DEFAULT_CONFIG } from '@costspan/config';
import { PATIENCE_MS } from '@costspan/testkit';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/index.ts';
import { CALL, encodeProtobuf, RESOURCE, recordSpans, TASK } from './spans.ts';

const FREE = { host: '127.0.0.1', port: 0 };
const LIMIT_BYTES = 100_000;
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const EXPORT_LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
let running: RunningProcessor;

beforeEach(async () => {
  const { tasks, limits } = DEFAULT_CONFIG;
  running = await startProcessor({
    config: {
      ...DEFAULT_CONFIG,
      tasks: { ...tasks, settleQuietMs: 0 },
      limits: { ...limits, bodyBytes: LIMIT_BYTES },
    },
    otlpHttp: FREE,
    otlpGrpc: FREE,
    metrics: FREE,
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(() => running.close());

async function readCostUsd(): Promise<number[]> {
  const text = await (await fetch(`${running.metrics}/metrics`)).text();
  const sum = (metric: string) =>
    [...text.matchAll(new RegExp(`^${metric}\\{.* (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return [sum('llm_cost_usd_total'), sum('llm_task_cost_usd_total')];
}

/** Sends bytes as they are; resolves to the status code and the answer's bytes. */
function send(body: Buffer, method = EXPORT): Promise<{ code: number; answer: Buffer | undefined }> {
  const client = new Client(running.otlpGrpc.replace('http://', ''), credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, answer?: Buffer) => {
      client.close();
      resolve({ code: error?.code ?? status.OK, answer });
    };
    client.makeUnaryRequest(method, same, same, body, { deadline: Date.now() + PATIENCE_MS }, done);
  });
}

it.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])(
  'takes what the real exporter sends, compression %s',
  async (compression) => {
    const exporter = new OTLPTraceExporter({ url: running.otlpGrpc, compression });
    const provider = new TracerProvider({
      resource: resourceFromAttributes(RESOURCE),
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const tracer = provider.getTracer('@costspan/instrumentation');
    tracer.startSpan('chat gpt-5-mini', { kind: SpanKind.CLIENT, attributes: CALL }).end();
    tracer.startSpan('task resolve', { attributes: TASK }).end();
    await provider.forceFlush();
    await provider.shutdown();
    expect(await readCostUsd()).toEqual([0.01, 0.01]);
  },
);

it('counts a span once, whichever door it comes through', async () => {
  const body = encodeProtobuf(recordSpans());
  expect(await send(body)).toEqual({ code: status.OK, answer: Buffer.alloc(0) });
  await fetch(`${running.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(body),
  });
  expect(await readCostUsd()).toEqual([0.01, 0.01]);
});

it('refuses what it cannot read, and what is too large, and lives', async () => {
  const codes = [
    (await send(Buffer.from([0x0a, 0xff]))).code,
    (await send(Buffer.alloc(LIMIT_BYTES + 1))).code,
    (await send(encodeProtobuf(recordSpans()))).code,
  ];
  expect(codes).toEqual([status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED, status.OK]);
});

it('lets a client send many bodies before it has to hear that they were read', async () => {
  const bytes = 16 * 1024 * 1024;
  const client = connect(running.otlpGrpc);
  try {
    await expect.poll(() => client.remoteSettings.initialWindowSize).toBe(bytes);
    await expect.poll(() => client.state.remoteWindowSize).toBe(bytes);
    // Each frame is an event.
    expect(client.remoteSettings.maxFrameSize).toBe(1024 * 1024);
  } finally {
    client.destroy();
  }
});

it('takes evaluations as logs', async () => {
  // ExportLogsServiceRequest: 1 resource_logs, 2 scope_logs, 2 log_records; of a record 12 event_name, 10 span_id.
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const name = field(12, Buffer.from('gen_ai.evaluation.result'));
  const request = (record: Buffer) => field(1, field(2, field(2, record)));
  const answers = [
    await send(
      request(Buffer.concat([name, field(10, Buffer.from('0102030405060708', 'hex'))])),
      EXPORT_LOGS,
    ),
    await send(request(name), EXPORT_LOGS),
    await send(Buffer.from([0x0a, 0x7f]), EXPORT_LOGS),
  ];
  expect(answers.map(({ code }) => code)).toEqual([status.OK, status.OK, status.INVALID_ARGUMENT]);
  expect(answers[1]?.answer?.toString()).toContain('evaluation_without_task');
});
