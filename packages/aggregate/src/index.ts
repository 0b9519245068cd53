export { Aggregate } from './aggregate.js';
export { ByteReader } from './bytes/byte-reader.js';
export { ByteWriter } from './bytes/byte-writer.js';
export { isHexId, readHex8, readHexDigits16, writeHex } from './bytes/hex.js';
export { PART_BYTES, PART_MEMORY } from './bytes/part-memory.js';
export { RowReader } from './bytes/row-reader.js';
export { RowWriter } from './bytes/row-writer.js';
export { writeVarint } from './bytes/varint.js';
export type { BudgetPosition } from './calls/budget-spend.js';
export { RecentCalls } from './calls/recent-calls.js';
export type { TenantOptions } from './calls/tenants.js';
export { acceptsGzip, readMetricsFormat } from './exposition/accept.js';
export { isScrape, type RenderOptions, renderMetrics } from './exposition/expose.js';
export { renderSnapshots } from './exposition/exposition.js';
export { METRICS_FORMAT, type MetricsFormat } from './exposition/format.js';
export {
  readBudgetShares,
  readHealth,
  readSingle,
  readSnapshots,
  type Sample,
  type SeriesSnapshot,
  type Snapshot,
} from './exposition/snapshot.js';
export { type CostListener, type CostStanding, standingOf } from './listener.js';
export { type AggregateOptions, DEFAULT_AGGREGATE_OPTIONS } from './options.js';
export { cutText } from './read/attribute.js';
export { readEvaluation } from './read/evidence.js';
export { type DecidedOutcome, isStated, type OutcomeJudge, type OutcomeSubject } from './read/outcome.js';
export { readSpanPlace } from './read/place.js';
export { looksPrivate } from './read/private.js';
export { readCallRecord, readEvidenceRecord, readTaskRecord } from './read/read.js';
export type { OutcomeFacts, ReadOptions } from './read/read-options.js';
export { SPAN_KINDS, type SpanEvent, type SpanKind, type SpanView } from './read/span.js';
export { isTaskId, MAX_TASK_ID_CHARS } from './read/task-id.js';
export { MAX_CALL_TOKENS } from './read/usage.js';
export type {
  CallEvidence,
  CallRecord,
  EvidenceRecord,
  NestedSpan,
  OutcomeRecord,
  SpanPlace,
  TaskCandidate,
  TaskRecord,
  TokenPartition,
  Totals,
} from './records.js';
export { BoundedMap } from './rows/bounded-map.js';
export { lengthen, moreThan, NONE, PagedColumn } from './rows/columns.js';
export { HashedCells } from './rows/hashed-cells.js';
export { readId, SPAN_ID, TRACE_ID } from './rows/ids.js';
export { RowReading, RowReadings } from './rows/row-reading.js';
export { readWrittenTaskId } from './rows/task-ids.js';
export { type AggregatePart, chunk } from './state.js';
export type { TaskView } from './tasks/task.js';
export { readWrittenTask, type WrittenTask } from './tasks/task-form.js';
export type { TaskLabels } from './tasks/task-labels.js';
export type { TaskTotals } from './tasks/tasks.js';
export { createWorkCounts, type SuspectedCalls, type WorkCounts } from './work.js';
