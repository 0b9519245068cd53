/**
 * Runs in which everything happens that may, drawn from a seed: after each of them the totals are exact, to the
 * pico-dollar, and no scrape has ever shown less than the one before. `COSTSPAN_FAULTS=20000` is the long mode.
 */
import { TEST_LIMIT_MS } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { FAULTS, FaultBench } from './fault-bench.ts';

const RUNS = Number(process.env.COSTSPAN_FAULTS ?? 500);
const RUNS_EACH = Math.ceil(RUNS / FAULTS.length);
const LIMIT_MS = TEST_LIMIT_MS + RUNS * 200;

it.each(FAULTS)(
  `${RUNS_EACH} runs with a %s, and with others`,
  async (fault) => {
    for (let run = 0; run < RUNS_EACH; run += 1) {
      const seed = FAULTS.indexOf(fault) * 1_000_000 + run;
      const bench = await FaultBench.run(seed, fault);
      expect(bench.struck.get(fault), `seed ${seed}`).toBeGreaterThan(0);
      expect(await bench.readTotals(), `seed ${seed}`).toEqual(bench.expected);
    }
  },
  LIMIT_MS,
);
