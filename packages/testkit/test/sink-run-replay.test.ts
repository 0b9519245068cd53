import { existsSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import {
  type OtlpSink,
  readRecording,
  replay,
  run,
  startOtlpSink,
  startProcess,
  startProviderServer,
} from '../src/index.ts';

let sink: OtlpSink | undefined;
afterEach(async () => {
  await sink?.close();
  sink = undefined;
});

const payload = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'costspan', version: '1' },
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name: 'chat gpt-4o-mini',
              kind: 3,
              startTimeUnixNano: '1700000000000500000',
              endTimeUnixNano: '1700000001000000000',
              status: { code: 2, message: 'no' },
              attributes: [
                { key: 'gen_ai.usage.input_tokens', value: { intValue: '42' } },
                { key: 'reasons', value: { arrayValue: { values: [{ stringValue: 'stop' }] } } },
              ],
              events: [{ name: 'done', timeUnixNano: '1700000001000000000', attributes: [] }],
            },
          ],
        },
      ],
    },
  ],
};

const post = (endpoint: string, init: RequestInit) =>
  fetch(`${endpoint}/v1/traces`, { method: 'POST', ...init });

test('the sink gives spans as plain objects, from plain and gzip bodies', async () => {
  sink = await startOtlpSink();
  const headers = { 'content-type': 'application/json' };
  await post(sink.endpoint, { headers, body: JSON.stringify(payload) });
  await post(sink.endpoint, {
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(payload)),
  });
  const [first, second] = await sink.waitForSpans(2);
  expect(second).toEqual(first);
  expect(first).toEqual({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    parentSpanId: undefined,
    name: 'chat gpt-4o-mini',
    kind: 'client',
    startMs: 1700000000000.5,
    endMs: 1700000001000,
    status: { code: 'error', message: 'no' },
    attributes: { 'gen_ai.usage.input_tokens': 42, reasons: ['stop'] },
    attributeTypes: { 'gen_ai.usage.input_tokens': 'int', reasons: 'array' },
    events: [{ name: 'done', timeMs: 1700000001000, attributes: {} }],
    resource: { 'service.name': 'shop' },
    scope: { name: 'costspan', version: '1' },
  });
});

test('the sink fails when it is told to, and says what came when spans are missing', async () => {
  sink = await startOtlpSink();
  sink.setMode('unavailable');
  expect((await post(sink.endpoint, { body: '{}' })).status).toBe(503);
  sink.setMode('reset');
  await expect(post(sink.endpoint, { body: '{}' })).rejects.toThrow('fetch failed');
  sink.setMode('hang');
  await expect(post(sink.endpoint, { body: '{}', signal: AbortSignal.timeout(100) })).rejects.toThrow(
    'timeout',
  );
  await expect(sink.waitForSpans(1, { timeoutMs: 50 })).rejects.toThrow('1 spans expected, 0 came');
});

test('run gives output, exit code, signal, and kills what takes too long', async () => {
  const node = process.execPath;
  expect(await run(node, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'])).toEqual({
    exitCode: 3,
    signal: undefined,
    stdout: 'out\n',
    stderr: 'err\n',
    isTimedOut: false,
  });
  expect(await run(node, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })).toMatchObject({
    signal: 'SIGKILL',
    isTimedOut: true,
  });
  expect((await run('no-such-command', [])).stderr).toContain('ENOENT');
});

test('startProcess waits for an event line and stops what it started', async () => {
  const script =
    'console.log("noise"); console.log(JSON.stringify({ event: "ready", port: 1 })); setInterval(() => {}, 1000)';
  const running = startProcess(process.execPath, ['-e', script]);
  expect(await running.waitForEvent('ready')).toEqual({ event: 'ready', port: 1 });
  expect((await running.stop()).signal).toBe('SIGTERM');
  const ended = startProcess(process.execPath, ['-e', 'process.exit(4)']);
  await expect(ended.waitForEvent('ready')).rejects.toThrow('it ended with 4');
});

const recordings = new URL('../../../../shared/recordings/', import.meta.url);
const hasRecordings = existsSync(recordings);
if (!hasRecordings) console.log('skipped: replay of recordings, because ../shared/recordings is not there');

test.skipIf(!hasRecordings)(
  'every recording is served byte for byte with its status and content type',
  async () => {
    const provider = await startProviderServer();
    const files = readdirSync(recordings).filter((name) => name.endsWith('.json') && name !== 'index.json');
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const recording = readRecording(new URL(file, recordings).pathname);
      provider.setScript(replay(recording));
      const reply = await fetch(provider.origin + recording.request.path, { method: 'POST', body: '{}' });
      const bytes = Buffer.from(await reply.arrayBuffer());
      expect([file, reply.status, bytes.equals(Buffer.concat(recording.chunks))]).toEqual([
        file,
        recording.status,
        true,
      ]);
      expect(reply.headers.get('content-type')).toBe(recording.headers['content-type'] ?? null);
      // Where a blank line stands before an event, the body has been cut there.
      if (/\n\r?\n(data|event):/.test(bytes.toString('latin1')))
        expect(recording.chunks.length).toBeGreaterThan(1);
    }
    await provider.close();
  },
);
