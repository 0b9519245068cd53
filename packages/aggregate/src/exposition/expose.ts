import type { Aggregate } from '../aggregate.js';
import { renderSnapshots } from './exposition.js';
import type { MetricsFormat } from './format.js';
import { readSnapshots } from './snapshot.js';

/** For whom metrics are rendered. */
export interface RenderOptions {
  /** A time series database reads it, see {@link isScrape}: what is shown now for the first time is at 0. */
  readonly isScrape?: boolean;
  /** Default: Prometheus' own. */
  readonly format?: MetricsFormat;
}

/**
 * Whether a request comes from a scraper that keeps series: Prometheus, and all that speak like it, send their
 * time-out. A person's request must not use up the one moment in which a new series is seen at 0.
 */
export const isScrape = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers['x-prometheus-scrape-timeout-seconds'] !== undefined;

/** The aggregate as text, settled and read at once. */
export async function renderMetrics(
  aggregate: Aggregate,
  nowMs: number,
  { isScrape: isRead = false, format }: RenderOptions = {},
): Promise<string> {
  aggregate.settle(nowMs);
  const snapshots = readSnapshots(aggregate, nowMs);
  if (isRead) aggregate.markScraped(nowMs);
  let text = '';
  for await (const piece of renderSnapshots(snapshots, format)) text += piece;
  return text;
}
