import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createInterface } from 'node:readline';
import { PROCESSOR_METRIC } from '@costspan/semconv';
import { findFreePort, TEST_LIMIT_MS } from '@costspan/testkit';
import { afterEach, expect, it } from 'vitest';
import { parseExposition } from '../../aggregate/test/records.ts';
import { describeFailure } from '../src/failures.ts';
import { encodeJson, recordSpans } from './spans.ts';

const START = `require('@costspan/processor').runProcessor(process.argv.slice(1)).then((code) => { process.exitCode = code; });`;
const FREE = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((flag) => [flag, '127.0.0.1:0']);
let child: ChildProcess | undefined;
let sink: Server | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
  sink?.closeAllConnections();
  sink?.close();
});

interface Ready {
  readonly otlp_http: string;
  readonly metrics: string;
}

/** A processor with these variables; `stop` ends it and resolves to the lines of its log. */
async function start(env: Record<string, string>, args: readonly string[] = FREE) {
  const started = spawn(process.execPath, ['-e', START, '--', ...args], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, ...env },
    timeout: TEST_LIMIT_MS,
  });
  child = started;
  const log: Record<string, unknown>[] = [];
  createInterface({ input: started.stderr }).on('line', (line) => log.push(JSON.parse(line)));
  const [line] = (await once(createInterface({ input: started.stdout }), 'line')) as [string];
  const ready = JSON.parse(line) as Ready;
  const stop = async () => {
    started.kill('SIGTERM');
    const [code] = await once(started, 'close');
    return { code, log };
  };
  return { ready, log, stop };
}

interface Pushed {
  readonly headers: IncomingHttpHeaders;
  readonly body: OtlpMetrics;
}
interface OtlpMetrics {
  readonly resourceMetrics: readonly [
    {
      readonly resource: { readonly attributes: readonly Attribute[] };
      readonly scopeMetrics: readonly [{ readonly metrics: readonly OtlpMetric[] }];
    },
  ];
}
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface OtlpMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: {
    readonly isMonotonic: boolean;
    readonly aggregationTemporality: number;
    readonly dataPoints: Point[];
  };
  readonly gauge?: { readonly dataPoints: Point[] };
}
interface Point {
  readonly attributes: readonly Attribute[];
  readonly asDouble: number;
}

/** A receiver of metrics that answers with the statuses in turn, the last one again and again. */
async function listen(statuses: readonly number[] = [200]) {
  const pushed: Pushed[] = [];
  sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    pushed.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(statuses[Math.min(pushed.length, statuses.length) - 1]!).end();
  });
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const address = sink.address();
  return { pushed, port: typeof address === 'object' ? address!.port : 0 };
}

/** As `/metrics` writes them. */
const readPushed = ({ body }: Pushed): Map<string, number> =>
  new Map(
    body.resourceMetrics[0].scopeMetrics[0].metrics.flatMap(({ name, sum, gauge }) =>
      (sum ?? gauge)!.dataPoints.map(({ attributes, asDouble }) => {
        const labels = attributes.map(({ key, value }) => `${key}="${value.stringValue}"`).join(',');
        return [labels === '' ? name : `${name}{${labels}}`, asDouble] as const;
      }),
    ),
  );

const send = (ready: Ready, body = new Uint8Array(encodeJson(recordSpans()))) =>
  fetch(`${ready.otlp_http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

it('sends by OTLP what /metrics tells of the processor itself, under the same names, when it is asked to', async () => {
  const { pushed, port } = await listen();
  const { ready, stop } = await start({
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod',
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
  });
  await send(ready);
  await send(ready, new Uint8Array(Buffer.from('{')));
  const shown = parseExposition(await (await fetch(`${ready.metrics}/metrics`)).text());
  const { code, log } = await stop();
  expect([code, log, pushed.length]).toEqual([0, [], 1]);
  const { headers, body } = pushed[0]!;
  expect(headers).toMatchObject({ authorization: 'Bearer abc', 'content-type': 'application/json' });
  const { resource, scopeMetrics } = body.resourceMetrics[0];
  const attributes = Object.fromEntries(
    resource.attributes.map(({ key, value }) => [key, value.stringValue]),
  );
  expect(attributes).toEqual({
    'service.name': 'costspan-processor',
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'deployment.environment.name': 'prod',
  });
  const ESTIMATED = PROCESSOR_METRIC.ESTIMATED_CALLS.name;
  const health = [...shown].filter(([name]) => /^costspan_/.test(name) && !name.startsWith(ESTIMATED));
  expect([...readPushed(pushed[0]!)].sort()).toEqual(health.sort());
  expect(shown.get('costspan_processor_rejected_total{reason="malformed"}')).toBe(1);
  const { metrics } = scopeMetrics[0];
  expect(metrics.find(({ name }) => name.endsWith('received_bytes_total'))).toMatchObject({
    unit: 'By',
    sum: { isMonotonic: true, aggregationTemporality: 2 },
  });
  expect(metrics.find(({ name }) => name.endsWith('lag_seconds'))).toMatchObject({ unit: 's', gauge: {} });
  // Who makes Prometheus names of OTLP's puts a unit behind a name that does not say it: `1` becomes `_ratio`.
  const said: Readonly<Record<string, RegExp>> = {
    s: /_seconds$/,
    By: /_bytes(?:_total)?$/,
    '{USD}': /_usd$/,
  };
  expect(metrics.filter(({ name, unit = '' }) => unit !== '' && said[unit]?.test(name) !== true)).toEqual([]);
});

it('sends nothing unless it is asked to', async () => {
  const { pushed, port } = await listen();
  const { ready, stop } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_METRIC_EXPORT_INTERVAL: '20',
  });
  await send(ready);
  expect([(await stop()).log, pushed]).toEqual([[], []]);
});

it('says once that nobody takes them, and once that somebody does again', async () => {
  const { pushed, port } = await listen([500, 503, 200]);
  const { log, stop } = await start({
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:${port}/v1/metrics`,
    OTEL_METRIC_EXPORT_INTERVAL: '20',
  });
  await expect.poll(() => log.length).toBe(2);
  expect(log).toMatchObject([
    { level: 'warn', code: 'COSTSPAN_METRICS_PUSH', message: expect.stringContaining('HTTP 500') },
    { level: 'info', event: 'metrics_push_works' },
  ]);
  expect((await stop()).code).toBe(0);
  expect(pushed.length).toBeGreaterThan(3);
});

it.each([
  [
    { OTEL_METRIC_EXPORT_INTERVAL: '3000000000' },
    'OTEL_METRIC_EXPORT_INTERVAL=3000000000 is no whole number of milliseconds from 1 to 2147483647; 60000 is taken',
  ],
  [
    { OTEL_METRIC_EXPORT_INTERVAL: '5s' },
    'OTEL_METRIC_EXPORT_INTERVAL=5s is no whole number of milliseconds from 1 to 2147483647; 60000 is taken',
  ],
  [
    { OTEL_EXPORTER_OTLP_TIMEOUT: '-1' },
    'OTEL_EXPORTER_OTLP_TIMEOUT=-1 is no whole number of milliseconds from 1 to 2147483647; 10000 is taken',
  ],
  [
    { OTEL_METRICS_EXPORTER: 'otlp,statsd' },
    'OTEL_METRICS_EXPORTER names statsd, which the processor does not have',
  ],
])('%o: one warning, and one post at the end', async (env, message) => {
  const { pushed, port } = await listen();
  const { ready, stop } = await start({
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    ...env,
  });
  await send(ready);
  const { log } = await stop();
  expect(log).toMatchObject([
    { level: 'warn', code: 'COSTSPAN_METRICS_PUSH', message, fix: expect.any(String) },
  ]);
  expect(pushed).toHaveLength(1);
});

it.each([
  ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'nowhere', 'nowhere'],
  ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'ftp://shop:secret@127.0.0.1/', 'ftp://127.0.0.1/'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://', 'http://'],
])('%s=%s: sends nothing, and says so at the start', async (variable, endpoint, shown) => {
  const { log, stop } = await start({ OTEL_METRICS_EXPORTER: 'otlp', [variable]: endpoint });
  await expect.poll(() => log.length).toBe(1);
  expect(log).toMatchObject([
    { code: 'COSTSPAN_METRICS_PUSH', message: expect.stringContaining(` ${shown}, which is no http`) },
  ]);
  expect((await stop()).log).toHaveLength(1);
});

it('says of a receiver that is not there what the network said', async () => {
  const port = await findFreePort();
  const { stop } = await start({
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  expect((await stop()).log).toMatchObject([
    { code: 'COSTSPAN_METRICS_PUSH', message: expect.stringContaining('(ECONNREFUSED)') },
  ]);
});

it('never sends them to itself', async () => {
  const port = await findFreePort();
  const { ready, stop } = await start(
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${port}` },
    ['--otlp-http', `127.0.0.1:${port}`, ...FREE.slice(2)],
  );
  const { log } = await stop();
  expect(log).toMatchObject([{ level: 'warn', code: 'COSTSPAN_METRICS_PUSH_LOOP', fix: expect.any(String) }]);
  expect(ready.otlp_http).toContain(`:${port}`);
});

it.each([
  [
    'debug',
    [
      { level: 'debug', event: 'refused', reason: 'malformed', status: 400 },
      { level: 'debug', event: 'stopping' },
    ],
  ],
  ['none', []],
  [
    'loud',
    [
      {
        level: 'warn',
        message: 'OTEL_LOG_LEVEL=loud is none of its levels; info is taken',
        fix: 'write one of none, error, warn, info, debug, verbose, all',
      },
    ],
  ],
])('logs as much as OTEL_LOG_LEVEL=%s says, and never what was sent', async (level, expected) => {
  const { ready, stop } = await start({ OTEL_LOG_LEVEL: level });
  await send(ready, new Uint8Array(Buffer.from('{"resourceSpans": canary')));
  const { log } = await stop();
  expect(log).toEqual(expected.map((entry) => ({ time: expect.stringMatching(/^2\d{3}-.*Z$/), ...entry })));
});

it('a defect is logged by its kind and place: its text may quote what was being read', () => {
  const entry = describeFailure(new RangeError('cannot read "canary"\n    of the prompt'));
  expect(entry).toMatchObject({ code: 'COSTSPAN_INTERNAL', message: 'RangeError' });
  expect(entry.stack?.[0]).toMatch(/^at .*telemetry\.test/);
  expect(JSON.stringify(entry)).not.toMatch(/canary|prompt/);
});
