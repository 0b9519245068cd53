import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort, until } from '@costspan/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Stage } from '../preload/preload.ts';
import { requireCollector, requirePart, suffixOf } from '../real-parts.ts';
import { billUsd } from './bill.ts';
import { type CollectorProcess, startCollector } from './collector.ts';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import {
  type ProcessorProcess,
  type PrometheusProcess,
  readSum,
  startProcessor,
  startPrometheus,
} from './stack.ts';

const collector = requireCollector();
const prometheusPart = requirePart('prometheus');
const isReady = collector.path !== undefined && prometheusPart.path !== undefined;
const why = `${suffixOf(collector)}${suffixOf(prometheusPart)}`;

const PACED = fileURLToPath(new URL('fixtures/paced.mjs', import.meta.url));
const CALLS = 120;
const PACE_MS = 40;

/** Retries within a test's patience. */
const IMPATIENT = [
  'exporters::otlp_http/costspan::retry_on_failure::initial_interval: 200ms',
  'exporters::otlp_http/costspan::retry_on_failure::max_interval: 500ms',
];

describe.skipIf(!isReady)(`an application, the Collector, the processor and Prometheus${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-loss-'));
  let stage: Stage | undefined;
  let gateway: CollectorProcess | undefined;
  let processor: ProcessorProcess | undefined;
  let prometheus: PrometheusProcess | undefined;
  let ports = { http: 0, grpc: 0, metrics: 0 };

  beforeAll(async () => {
    stage = await Stage.start();
    ports = { http: await findFreePort(), grpc: await findFreePort(), metrics: await findFreePort() };
    prometheus = await startPrometheus(prometheusPart.path!, {
      folder,
      target: `http://127.0.0.1:${ports.metrics}`,
    });
    gateway = await startCollector({
      path: collector.path!,
      config: 'otel-collector.yaml',
      folder: join(folder, 'gateway'),
      // Nobody is there: a trace store that is down is no business of the cost.
      env: {
        COSTSPAN_PROCESSOR_URL: `http://127.0.0.1:${ports.http}`,
        COSTSPAN_TRACE_STORE: `127.0.0.1:${await findFreePort()}`,
      },
      overrides: IMPATIENT,
    });
  });
  afterAll(async () => {
    await prometheus?.process.stop();
    await gateway?.process.stop();
    await processor?.process.stop();
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lose nothing and count nothing twice, whichever of the Collector and the processor is killed or down', async () => {
    const { provider } = stage!;
    const calls = (count: number) => until(() => provider.log.length > count);
    const app = stage!.launch({
      app: [PACED, String(CALLS), String(PACE_MS)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: gateway!.otlp, OTEL_BSP_SCHEDULE_DELAY: '100' },
    });
    // Nobody takes the spans from the Collector yet: they are on its disk when it dies.
    await calls(CALLS / 4);
    await until(async () => (await gateway!.readOwn('otelcol_exporter_queue_size')) > 0);
    gateway = await gateway!.restartAfterKill(() => calls(CALLS / 2));
    processor = await startProcessor(folder, { ports, isDurable: true });
    // It dies as well, with what it has counted, and is away for a while.
    await calls((CALLS * 3) / 4);
    await processor.process.stop({ signal: 'SIGKILL' });
    await calls((CALLS * 7) / 8);
    processor = await startProcessor(folder, { ports, isDurable: true });
    await app.waitForEvent('done');

    await expect.poll(() => prometheus!.query('sum(llm_tasks_total{outcome="success"})')).toEqual([CALLS]);
    const ended = await app.stop();
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await prometheus!.query('sum(llm_calls_total)')).toEqual([CALLS]);
    const [costUsd] = await prometheus!.query('sum(llm_cost_usd_total)');
    expect(costUsd).toBeCloseTo(
      provider.log.reduce((total, reply) => total + billUsd(reply), 0),
      12,
    );
    expect(await gateway.readOwn('otelcol_exporter_send_failed_spans', 'costspan')).toBe(0);
  });

  it('lose nothing while the processor is down for a minute', async () => {
    const { provider } = stage!;
    const [before] = await prometheus!.query('sum(llm_calls_total)');
    const billed = provider.log.length;
    await processor!.process.stop({ signal: 'SIGKILL' });
    const app = stage!.launch({
      app: [PACED, String(CALLS), String(PACE_MS)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: gateway!.otlp, OTEL_BSP_SCHEDULE_DELAY: '100' },
    });
    await app.waitForEvent('done');
    const ended = await app.stop();
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: '' });
    await sleep(60_000);
    expect(await gateway!.readOwn('otelcol_exporter_queue_size')).toBeGreaterThan(0);
    processor = await startProcessor(folder, { ports, isDurable: true });

    await expect.poll(() => prometheus!.query('sum(llm_calls_total)')).toEqual([before! + CALLS]);
    const addedUsd = provider.log.slice(billed).reduce((total, reply) => total + billUsd(reply), 0);
    expect(addedUsd).toBeGreaterThan(0);
    const allUsd = provider.log.reduce((total, reply) => total + billUsd(reply), 0);
    await expect
      .poll(() => prometheus!.query('sum(llm_cost_usd_total)'))
      .toEqual([expect.closeTo(allUsd, 12)]);
    expect(await gateway!.readOwn('otelcol_exporter_send_failed_spans', 'costspan')).toBe(0);
  });
});

describe.skipIf(collector.path === undefined)(`a Collector whose queue is full${suffixOf(collector)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-full-'));
  const running: { stop(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const process of running.splice(0)) await process.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses, so that the sender knows, counts what it refused and delivers the rest', async () => {
    mkdirSync(folder, { recursive: true });
    const ports = { http: await findFreePort(), grpc: await findFreePort(), metrics: await findFreePort() };
    const gateway = await startCollector({
      path: collector.path!,
      config: 'otel-collector.yaml',
      folder,
      env: { COSTSPAN_PROCESSOR_URL: `http://127.0.0.1:${ports.http}`, COSTSPAN_QUEUE_SPANS: '5000' },
      overrides: IMPATIENT,
    });
    running.push(gateway.process);
    const request = () =>
      encodeTraces(Array.from({ length: 500 }, () => ({ attributes: callAttributes(0.001) })));
    const statuses: number[] = [];
    for (let index = 0; index < 15; index += 1) {
      statuses.push(await postTraces(gateway.otlp, request()));
      await sleep(20);
    }
    const accepted = statuses.filter((status) => status === 200).length;
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(15);
    // OTLP's "try again": a sender that keeps its spans loses none.
    expect(new Set(statuses.filter((status) => status !== 200))).toEqual(new Set([503]));
    const refusedSpans = (15 - accepted) * 500;
    expect(await gateway.readOwn('otelcol_exporter_enqueue_failed_spans', 'costspan')).toBe(refusedSpans);
    expect(await gateway.readOwn('otelcol_receiver_refused_spans')).toBe(refusedSpans);

    const processor = await startProcessor(folder, { ports });
    running.push(processor.process);
    await expect.poll(() => readSum(processor.metrics, 'llm_calls_total')).toBe(accepted * 500);
    await sleep(500);
    expect(await readSum(processor.metrics, 'llm_cost_usd_total')).toBeCloseTo(accepted * 0.5, 9);
  });
});
