import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, Stage } from '../preload/preload.ts';
import { requireCollector, suffixOf } from '../real-parts.ts';
import { billUsd } from './bill.ts';
import { type CollectorProcess, startCollector } from './collector.ts';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import { readSum } from './stack.ts';

const collector = requireCollector();
const REQUESTS = 10;

describe.skipIf(collector.path === undefined)(`a Collector without a processor${suffixOf(collector)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-bare-'));
  let stage: Stage;
  let bare: CollectorProcess;
  let metrics = '';

  beforeAll(async () => {
    stage = await Stage.start();
    const port = await findFreePort();
    metrics = `http://127.0.0.1:${port}`;
    bare = await startCollector({
      path: collector.path!,
      config: 'otel-collector-bare.yaml',
      folder,
      env: { COSTSPAN_METRICS_PORT: String(port) },
      overrides: ['connectors::span_metrics::metrics_flush_interval: 500ms'],
    });
    const result = await stage.run({
      app: [fixture('served.mjs'), 'none', String(REQUESTS)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: bare.otlp, OTEL_SERVICE_NAME: 'shop' },
    });
    expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
  afterAll(async () => {
    await bare?.process.stop();
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const settles = (name: string, value: number) => expect.poll(() => readSum(metrics, name)).toBe(value);

  it('counts calls, tokens, money and outcomes under the names of the processor', async () => {
    const { log } = stage.provider;
    await settles('llm_calls_total', REQUESTS + 1);
    const billedUsd = log.reduce((total, reply) => total + billUsd(reply), 0);
    await expect.poll(() => readSum(metrics, 'llm_cost_usd_total')).toBeCloseTo(billedUsd, 12);
    const tokens = log.map(({ usage }) => Number(usage?.total_tokens));
    await settles(
      'llm_tokens_total',
      tokens.reduce((total, count) => total + count, 0),
    );
    await settles('llm_tasks_total', REQUESTS + 1);
    expect(await readSum(metrics, 'llm_unpriced_calls_total')).toBe(0);
    await settles('llm_span_duration_seconds_count', 2 * (REQUESTS + 1));
    const text = await (await fetch(`${metrics}/metrics`)).text();
    expect(text).toMatch(
      /^llm_calls_total\{.*feature="\/tickets\/:id".*model="gpt-4o-mini.*service="shop",status="ok"/m,
    );
    expect(text).toMatch(/^llm_tasks_total\{.*feature="\/broken"/m);
  });

  it('says which calls had no price, and counts twice what arrives twice, as its page admits', async () => {
    const before = await readSum(metrics, 'llm_cost_usd_total');
    const { 'gen_ai.usage.cost.amount': _, ...unpriced } = callAttributes(0);
    const batch = encodeTraces([
      { attributes: callAttributes(0.25) },
      { attributes: { ...unpriced, 'costspan.cost.reason': 'unknown_model' } },
      // The service that has sent it to the gateway tells it.
      { attributes: { ...callAttributes(0.5), 'costspan.relayed': true } },
    ]);
    await postTraces(bare.otlp, batch);
    await postTraces(bare.otlp, batch);
    await expect.poll(() => readSum(metrics, 'llm_cost_usd_total')).toBeCloseTo(before + 0.5, 9);
    await settles('llm_unpriced_calls_total', 2);
  });
});
