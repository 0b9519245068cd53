import type { Config } from '@costspan/config';

/** What of the configuration the state depends on, as plain data: it is kept with the state. */
export interface StateOptions {
  /** Absent in what earlier versions kept. */
  readonly features?: Pick<Config['features'], 'waitMs'> & Partial<Pick<Config['features'], 'default'>>;
  readonly budgets: Config['budgets'];
  readonly tenants: Config['tenants'];
  readonly tasks: Pick<Config['tasks'], 'settleAfterMs' | 'settleQuietMs' | 'outcome'>;
  readonly limits: Pick<
    Config['limits'],
    'seriesPerMetric' | 'openTasks' | 'dedupeSpans' | 'dedupeWindowMs'
  > &
    /** Absent in what earlier versions kept. */
    Partial<Pick<Config['limits'], 'settledTasks'>>;
}

export function readStateOptions({ features, budgets, tenants, tasks, limits }: Config): StateOptions {
  const { settleAfterMs, settleQuietMs, outcome } = tasks;
  const { seriesPerMetric, openTasks, settledTasks, dedupeSpans, dedupeWindowMs } = limits;
  return {
    features: { waitMs: features.waitMs, default: features.default },
    budgets,
    tenants,
    tasks: { settleAfterMs, settleQuietMs, outcome },
    limits: { seriesPerMetric, openTasks, settledTasks, dedupeSpans, dedupeWindowMs },
  };
}
