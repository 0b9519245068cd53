/** One budget, three processors, a real Prometheus: what is used never falls, whoever is killed, moved or taken away. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePart, suffixOf } from '../real-parts.ts';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import { type ProcessorProcess, type PrometheusProcess, startProcessor, startPrometheus } from './stack.ts';

const CONFIG = 'budgets: [{ name: all, limit_usd: 10, period: year }]\n';
const USED = 'budget:llm_budget_used:ratio';
const part = requirePart('prometheus');

describe.skipIf(part.path === undefined)(`a budget of several processors${suffixOf(part)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-budget-'));
  const processors = new Map<string, ProcessorProcess>();
  /** Where the killed one is when it is back. */
  let laterPort = 0;
  let prometheus: PrometheusProcess | undefined;
  /** What Prometheus was told of the budget in all its evaluations. */
  const readSteps = async (): Promise<number[]> => {
    const nowSeconds = Date.now() / 1000;
    const range = `start=${nowSeconds - 600}&end=${nowSeconds}&step=1`;
    const answer = await fetch(`${prometheus!.origin}/api/v1/query_range?query=${USED}&${range}`);
    const { data } = (await answer.json()) as {
      data: { result: { values: [number, string][] }[] };
    };
    return data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
  };

  async function start(name: string, metricsPort = 0): Promise<void> {
    const home = join(folder, name);
    mkdirSync(home, { recursive: true });
    const ports = { http: 0, grpc: 0, metrics: metricsPort };
    processors.set(name, await startProcessor(home, { config: CONFIG, isDurable: true, ports }));
  }
  const spend = (name: string, usd: number) =>
    postTraces(processors.get(name)!.otlp, encodeTraces([{ attributes: callAttributes(usd) }]));
  const used = () =>
    expect.poll(async () => (await prometheus!.query(USED)).map((ratio) => Number(ratio.toFixed(6))));

  let targets: readonly string[] = [];
  async function watch(): Promise<void> {
    const [target, ...moreTargets] = targets;
    prometheus = await startPrometheus(part.path!, { folder, target: target!, moreTargets });
  }

  beforeAll(async () => {
    for (const name of ['one', 'two', 'three']) await start(name);
    laterPort = await findFreePort();
    targets = [...[...processors.values()].map(({ metrics }) => metrics), `http://127.0.0.1:${laterPort}`];
    await watch();
  });
  afterAll(async () => {
    await prometheus?.process.stop();
    for (const { process } of processors.values()) await process.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('never falls while one is killed, is back elsewhere with its data, and another one is taken away', async () => {
    expect([await spend('one', 4), await spend('two', 4), await spend('three', 3)]).toEqual([200, 200, 200]);
    await used().toEqual([1.1]);

    await processors.get('three')!.process.stop({ signal: 'SIGKILL' });
    await expect.poll(() => prometheus!.query('count(llm_budget_limit_usd)')).toEqual([2]);
    await spend('one', 1);
    await used().toEqual([1.2]);
    expect(await prometheus!.query('ALERTS{alertname="LLMBudgetExhausted",alertstate="firing"}')).toEqual([
      1,
    ]);

    await start('three', laterPort);
    await expect.poll(() => prometheus!.query('count(llm_budget_limit_usd)')).toEqual([3]);
    await spend('three', 1);
    await used().toEqual([1.3]);

    await processors.get('two')!.process.stop();
    await expect.poll(() => prometheus!.query('count(llm_budget_limit_usd)')).toEqual([2]);
    await spend('three', 1);
    await used().toEqual([1.4]);

    const steps = await readSteps();
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it('is carried on over a restart of Prometheus, whoever is there no more', async () => {
    await prometheus!.process.stop();
    await watch();
    await used().toEqual([1.4]);
    await spend('one', 1);
    await used().toEqual([1.5]);
  });

  it('is told of by the name of each data directory, which nothing else knows', async () => {
    const name = readFileSync(join(folder, 'three', 'processor-data', 'name'), 'utf8');
    const spent = 'costspan_processor_budget_spend_usd';
    expect(
      await prometheus!.query(`${spent}{processor="${name}",instance="127.0.0.1:${laterPort}"}`),
    ).toEqual([5]);
  });
});
