/** How the preload's own exporter follows the standard variables: which exporters, TLS, a proxy, and what is set wrongly. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { RunResult } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, namesOf, Stage } from './preload.ts';

const CHAT = 'chat gpt-4o-mini';
const ENDS = ['natural end', 'process.exit'];

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const run = (env: Record<string, string>, end = 'natural end'): Promise<RunResult> =>
  stage.run({ app: [fixture('ends.cjs'), end], env });

describe('OTEL_TRACES_EXPORTER', () => {
  /** Names of the spans that were written to standard error, a line of OTLP in JSON for each body. */
  const readSpans = ({ stderr }: RunResult): string[] =>
    stderr
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans)
      .map(({ name }: { name: string }) => name);

  it.each(ENDS)('console: on standard error, since standard output is the application’s; %s', async (end) => {
    const result = await run({ OTEL_TRACES_EXPORTER: 'console' }, end);
    expect(result.stdout).toBe('');
    expect(readSpans(result)).toEqual([CHAT]);
    expect(stage.sink.requests).toEqual([]);
  });

  it('otlp and console: both', async () => {
    expect(readSpans(await run({ OTEL_TRACES_EXPORTER: 'otlp, Console' }))).toEqual([CHAT]);
    expect(namesOf(stage.sink.spans)).toEqual([CHAT]);
  });

  it.each(['none', 'None'])('%s: nothing', async (name) => {
    expect((await run({ OTEL_TRACES_EXPORTER: name })).stderr).toBe('');
    expect(stage.sink.requests).toEqual([]);
  });
});

it.each([
  ['OTEL_TRACES_EXPORTER', 'zipkin', 'OTEL_TRACES_EXPORTER names zipkin'],
  ['OTEL_SDK_DISABLED', '1', 'OTEL_SDK_DISABLED=1 is neither true nor false'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'junk', 'the environment asks for junk'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'OTEL_EXPORTER_OTLP_COMPRESSION=zstd is neither gzip nor none'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '1s', 'OTEL_EXPORTER_OTLP_TIMEOUT=1s is no whole number'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '9999999999', 'OTEL_EXPORTER_OTLP_TIMEOUT=9999999999 is no whole number'],
  ['OTEL_BSP_SCHEDULE_DELAY', 'soon', 'OTEL_BSP_SCHEDULE_DELAY=soon is no whole number'],
  ['OTEL_BSP_SCHEDULE_DELAY', '3000000000', 'OTEL_BSP_SCHEDULE_DELAY=3000000000 is no whole number'],
  [
    'OTEL_BSP_MAX_QUEUE_SIZE',
    '-3',
    'OTEL_BSP_MAX_QUEUE_SIZE=-3 is no whole number from 1 to 2147483647; costspan takes 16384',
  ],
  ['OTEL_RESOURCE_ATTRIBUTES', 'team=a,hidden', 'OTEL_RESOURCE_ATTRIBUTES has a part that is not key=value'],
])('%s=%s: one warning, and the spans arrive', async (name, value, told) => {
  const { stderr } = await run({ [name]: value });
  expect(stderr.match(/\w*Warning:/g)).toEqual(['CostspanWarning:']);
  expect(stderr).toContain(told);
  expect(stderr).not.toContain('hidden');
  expect(namesOf(stage.sink.spans)).toEqual([CHAT]);
});

it('warns of a sampler, and of a ratio, that is none', async () => {
  const sampled = { COSTSPAN_EXPORT: 'sampled' };
  const unknown = await run({ ...sampled, OTEL_TRACES_SAMPLER: 'most' });
  expect(unknown.stderr).toContain('OTEL_TRACES_SAMPLER names most');
  const odd = await run({ ...sampled, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '10%' });
  expect(odd.stderr).toContain('OTEL_TRACES_SAMPLER_ARG=10% is no number from 0 to 1');
  expect(namesOf(stage.sink.spans)).toEqual([CHAT, CHAT]);
});

it.each([
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '7' }, '[{"role'],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '7', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '2' }, '[{'],
])('limits of attributes cut captured content, and nothing that is counted by: %o', async (limit, text) => {
  await run({});
  const [whole] = stage.sink.spans;
  stage.clear();
  await run({
    ...limit,
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
  });
  expect(stage.sink.spans[0]?.attributes).toEqual({
    ...whole?.attributes,
    'gen_ai.input.messages': text,
    'gen_ai.output.messages': text,
    'gen_ai.response.id': expect.any(String),
  });
});

it('tells what fails where OTEL_LOG_LEVEL asks for it, once, and else nothing', async () => {
  stage.sink.setMode('unavailable');
  const env = { OTEL_BSP_SCHEDULE_DELAY: '50', COSTSPAN_EXIT_WAIT_MS: '50' };
  expect((await run(env, 'after a while')).stderr).toBe('');
  expect((await run({ ...env, OTEL_LOG_LEVEL: 'error' }, 'after a while')).stderr).toBe('');
  // What an address may hold of secrets is not told.
  const OTEL_EXPORTER_OTLP_ENDPOINT = stage.sink.endpoint.replace('//', '//me:hidden@');
  const told = { ...env, OTEL_LOG_LEVEL: 'DEBUG', OTEL_EXPORTER_OTLP_ENDPOINT };
  const { stderr } = await run(told, 'after a while');
  expect(stderr.match(/costspan: .*/g)).toEqual([
    `costspan: exporting spans to ${stage.sink.endpoint}/v1/traces failed: Error: the receiver answered 503`,
  ]);
});

describe('TLS', () => {
  const pem = (name: string) => join(import.meta.dirname, '../../packages/processor/test/fixtures/tls', name);
  let server: Server;
  let clients: (string | undefined)[];

  async function listen(asksForClient: boolean): Promise<string> {
    clients = [];
    const [key, cert, ca] = ['server.key', 'server.crt', 'ca.crt'].map((name) => readFileSync(pem(name)));
    server = createServer({ key, cert, ca, requestCert: asksForClient }, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      clients.push(String(subject?.CN));
      request.resume().on('end', () => response.end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };

  it.each(ENDS)('trusts OTEL_EXPORTER_OTLP_CERTIFICATE, or NODE_EXTRA_CA_CERTS: %s', async (end) => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = await listen(false);
    await run({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_CERTIFICATE: pem('ca.crt') }, end);
    await run({ OTEL_EXPORTER_OTLP_ENDPOINT, NODE_EXTRA_CA_CERTS: pem('ca.crt') }, end);
    expect(clients).toEqual(['undefined', 'undefined']);
    await run({ OTEL_EXPORTER_OTLP_ENDPOINT, COSTSPAN_EXIT_WAIT_MS: '500' }, end);
    expect(clients).toHaveLength(2);
    await close();
  });

  it.each(ENDS)('shows its own certificate, and skips checks as Node does: %s', async (end) => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: await listen(true),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pem('client.crt'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: pem('client.key'),
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    };
    await run(env, end);
    expect(clients).toEqual(['client']);
    await close();
  });

  it('a file that is not there is told, and plain HTTP does not look for it', async () => {
    const OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE = join(import.meta.dirname, 'no.pem');
    expect((await run({ OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE })).stderr).toBe('');
    expect(namesOf(stage.sink.spans)).toEqual([CHAT]);
    const { stderr } = await run({
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
      OTEL_EXPORTER_OTLP_ENDPOINT: await listen(false),
      NODE_EXTRA_CA_CERTS: pem('ca.crt'),
    });
    expect(stderr).toContain('Fix: set OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE to a PEM file');
    expect(clients).toHaveLength(1);
    await close();
  });
});

it.each(ENDS)('goes through the proxy that Node itself uses: %s', async (end) => {
  const asked: string[] = [];
  const proxy = createHttpServer();
  // Node opens a tunnel for either scheme, or sends the whole URL.
  proxy.on('request', (request, response) => {
    asked.push(String(request.url));
    request.resume().on('end', () => response.end('{}'));
  });
  proxy.on('connect', (request, socket) => {
    asked.push(String(request.url));
    const { port } = new URL(stage.sink.endpoint);
    const onward = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  await run(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318',
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NO_PROXY: '127.0.0.1',
    },
    end,
  );
  expect(asked).toEqual([expect.stringContaining('collector.test:4318')]);
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});
