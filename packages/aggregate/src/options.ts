import type { Budget } from '@costspan/budgets';
import type { TenantOptions } from './calls/tenants.js';
import type { CostListener } from './listener.js';
import type { OutcomeJudge } from './read/outcome.js';
import type { WorkCounts } from './work.js';

/** What an aggregate is made with; every limit is named, none touches the money. */
export interface AggregateOptions {
  readonly budgets: readonly Budget[];
  readonly tenants: TenantOptions;
  readonly settleAfterMs: number;
  readonly settleQuietMs: number;
  /** A call without a feature waits at most this long for the spans around it, while somebody scrapes. */
  readonly featureWaitMs: number;
  /** The feature of what names none; a call that names one tells it of its task, whose own span does not. */
  readonly defaultFeature?: string;
  /** Label sets of one metric; further ones are booked under `other`. */
  readonly seriesPerMetric: number;
  /** Tasks held open; beyond it the one quiet longest settles. */
  readonly openTasks: number;
  /** Settled tasks that are remembered for late cost and outcomes. */
  readonly settledTasks: number;
  /** A record with a new series waits at most this long for a scrape that shows the series at 0. */
  readonly maxHoldMs: number;
  /** Records that wait at most. */
  readonly maxHeld: number;
  /** The outcome rules; without them only what is said of a task counts. */
  readonly judge?: OutcomeJudge;
  /** Keeps a ledger beside the series. */
  readonly listener?: CostListener;
  /** Where its work is counted, with what was counted before. */
  readonly work?: WorkCounts;
}

/** What holds where nothing is said. */
export const DEFAULT_AGGREGATE_OPTIONS: AggregateOptions = {
  budgets: [],
  tenants: { allow: [], top: 20 },
  settleAfterMs: 600_000,
  settleQuietMs: 5_000,
  featureWaitMs: 60_000,
  seriesPerMetric: 10_000,
  openTasks: 200_000,
  settledTasks: 200_000,
  maxHoldMs: 300_000,
  maxHeld: 10_000,
};
