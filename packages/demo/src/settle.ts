import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '@costspan/testkit';
import { type Metrics, scrapeMetrics } from './report/metrics.js';

/** A scrape, and what was still missing when the time was over. */
export interface Settled {
  readonly metrics: Metrics;
  readonly missing: string | undefined;
}

/** Scrapes until as many calls as the stand-in answered are counted (`undefined`: the providers are real) and every task has settled. */
export async function waitUntilSettled(
  metricsUrl: string,
  answered: number | undefined,
  signal: AbortSignal,
): Promise<Settled> {
  const deadline = Date.now() + PATIENCE_MS;
  let calls = -1;
  let quietScrapes = 0;
  for (;;) {
    const metrics = await scrapeMetrics(metricsUrl);
    const counted = metrics.sum('llm_calls_total');
    quietScrapes = counted === calls ? quietScrapes + 1 : 0;
    calls = counted;
    const missing = describeMissing(metrics, answered ?? (quietScrapes >= 6 ? counted : counted + 1));
    if (missing === undefined || Date.now() > deadline) return { metrics, missing };
    await sleep(500, undefined, { signal });
  }
}

function describeMissing(metrics: Metrics, expectedCalls: number): string | undefined {
  const counted = metrics.sum('llm_calls_total');
  if (counted < expectedCalls) return `${expectedCalls - counted} of ${expectedCalls} calls are not counted`;
  const open = metrics.sum('llm_tasks_unsettled');
  if (open > 0) return `${open} tasks are not settled`;
  // A new series is shown at 0 first, so that no increase of it is lost; its money follows at the next scrape.
  const held = metrics.sum('costspan_processor_held_cost_usd');
  return held > 0 ? `$${held} wait for their series to be scraped` : undefined;
}
