import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireCollector, suffixOf } from '../real-parts.ts';
import { type CollectorProcess, startCollector } from './collector.ts';
import { type Attributes, callAttributes, encodeLogs, encodeTraces, postLogs, postTraces } from './otlp.ts';
import { type ProcessorProcess, readSum, startProcessor } from './stack.ts';

const collector = requireCollector();
const CONFIG = `tasks:
  settle_after: 10m
  settle_quiet: 1s
  outcome:
    - { when: { evaluation.name: relevance, evaluation.score: "<0.5" }, is: failure }
    - { when: { evaluation.name: relevance }, is: success }
`;
const EVALUATION = 'gen_ai.evaluation.result';

describe.skipIf(collector.path === undefined)(
  `evaluations as logs through gateway and router${suffixOf(collector)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-logs-'));
    let processor: ProcessorProcess;
    let router: CollectorProcess;
    let gateway: CollectorProcess;

    beforeAll(async () => {
      const ports = { http: await findFreePort(), grpc: await findFreePort(), metrics: await findFreePort() };
      mkdirSync(join(folder, 'processor'));
      processor = await startProcessor(join(folder, 'processor'), { ports, config: CONFIG });
      const path = collector.path!;
      router = await startCollector({
        path,
        config: 'otel-collector-scaled.yaml',
        folder: join(folder, 'router'),
        env: { COSTSPAN_PROCESSORS: `[127.0.0.1:${ports.grpc}]` },
      });
      gateway = await startCollector({
        path,
        config: 'otel-collector.yaml',
        folder: join(folder, 'gateway'),
        env: { COSTSPAN_PROCESSOR_URL: router.otlp },
      });
    });
    afterAll(async () => {
      await gateway?.process.stop();
      await router?.process.stop();
      await processor?.process.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const task = (id: string): Attributes => ({ 'costspan.task.id': id, 'costspan.task.name': 'answer' });
    const evaluation = (id: string, score: number): Attributes => ({
      ...task(id),
      'gen_ai.evaluation.name': 'relevance',
      'gen_ai.evaluation.score.value': score,
    });
    const tasks = (outcome: string) => readSum(processor.metrics, 'llm_tasks_total', `outcome="${outcome}"`);

    it('decide outcomes, and other logs are not the processor’s', async () => {
      const spans = ['good', 'bad'].flatMap((id) => [
        { attributes: callAttributes(0.01, task(id)) },
        { name: 'task answer', attributes: { ...task(id), 'costspan.feature': 'support' } },
      ]);
      expect(await postTraces(gateway.otlp, encodeTraces(spans))).toBe(200);
      const others = Array.from({ length: 5 }, () => ({ body: 'started', attributes: {} }));
      const evaluations = [
        { eventName: EVALUATION, attributes: evaluation('good', 0.9) },
        // Emitters without the field say the name in an attribute.
        { attributes: { ...evaluation('bad', 0.2), 'event.name': EVALUATION } },
      ];
      expect(await postLogs(gateway.otlp, encodeLogs([...others, ...evaluations]))).toBe(200);
      await expect.poll(async () => [await tasks('success'), await tasks('failure')]).toEqual([1, 1]);
      expect(await router.readOwn('otelcol_receiver_accepted_log_records')).toBe(2);
    });
  },
);
