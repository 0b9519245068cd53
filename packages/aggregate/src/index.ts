export {
  Aggregate,
  type AggregateOptions,
  DEFAULT_AGGREGATE_OPTIONS,
  type OutcomeRecord,
  type Totals,
} from './aggregate.js';
export type { BudgetPosition } from './budget-spend.js';
export type { TenantOptions } from './calls.js';
export { isScrape, METRICS_CONTENT_TYPE, type RenderOptions, renderMetrics } from './expose.js';
export { type OutcomeFacts, type ReadOptions, readCallRecord, readTaskRecord } from './read.js';
export type { CallRecord, TaskRecord, TokenPartition } from './records.js';
export { readSingle, readSnapshots, type Sample, type Snapshot } from './snapshot.js';
export { SPAN_KINDS, type SpanKind, type SpanView } from './span.js';
export type { TaskTotals } from './tasks.js';
