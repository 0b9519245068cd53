/** Every panel on a real Prometheus that reads a real processor, which gets spans of every feature for some seconds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, readArray, readObject } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ProcessorProcess,
  type PrometheusProcess,
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
/** Rounds of traffic, one a second: enough for two scrapes between which everything has grown. */
const ROUNDS = 8;
/** What needs a week of data, which nobody has after ten seconds: it parses, and its panel has another query. */
const NEEDS_WEEKS = 'llm_cost_usd_past_weeks';

describe.skipIf(part.path === undefined)(`the dashboards on a real Prometheus${suffixOf(part)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-dashboards-'));
  const random = createRandom(7);
  let processor: ProcessorProcess | undefined;
  let prometheus: PrometheusProcess | undefined;

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
    await vi.waitFor(async () => expect(await prometheus!.query('up')).toEqual([1]), {
      timeout: 20_000,
      interval: 300,
    });
    for (let round = 0; round < ROUNDS; round++) {
      await sendRound();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }, 60_000);
  afterAll(async () => {
    await prometheus?.process.stop();
    await processor?.process.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(
    targets
      .filter(({ target }) => !target.expr.includes(NEEDS_WEEKS))
      .map(({ board, panel, target }) => [`${board.uid}: ${panel.title} ${target.refId}`, target] as const),
  )('%s has data', async (_name, { expr }) => {
    const filled = fillVariables(expr, { range: '5m', step: '30s' });
    // Not every number may be there: a ratio without a denominator has none, and is no data either.
    await expect
      .poll(async () => (await prometheus!.query(filled)).filter(Number.isFinite).length, {
        timeout: 30_000,
        interval: 500,
      })
      .toBeGreaterThan(0);
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
    await expect.poll(async () => (await read()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    for (const traceId of await read()) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});
