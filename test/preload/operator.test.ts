import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, isObject, type ProviderServer, readNumber } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, namesOf, REGISTER_PATH, Stage } from './preload.ts';

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await Stage.start();
  folder = mkdtempSync(join(tmpdir(), 'costspan-operator-'));
});
beforeEach(() => stage.clear());
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The lines of standard error that are warnings. */
const warningsIn = (stderr: string): string[] => stderr.split('\n').filter((line) => /Warning:/.test(line));
const ANSWERED = { exitCode: 0, stdout: 'chat.completion message\n' };

describe('a wrong configuration: one warning with the place and the fix, and the application goes on', () => {
  it.each([
    ['an unknown key', 'taskz: {}\n', /costspan\.yaml:1:1 COSTSPAN_CONFIG_UNKNOWN_KEY/],
    ['no YAML', 'a: [1\n', /COSTSPAN_CONFIG_SYNTAX/],
    ['a wrong value', 'tasks: { settle_after: soon }\n', /costspan\.yaml:1:\d+ COSTSPAN_CONFIG_WRONG/],
    ['no file', undefined, /COSTSPAN_CONFIG_UNREADABLE/],
  ])('%s', async (_title, text, expected) => {
    const path = join(folder, 'costspan.yaml');
    rmSync(path, { force: true });
    if (text !== undefined) writeFileSync(path, text);
    const result = await stage.run({ app: [fixture('calls.cjs')], env: { COSTSPAN_CONFIG: path } });
    expect(result).toMatchObject(ANSWERED);
    expect(warningsIn(result.stderr)).toEqual([expect.stringMatching(/CostspanWarning/)]);
    expect(result.stderr).toMatch(expected);
    expect(namesOf(stage.callSpans())).toEqual(['chat claude-haiku-4-5', 'chat gpt-4o-mini']);
  });

  it.each([
    ['COSTSPAN_ENABLED', 'perhaps'],
    ['COSTSPAN_METRICS_PORT', 'http'],
    ['COSTSPAN_EXIT_WAIT_MS', 'soon'],
    ['COSTSPAN_EXIT_WAIT_MS', '0'],
    ['COSTSPAN_EXIT_WAIT_MS', '600001'],
    ['COSTSPAN_EXPORT', 'some'],
    ['COSTSPAN_INJECT_STREAM_USAGE', 'perhaps'],
    ['COSTSPAN_UNKNOWN_HOSTS', 'perhaps'],
    ['COSTSPAN_LLM_GATEWAYS', 'llm.internal,http://llm.internal:4000/v1'],
    ['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'perhaps'],
  ])('%s=%s', async (name, value) => {
    const result = await stage.run({ app: [fixture('calls.cjs')], env: { [name]: value } });
    expect(result).toMatchObject(ANSWERED);
    expect(warningsIn(result.stderr)).toEqual([expect.stringContaining(`${name}=${value}`)]);
    expect(stage.callSpans().length).toBe(2);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=hidden,x-ok=1', '"a b"'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-bad=hidden%0A,x-ok=1', '"x-bad"'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'hidden,x-ok=1', 'not name=value'],
  ])('%s=%s: the headers that can be sent are', async (name, value, told) => {
    const result = await stage.run({ app: [fixture('calls.cjs')], env: { [name]: value } });
    expect(result).toMatchObject(ANSWERED);
    expect(warningsIn(result.stderr)).toEqual([expect.stringContaining(told)]);
    expect(result.stderr).not.toContain('hidden');
    expect(stage.callSpans().length).toBe(2);
    for (const { headers } of stage.sink.requests) expect(headers).toMatchObject({ 'x-ok': '1' });
  });

  it.each([
    ['localhost:4318', 'localhost:4318/v1/traces'],
    ['http://', 'http://'],
  ])('an endpoint that is no address of HTTP: %s', async (endpoint, told) => {
    const result = await stage.run({
      app: [fixture('calls.cjs')],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    });
    expect(result).toMatchObject(ANSWERED);
    expect(warningsIn(result.stderr)).toEqual([
      expect.stringContaining(`to ${told}, which is no http or https address. Fix: set `),
    ]);
  });

  it('is told once, not again by every worker thread', async () => {
    const result = await stage.run({
      app: [fixture('worker.mjs'), 'calls.cjs'],
      env: { COSTSPAN_EXPORT: 'some' },
    });
    expect(result).toMatchObject(ANSWERED);
    expect(warningsIn(result.stderr).length).toBe(1);
  });
});

describe('an SDK outside the versions that costspan knows', () => {
  const source = `class OpenAI { constructor() { this.answer = 42; } post() { return 'posted'; } }`;
  const app = (load: string) => `${load}\nfor (let i = 0; i < 2; i += 1) console.log(new OpenAI().post());`;

  it.each([
    [
      'CommonJS',
      'index.js',
      `${source}\nmodule.exports = { OpenAI };`,
      'app.cjs',
      app(`const { OpenAI } = require('openai');`),
    ],
    [
      'ES module',
      'index.mjs',
      `${source}\nexport { OpenAI };`,
      'app.mjs',
      app(`import { OpenAI } from 'openai';`),
    ],
  ])('%s: one warning that names it, and it works as before', async (format, main, text, name, code) => {
    const root = join(folder, `future-${format.replace(/ /g, '-')}`);
    const sdk = join(root, 'node_modules', 'openai');
    mkdirSync(sdk, { recursive: true });
    writeFileSync(
      join(sdk, 'package.json'),
      JSON.stringify({ name: 'openai', version: '99.0.0', main, exports: `./${main}` }),
    );
    writeFileSync(join(sdk, main), text);
    writeFileSync(join(sdk, 'client.js'), text);
    writeFileSync(join(root, name), code);
    const flags = ['--require', REGISTER_PATH];
    const result = await stage.run({ flags, app: [join(root, name)], cwd: root });
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({
      exitCode: 0,
      stdout: 'posted\nposted\n',
    });
    expect(warningsIn(result.stderr)).toEqual([expect.stringMatching(/openai 99\.0\.0/)]);
    expect(stage.sink.requests).toEqual([]);
  });
});

describe('the permission model', () => {
  const app = [fixture('ends.cjs'), 'process.exit'];
  const flags = ['--permission', '--allow-fs-read=*', '--require', REGISTER_PATH];

  it('that forbids the thread for the last post is one warning with the fix', async () => {
    const result = await stage.run({ app, flags });
    expect(result.exitCode).toBe(3);
    expect(warningsIn(result.stderr)).toEqual([expect.stringContaining('--allow-worker')]);
    expect(stage.callSpans()).toEqual([]);
  });

  it.each([
    ['plain', {}],
    ['compressed', { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }],
  ])('that forbids it loses nothing where a connection is open: %s', async (_title, env) => {
    const later = [fixture('ends-later.cjs')];
    const result = await stage.run({
      app: later,
      flags,
      env: { ...env, OTEL_BSP_SCHEDULE_DELAY: '50' },
    });
    expect(result.exitCode).toBe(3);
    await stage.sink.waitForSpans(2);
    expect(namesOf(stage.callSpans())).toEqual(['chat gpt-4o-mini', 'chat gpt-4o-mini']);
  });

  it('that allows it is none, and nothing is lost', async () => {
    const result = await stage.run({ app, flags: [...flags, '--allow-worker'] });
    expect(result).toMatchObject({ exitCode: 3 });
    expect(result.stderr).not.toContain('COSTSPAN');
    expect(namesOf(stage.callSpans())).toEqual(['chat gpt-4o-mini']);
  });
});

describe('COSTSPAN_METRICS_PORT', () => {
  const scrape = async (port: number): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const sum = (text: string, name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );

  /** gpt-4o-mini by hand: 0.15 USD a million of input, half of it where cached, 0.60 of output. */
  function bill(provider: ProviderServer): number {
    return provider.log.reduce((total, { usage }) => {
      const details = usage?.prompt_tokens_details;
      const cached = isObject(details) ? (readNumber(details.cached_tokens) ?? 0) : 0;
      const input = readNumber(usage?.prompt_tokens) ?? 0;
      return (
        total +
        ((input - cached) * 0.15 + cached * 0.075 + (readNumber(usage?.completion_tokens) ?? 0) * 0.6) / 1e6
      );
    }, 0);
  }

  it('is not shared by the processes of a cluster: one serves its own, the others are told', async () => {
    const port = await findFreePort();
    const running = stage.launch({
      app: [fixture('cluster.cjs')],
      env: { COSTSPAN_METRICS_PORT: String(port) },
    });
    await running.waitForEvent('ready');
    const seen: number[] = [];
    for (let scrapes = 0; scrapes < 4; scrapes += 1) seen.push(sum(await scrape(port), 'llm_calls_total'));
    expect(seen).toEqual([1, 1, 1, 1]);
    await expect.poll(() => warningsIn(running.stderr())).toHaveLength(1);
    expect(running.stderr()).toContain(`cannot serve metrics on port ${port}`);
    await running.stop();
  });

  it('serves what was spent, to the invariants, and does not keep the process alive', async () => {
    const own = await Stage.start();
    const port = await findFreePort();
    const config = join(folder, 'metrics.yaml');
    writeFileSync(config, 'tasks: { settle_after: 2s, settle_quiet: 1s }\n');
    const running = own.launch({
      app: [fixture('in-process.mjs')],
      env: { COSTSPAN_METRICS_PORT: String(port), COSTSPAN_CONFIG: config },
    });
    try {
      await running.waitForEvent('ready');
      await expect.poll(async () => sum(await scrape(port), 'llm_tasks_total')).toBe(5);
      const text = await scrape(port);
      expect(sum(text, 'llm_calls_total')).toBe(5);
      expect(sum(text, 'llm_cost_usd_total')).toBeCloseTo(bill(own.provider), 12);
      expect(sum(text, 'llm_task_cost_usd_total') + sum(text, 'llm_task_unsettled_cost_usd')).toBeCloseTo(
        sum(text, 'llm_cost_usd_total'),
        12,
      );
      const other = await fetch(`http://127.0.0.1:${port}/other`);
      expect(other.status).toBe(404);
      // The service closes its own server; a scraper's connection is still open.
      const ended = await running.stop();
      expect({ exitCode: ended.exitCode, signal: ended.signal, stderr: ended.stderr }).toEqual({
        exitCode: 0,
        signal: undefined,
        stderr: '',
      });
    } finally {
      await own.close();
    }
  });

  it('warns once where the port is taken, and the application goes on', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const result = await stage.run({
      app: [fixture('calls.mjs')],
      env: { COSTSPAN_METRICS_PORT: String(port) },
    });
    holder.close();
    expect(result).toMatchObject(ANSWERED);
    expect(warningsIn(result.stderr)).toEqual([expect.stringContaining(`port ${port}`)]);
  });
});
