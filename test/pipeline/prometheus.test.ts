import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, Stage } from '../preload/preload.ts';
import { requirePart, suffixOf } from '../real-parts.ts';
import { billUsd } from './bill.ts';
import { type ProcessorProcess, type PrometheusProcess, startProcessor, startPrometheus } from './stack.ts';

const REQUESTS = 20;
const part = requirePart('prometheus');

describe.skipIf(part.path === undefined)(
  `an application, the processor and a real Prometheus${suffixOf(part)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-pipeline-'));
    let stage: Stage | undefined;
    let processor: ProcessorProcess | undefined;
    let prometheus: PrometheusProcess | undefined;
    let expectedUsd = 0;
    let expectedTicketsUsd = 0;

    beforeAll(async () => {
      stage = await Stage.start();
      processor = await startProcessor(folder);
      prometheus = await startPrometheus(part.path!, { folder, target: processor.metrics });
      // Scraped before the first call, as a processor in production is.
      await until(async () => (await prometheus!.query('up'))[0] === 1);
      const result = await stage.run({
        app: [fixture('served.mjs'), 'none', String(REQUESTS)],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: processor.otlp, OTEL_SERVICE_NAME: 'shop' },
      });
      expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
      expectedUsd = stage.provider.log.reduce((total, reply) => total + billUsd(reply), 0);
      const tickets = stage.provider.log.filter(({ requestModel }) => requestModel === 'gpt-4o-mini');
      expectedTicketsUsd = tickets.reduce((total, reply) => total + billUsd(reply), 0);
    });

    afterAll(async () => {
      await prometheus?.process.stop();
      await processor?.process.stop();
      await stage?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** The query's values once they are as many as expected and no longer change with the next scrapes. */
    const settled = (expression: string, matches: (value: number) => boolean) =>
      expect.poll(async () => (await prometheus!.query(expression)).map(matches));

    it('knows what all calls cost, to the last digit that the bill has', async () => {
      await settled('sum(llm_calls_total)', (value) => value === REQUESTS + 1).toEqual([true]);
      const [cost] = await prometheus!.query('sum(llm_cost_usd_total)');
      expect(cost).toBeCloseTo(expectedUsd, 12);
      expect(await prometheus!.query('sum(llm_unpriced_calls_total) or vector(0)')).toEqual([0]);
    });

    it('knows how the tasks went and what each success cost', async () => {
      await settled('sum(llm_tasks_total{outcome="success"})', (value) => value === REQUESTS).toEqual([true]);
      await settled('sum(llm_tasks_total{outcome="failure"})', (value) => value === 1).toEqual([true]);
      const [perSuccess] = await prometheus!.query(
        'sum(llm_task_cost_usd_total) / sum(llm_tasks_total{outcome="success"})',
      );
      expect(perSuccess).toBeCloseTo(expectedUsd / REQUESTS, 12);
      expect(await prometheus!.query('sum(llm_task_unsettled_cost_usd) or vector(0)')).toEqual([0]);
    });

    it('records it by feature, as the shipped rule says', async () => {
      const rule = 'environment_feature:llm_cost_per_successful_task_usd:ratio_increase1h';
      const expected = expectedTicketsUsd / REQUESTS;
      // The counters are seen from their 0 on, so both increases are whole, and their extrapolations are the same.
      await settled(
        `${rule}{feature="/tickets/:id"}`,
        (value) => Math.abs(value / expected - 1) < 1e-6,
      ).toEqual([true]);
      // A feature without a success has no cost of one: unknown, not 0.
      expect(await prometheus!.query(`${rule}{feature="/broken"}`)).toEqual([]);
    });
  },
);
