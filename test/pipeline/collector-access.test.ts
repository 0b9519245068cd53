import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireCollector, suffixOf } from '../real-parts.ts';
import { CONFIG_FOLDER, type CollectorProcess, startCollector } from './collector.ts';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import { type ProcessorProcess, startProcessor } from './stack.ts';

const collector = requireCollector();
const INGEST = 'ingest-0123456789abcdef';
const READ = 'read-0123456789abcdef';
const config = readFileSync(join(CONFIG_FOLDER, 'deploy', 'kubernetes', 'base', 'costspan.yaml'), 'utf8');

describe.skipIf(collector.path === undefined)(
  `the tokens of the Kubernetes manifests${suffixOf(collector)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-access-'));
    let processor: ProcessorProcess;
    const gateways: CollectorProcess[] = [];

    const startGateway = async (token: string) => {
      const gateway = await startCollector({
        path: collector.path!,
        config: 'otel-collector.yaml',
        folder: join(folder, token),
        env: { COSTSPAN_PROCESSOR_URL: processor.otlp, COSTSPAN_PROCESSOR_TOKEN: token },
      });
      gateways.push(gateway);
      return gateway;
    };
    const scrape = async (token: string) => {
      const response = await fetch(`${processor.metrics}/metrics`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return { status: response.status, text: await response.text() };
    };

    beforeAll(async () => {
      processor = await startProcessor(folder, {
        config,
        env: { COSTSPAN_INGEST_TOKEN: INGEST, COSTSPAN_READ_TOKEN: READ },
      });
    });
    afterAll(async () => {
      for (const gateway of gateways) await gateway.process.stop();
      await processor?.process.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('let the Collector in to send and Prometheus in to read, and nobody the other way round', async () => {
      const gateway = await startGateway(INGEST);
      await postTraces(gateway.otlp, encodeTraces([{ attributes: callAttributes(0.5) }]));
      const cost = async () => /^llm_cost_usd_total\{.*\} (\S+)$/m.exec((await scrape(READ)).text)?.[1];
      await expect.poll(cost).toBe('0.5');
      expect((await scrape(INGEST)).status).toBe(403);
      expect((await scrape('nobody')).status).toBe(401);
      expect((await fetch(`${processor.metrics}/readyz`)).status).toBe(200);
    });

    it('show a wrong one where the operator looks: in the counters of both, and in the log', async () => {
      const gateway = await startGateway('wrong-0123456789abcdef');
      await postTraces(gateway.otlp, encodeTraces([{ attributes: callAttributes(0.5) }]));
      // What LLMCollectorLosesSpans and LLMProcessorRejects fire on.
      await expect
        .poll(() => gateway.readOwn('otelcol_exporter_send_failed_spans', 'otlp_http/costspan'))
        .toBe(1);
      expect(gateway.process.stderr()).toContain('401');
      expect((await scrape(READ)).text).toMatch(/^costspan_processor_rejected_total\{reason="\w+"\} [1-9]/m);
    });
  },
);
