/**
 * Every panel on a real Prometheus that reads a real processor: one that gets spans of every feature for some seconds,
 * and the one of the demo.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRandom,
  type RunningProcess,
  readArray,
  readObject,
  startProcess,
  until,
} from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../contract/packages.ts';
import {
  LIFE_MS,
  type ProcessorProcess,
  type PrometheusProcess,
  queryPrometheus,
  startProcessor,
  startPrometheus,
} from '../pipeline/stack.ts';
import { requirePart, suffixOf } from '../real-parts.ts';
import { fillVariables, targets } from './boards.ts';
import { toOtlp } from './otlp.ts';
import { FEATURE_NAMES, planTask } from './traffic.ts';

const part = requirePart('prometheus');
const CONFIG = `tasks: { settle_after: 2s, settle_quiet: 1s }
tenants: { allow: [acme] }
budgets:
  - { name: all, limit_usd: 10, period: month }
  - { name: support, match: { feature: support-chat }, limit_usd: 0.5, period: day }
`;
/** Rounds of traffic, each scraped before the next: enough for two scrapes between which everything has grown. */
const ROUNDS = 8;
/** What needs a week of data, which nobody has after ten seconds: it parses, and its panel has another query. */
const NEEDS_WEEKS = 'llm_cost_usd_past_weeks';

/** What would be a fault if it were there, so that the 0 that stands for it is all there is. */
const FAULTS = ['Budgets that are not as configured', 'Alerts firing', 'Calls without a full price'];

/** Every query of every panel by its name; without the 0 that hides that its series are not there. */
const QUERIES = targets
  .filter(({ target }) => !target.expr.includes(NEEDS_WEEKS))
  .map(({ board, panel, target }) => {
    const expr = FAULTS.includes(panel.title) ? target.expr : target.expr.replaceAll(/ or vector\(0\)/g, '');
    return [`${board.uid}: ${panel.title} ${target.refId}`, expr] as const;
  });

async function expectData(expr: string, query: (expr: string) => Promise<readonly number[]>): Promise<void> {
  // All that came since the start, however long ago that is.
  const filled = fillVariables(expr, { range: '1h', step: '1h' });
  // Not every number may be there: a ratio without a denominator has none, and is no data either.
  await expect.poll(async () => (await query(filled)).filter(Number.isFinite).length).toBeGreaterThan(0);
}

describe.skipIf(part.path === undefined)(`the dashboards on a real Prometheus${suffixOf(part)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-dashboards-'));
  const random = createRandom(7);
  let processor: ProcessorProcess | undefined;
  let prometheus: PrometheusProcess | undefined;

  const countCalls = async () => (await prometheus!.query('sum(llm_calls_total)'))[0] ?? 0;

  async function sendRound(): Promise<void> {
    for (const feature of FEATURE_NAMES) {
      for (let task = 0; task < 3; task++) {
        const response = await fetch(`${processor!.otlp}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: toOtlp(planTask(random, feature), Date.now()),
        });
        expect(response.status).toBe(200);
      }
    }
  }

  beforeAll(async () => {
    processor = await startProcessor(folder, { config: CONFIG });
    prometheus = await startPrometheus(part.path!, { folder, target: processor.metrics });
    await until(async () => (await prometheus!.query('up'))[0] === 1);
    for (let round = 0; round < ROUNDS; round++) {
      const before = await countCalls();
      await sendRound();
      await until(async () => (await countCalls()) > before);
    }
  });
  afterAll(async () => {
    await prometheus?.process.stop();
    await processor?.process.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(QUERIES)('%s has data', async (_name, expr) => {
    await expectData(expr, (query) => prometheus!.query(query));
  });

  it('has exemplars that name the trace of a call', async () => {
    const read = async () => {
      const query = 'llm_cost_per_call_usd_bucket';
      const end = Date.now() / 1000;
      const url = `${prometheus!.origin}/api/v1/query_exemplars?query=${query}&start=${end - 600}&end=${end}`;
      const body: unknown = await (await fetch(url)).json();
      return readArray(readObject(body).data).flatMap((series) =>
        readArray(readObject(series).exemplars).map((one) => readObject(readObject(one).labels).trace_id),
      );
    };
    await expect.poll(async () => (await read()).length).toBeGreaterThan(0);
    for (const traceId of await read()) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe.skipIf(part.path === undefined)(`the dashboards on the demo${suffixOf(part)}`, () => {
  let demo: RunningProcess | undefined;
  let origin = '';

  beforeAll(async () => {
    const main = join(ROOT, 'packages', 'demo', 'dist', 'main.js');
    demo = startProcess(process.execPath, [main, '--keep'], { timeoutMs: LIFE_MS });
    const isLeft = () => demo!.stdout().includes('Ctrl-C stops everything');
    await until(isLeft);
    origin = /^prometheus +(http:\S+)/m.exec(demo.stdout())?.[1] ?? '';
  });
  afterAll(async () => {
    await demo?.stop({ signal: 'SIGINT' });
  });

  it.each(QUERIES)('%s has data', async (_name, expr) => {
    await expectData(expr, (query) => queryPrometheus(origin, query));
  });
});
