import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireCollector, suffixOf } from '../real-parts.ts';
import { type CollectorProcess, startCollector } from './collector.ts';
import { callAttributes, encodeTraces, postTraces, randomTraceId, type SpanParts } from './otlp.ts';
import { type ProcessorProcess, readSum, startProcessor } from './stack.ts';

const collector = requireCollector();

/** What several processors together must say as one would. */
const TOTALS = [
  'llm_calls_total',
  'llm_cost_usd_total',
  'llm_tokens_total',
  'llm_tasks_total',
  'llm_task_cost_usd_total',
  'llm_wasted_cost_usd_total',
];

/** Sums of those metrics over processors, by series; what nobody has counted yet is left out. */
async function sumTotals(metrics: readonly string[]): Promise<Record<string, number>> {
  const totals = new Map<string, number>();
  for (const url of metrics) {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const line of text.split('\n')) {
      const [series, value] = [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' '))),
      ];
      if (!TOTALS.some((name) => series.startsWith(`${name}{`)) || value === 0) continue;
      totals.set(series, (totals.get(series) ?? 0) + value);
    }
  }
  // The last digits of a sum of doubles depend on its order.
  return Object.fromEntries([...totals].map(([series, value]) => [series, Number(value.toFixed(9))]).sort());
}

interface Node {
  readonly ports: { readonly http: number; readonly grpc: number; readonly metrics: number };
  readonly folder: string;
  process: ProcessorProcess | undefined;
}

describe.skipIf(collector.path === undefined)(
  `several processors behind the router${suffixOf(collector)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-scaled-'));
    const nodes: Node[] = [];
    let one: ProcessorProcess | undefined;
    let router: CollectorProcess | undefined;
    let nextTask = 0;

    async function addNode(): Promise<Node> {
      const ports = { http: await findFreePort(), grpc: await findFreePort(), metrics: await findFreePort() };
      const node = { ports, folder: join(folder, `processor-${nodes.length}`), process: undefined };
      mkdirSync(node.folder);
      nodes.push(node);
      return node;
    }
    async function start(node: Node): Promise<void> {
      node.process = await startProcessor(node.folder, {
        ports: node.ports,
        isDurable: true,
      });
    }
    async function startRouter(): Promise<void> {
      router = await startCollector({
        path: collector.path!,
        config: 'otel-collector-scaled.yaml',
        folder: join(folder, 'router'),
        env: { COSTSPAN_PROCESSORS: `[${nodes.map(({ ports }) => `127.0.0.1:${ports.grpc}`).join(', ')}]` },
        overrides: [
          'exporters::load_balancing/costspan::retry_on_failure::initial_interval: 200ms',
          'exporters::load_balancing/costspan::retry_on_failure::max_interval: 500ms',
        ],
      });
    }

    beforeAll(async () => {
      mkdirSync(join(folder, 'one'));
      one = await startProcessor(join(folder, 'one'));
      for (let index = 0; index < 3; index += 1) await start(await addNode());
      await startRouter();
    });
    afterAll(async () => {
      await router?.process.stop();
      for (const { process } of nodes) await process?.process.stop();
      await one?.process.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** A task whose calls are of two traces, one of them shared with its neighbour. */
    function makeTask(sharedTraceId: string): SpanParts[] {
      const id = `ticket-${nextTask}`;
      nextTask += 1;
      const task = { 'costspan.task.id': id, 'costspan.task.name': 'answer' };
      const outcome = nextTask % 3 === 0 ? 'failure' : 'success';
      const own = randomTraceId();
      return [
        { traceId: sharedTraceId, attributes: callAttributes(0.001, task) },
        { traceId: own, attributes: callAttributes(0.002 + nextTask / 1e6, task) },
        {
          traceId: own,
          name: 'task answer',
          attributes: { ...task, 'costspan.feature': 'support', 'costspan.task.outcome': outcome },
        },
      ];
    }

    /** The same spans for the router and for the one processor, each span in a request of a random few. */
    async function send(pairs: number): Promise<void> {
      for (let pair = 0; pair < pairs; pair += 1) {
        const shared = randomTraceId();
        const outside = { attributes: callAttributes(0.0005) };
        const [first, second] = [makeTask(shared), makeTask(shared)];
        // Both tasks' spans of one trace are in one request, the others in another.
        const requests = [
          [first[0]!, second[0]!, outside],
          [...first.slice(1), ...second.slice(1)],
        ];
        for (const spans of requests) {
          const body = encodeTraces(spans);
          expect([await postTraces(router!.otlp, body), await postTraces(one!.otlp, body)]).toEqual([
            200, 200,
          ]);
        }
      }
    }

    const settled = () => readSum(one!.metrics, 'llm_tasks_total');
    async function agree(): Promise<void> {
      await expect.poll(settled).toBe(nextTask);
      const expected = await sumTotals([one!.metrics]);
      await expect
        .poll(() => sumTotals(nodes.flatMap(({ process }) => process?.metrics ?? [])))
        .toEqual(expected);
    }

    it('say the same as one, each task being with one of them', async () => {
      await send(30);
      await agree();
      const shares = await Promise.all(
        nodes.map(({ process }) => readSum(process!.metrics, 'llm_calls_total')),
      );
      expect(Math.min(...shares)).toBeGreaterThan(0);
    });

    it("count a service's call through a gateway once, though its part goes elsewhere", async () => {
      const sum = async (name: string): Promise<number> => {
        const values = await Promise.all(nodes.map(({ process }) => readSum(process!.metrics, name)));
        return values.reduce((total, value) => total + value, 0);
      };
      const [calls, received] = [
        await sum('llm_calls_total'),
        await sum('costspan_processor_spans_received_total'),
      ];
      for (let index = 0; index < 10; index += 1) {
        const traceId = randomTraceId();
        const task = { 'costspan.task.id': `relayed-${index}`, 'costspan.task.name': 'answer' };
        const spans = [
          { traceId, attributes: callAttributes(0.001, task) },
          { traceId, attributes: { ...callAttributes(0.001), 'costspan.relayed': true } },
        ];
        await postTraces(router!.otlp, encodeTraces(spans, { scope: '@costspan/instrumentation' }));
      }
      await expect.poll(() => sum('costspan_processor_spans_received_total')).toBe(received + 20);
      expect(await sum('llm_calls_total')).toBe(calls + 10);
      // The one has to have as much.
      const same = Array.from({ length: 10 }, (_, index) => ({
        attributes: callAttributes(0.001, {
          'costspan.task.id': `relayed-${index}`,
          'costspan.task.name': 'answer',
        }),
      }));
      await postTraces(one!.otlp, encodeTraces(same));
    });

    it('say the same after one of them was killed, was away for a while and came back', async () => {
      const [, killed] = nodes;
      await send(10);
      await killed!.process!.process.stop({ signal: 'SIGKILL' });
      killed!.process = undefined;
      await send(20);
      // Its tasks wait in the router: nobody else counts them.
      await expect.poll(settled).toBe(nextTask);
      await start(killed!);
      await agree();
    });

    it('say the same after one of them was added', async () => {
      await start(await addNode());
      await router!.process.stop();
      await startRouter();
      await send(30);
      await agree();
      expect(await readSum(nodes[3]!.process!.metrics, 'llm_calls_total')).toBeGreaterThan(0);
    });
  },
);
