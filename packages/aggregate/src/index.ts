export { acceptsGzip, readMetricsFormat } from './accept.js';
export { Aggregate } from './aggregate.js';
export { cutText } from './attribute.js';
export { BoundedMap } from './bounded-map.js';
export type { BudgetPosition } from './budget-spend.js';
export { ByteReader } from './bytes/byte-reader.js';
export { ByteWriter } from './bytes/byte-writer.js';
export { isHexId, readHex8, writeHex } from './bytes/hex.js';
export { RowReader } from './bytes/row-reader.js';
export { RowWriter } from './bytes/row-writer.js';
export { writeVarint } from './bytes/varint.js';
export { lengthen, moreThan, NONE, PagedColumn } from './columns.js';
export { readEvaluation } from './evidence.js';
export { isScrape, type RenderOptions, renderMetrics } from './expose.js';
export { METRICS_FORMAT, type MetricsFormat, renderSnapshots } from './exposition.js';
export { readId, SPAN_ID, TRACE_ID } from './ids.js';
export { type CostListener, type CostStanding, standingOf } from './listener.js';
export { type AggregateOptions, DEFAULT_AGGREGATE_OPTIONS } from './options.js';
export { type DecidedOutcome, isStated, type OutcomeJudge, type OutcomeSubject } from './outcome.js';
export { readSpanPlace } from './place.js';
export { looksPrivate } from './private.js';
export { readCallRecord, readEvidenceRecord, readTaskRecord } from './read.js';
export type { OutcomeFacts, ReadOptions } from './read-options.js';
export { RecentCalls } from './recent-calls.js';
export type {
  CallEvidence,
  CallRecord,
  EvidenceRecord,
  OutcomeRecord,
  SpanPlace,
  TaskCandidate,
  TaskRecord,
  TokenPartition,
  Totals,
} from './records.js';
export { RowReading, RowReadings } from './row-reading.js';
export {
  readHealth,
  readSingle,
  readSnapshots,
  type Sample,
  type SeriesSnapshot,
  type Snapshot,
} from './snapshot.js';
export { SPAN_KINDS, type SpanEvent, type SpanKind, type SpanView } from './span.js';
export { type AggregatePart, chunk } from './state.js';
export type { TaskView } from './task.js';
export { readWrittenTask, type WrittenTask } from './task-form.js';
export { isTaskId, MAX_TASK_ID_CHARS } from './task-id.js';
export { readWrittenTaskId } from './task-ids.js';
export type { TaskLabels } from './task-labels.js';
export type { TaskTotals } from './tasks.js';
export type { TenantOptions } from './tenants.js';
export { MAX_CALL_TOKENS } from './usage.js';
export { createWorkCounts, type WorkCounts } from './work.js';
