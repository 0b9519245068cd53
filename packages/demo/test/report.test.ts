import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { parseDemoArguments } from '../src/arguments.ts';
import { readFeatures } from '../src/report/features.ts';
import { scrapeMetrics } from '../src/report/metrics.ts';
import { formatExactUsd, formatUsd, renderTable } from '../src/report/table.ts';
import { planTraffic } from '../src/traffic/plan.ts';

const exposition = `# TYPE llm_calls_total counter
llm_calls_total{feature="/search",model="a",status="ok"} 3
llm_calls_total{feature="/search",model="b",status="error"} 1
llm_calls_total{feature="say \\"hi\\"",model="b",status="ok"} 1
llm_tokens_total{feature="/search",token_type="input"} 1200
llm_cost_usd_total{feature="/search",model="a"} 0.1
llm_cost_usd_total{feature="/search",model="b"} 2e-7
llm_task_cost_usd_total{feature="/search",outcome="success"} 0.1
llm_task_cost_usd_total{feature="/search",outcome="failure"} 2e-7
llm_tasks_total{feature="/search",outcome="success"} 2
llm_tasks_total{feature="/search",outcome="failure"} 1
llm_wasted_cost_usd_total{feature="/search",reason="failed_task"} 2e-7
llm_cache_savings_usd_total{feature="/search"} -0.000001
`;

test('a scrape becomes a table: cost per success carries the cost of the failures', async () => {
  const server = createServer((_, response) => void response.end(exposition));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const features = readFeatures(await scrapeMetrics(`http://127.0.0.1:${port}/metrics`));
  server.close();
  expect(features[0]).toEqual({
    feature: '/search',
    calls: 4,
    tokens: 1200,
    costPicoUsd: 100_000_200_000n,
    tasks: 3,
    successes: 2,
    costPerSuccessPicoUsd: 50_000_100_000n,
    wastedPicoUsd: 200_000n,
    savedPicoUsd: -1_000_000n,
  });
  expect(features[1]).toMatchObject({ feature: 'say "hi"', tasks: 0, costPerSuccessPicoUsd: undefined });
  expect(renderTable(features).split('\n')[2]).toBe(
    '/search       4   1,200  $0.100000      3   66.7 %       $0.050000  $0.000000   -$0.000001',
  );
});

test('money is rounded for the table and exact for the proof', () => {
  expect([formatUsd(1_500_000n), formatUsd(-1_499_999n), formatUsd(12_000_000_000_000n)]).toEqual([
    '$0.000002',
    '-$0.000001',
    '$12.000000',
  ]);
  expect(formatExactUsd(1_000_000_000_001n)).toBe('$1.000000000001');
});

test('the same seed plans the same day, another seed another one', () => {
  expect(planTraffic(100, 7)).toEqual(planTraffic(100, 7));
  expect(planTraffic(100, 8)).not.toEqual(planTraffic(100, 7));
  const paths = new Set(planTraffic(100, 7).map(({ path }) => path.replace(/ORD-\d+/, 'ID')));
  expect([...paths].sort()).toEqual([
    '/orders/ID/summary',
    '/search',
    '/support/answer',
    '/support/stream',
    '/tickets/resolve',
  ]);
});

test('the command line', () => {
  expect(parseDemoArguments([])).toEqual({
    isKept: false,
    isLive: false,
    isHelp: false,
    requestCount: 300,
    seed: 7,
  });
  expect(parseDemoArguments(['--live', '--keep'])).toMatchObject({
    isLive: true,
    isKept: true,
    requestCount: 20,
  });
  expect(() => parseDemoArguments(['--requests', '0'])).toThrow(
    '--requests 0 is not a whole number from 1 to 5000',
  );
  expect(() => parseDemoArguments(['--kept'])).toThrow("Unknown option '--kept'");
});
