import { setTimeout as sleep } from 'node:timers/promises';
import { type Metrics, scrapeMetrics } from './report/metrics.js';

/** What has to have arrived. */
export interface Expected {
  /** Calls that the stand-in answered; `undefined` when the providers are real. */
  readonly calls: number | undefined;
  readonly timeoutMs: number;
}

/** A scrape, and what was still missing when the time was over. */
export interface Settled {
  readonly metrics: Metrics;
  readonly missing: string | undefined;
}

/** Scrapes until every call has been counted and every task has settled. */
export async function waitUntilSettled(
  metricsUrl: string,
  expected: Expected,
  signal: AbortSignal,
): Promise<Settled> {
  const deadline = Date.now() + expected.timeoutMs;
  let calls = -1;
  let quietScrapes = 0;
  for (;;) {
    const metrics = await scrapeMetrics(metricsUrl);
    const counted = metrics.sum('llm_calls_total');
    quietScrapes = counted === calls ? quietScrapes + 1 : 0;
    calls = counted;
    const missing = describeMissing(metrics, expected.calls ?? (quietScrapes >= 6 ? counted : counted + 1));
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
