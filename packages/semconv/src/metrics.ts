/** Every Prometheus metric of the processor and of the in-process `/metrics`, once: name, type, labels, unit. */

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One metric as it is exposed: Prometheus name (the unit comes last), type, help and label names. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[];
}

/** The labels L that calls share. */
export const COMMON_LABELS = ['service', 'environment', 'feature', 'user_tier', 'provider', 'model'] as const;
const TASK_LABELS = ['service', 'environment', 'feature', 'task', 'user_tier', 'outcome'] as const;
const WITHOUT_TIER = COMMON_LABELS.filter((label) => label !== 'user_tier');

/** Logarithmic buckets for money: OpenTelemetry's defaults would put every call in the first one. */
export const COST_BUCKETS_USD = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100,
] as const;
/** The boundaries of the GenAI conventions for durations. */
export const DURATION_BUCKETS_SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const;

const counter = (name: string, labels: readonly string[], help: string): MetricDefinition => ({
  name,
  type: 'counter',
  help,
  labels,
});
const gauge = (name: string, labels: readonly string[], help: string): MetricDefinition => ({
  name,
  type: 'gauge',
  help,
  labels,
});
const histogram = (
  name: string,
  labels: readonly string[],
  buckets: readonly number[],
  help: string,
): MetricDefinition => ({ name, type: 'histogram', help, labels, buckets });

/**
 * The metrics that an aggregate of calls and tasks exposes.
 *
 * @example
 * const query = `sum by (feature) (increase(${METRIC.COST.name}[1h]))`;
 */
export const METRIC = {
  COST: counter(
    'llm_cost_usd_total',
    [...COMMON_LABELS, 'operation', 'mode', 'cost_source'],
    'Cost of LLM calls, USD.',
  ),
  TOKENS: counter(
    'llm_tokens_total',
    [...COMMON_LABELS, 'token_type'],
    'Tokens of LLM calls; the token types are a partition.',
  ),
  CALLS: counter('llm_calls_total', [...COMMON_LABELS, 'status'], 'LLM calls.'),
  CALL_DURATION: histogram(
    'llm_call_duration_seconds',
    WITHOUT_TIER,
    DURATION_BUCKETS_SECONDS,
    'Duration of LLM calls, seconds.',
  ),
  TIME_TO_FIRST_CHUNK: histogram(
    'llm_time_to_first_chunk_seconds',
    WITHOUT_TIER,
    DURATION_BUCKETS_SECONDS,
    'Time to the first chunk of streamed LLM calls, seconds.',
  ),
  COST_PER_CALL: histogram(
    'llm_cost_per_call_usd',
    ['service', 'feature', 'model'],
    COST_BUCKETS_USD,
    'Cost of one LLM call, USD.',
  ),
  RETRIES: counter('llm_retries_total', COMMON_LABELS, 'Attempts of LLM calls beyond the first.'),
  UNPRICED_CALLS: counter(
    'llm_unpriced_calls_total',
    ['service', 'provider', 'model', 'reason'],
    'LLM calls whose cost is not known, or only in part.',
  ),
  TASK_COST: counter('llm_task_cost_usd_total', TASK_LABELS, 'Cost of settled tasks, USD.'),
  TASKS: counter('llm_tasks_total', TASK_LABELS, 'Settled tasks.'),
  COST_PER_TASK: histogram(
    'llm_cost_per_task_usd',
    ['feature', 'task', 'outcome'],
    COST_BUCKETS_USD,
    'Cost of one settled task, USD.',
  ),
  TASK_UNSETTLED_COST: gauge(
    'llm_task_unsettled_cost_usd',
    ['feature', 'task'],
    'Cost of tasks that have not settled, USD.',
  ),
  TASKS_UNSETTLED: gauge('llm_tasks_unsettled', ['feature', 'task'], 'Tasks that have not settled.'),
  TASKS_RECLASSIFIED: counter(
    'llm_tasks_reclassified_total',
    ['feature', 'task', 'from', 'to'],
    'Tasks whose outcome changed after they settled.',
  ),
  TASK_RECLASSIFIED_COST: counter(
    'llm_task_reclassified_cost_usd_total',
    ['feature', 'task', 'from', 'to'],
    'Cost of tasks whose outcome changed after they settled, USD.',
  ),
  WASTED_COST: counter(
    'llm_wasted_cost_usd_total',
    ['feature', 'reason'],
    'Cost that bought nothing, USD; each call under one reason.',
  ),
  CACHE_SAVINGS: counter(
    'llm_cache_savings_usd_total',
    [...COMMON_LABELS, 'cache'],
    'What cached input would have cost uncached, less what it cost, USD.',
  ),
  TENANT_COST: counter(
    'llm_tenant_cost_usd_total',
    ['tenant'],
    'Cost by tenant, USD; all but the listed or dearest in other.',
  ),
  BUDGET_LIMIT: gauge('llm_budget_limit_usd', ['budget'], 'Limit of the budget in its current period, USD.'),
  BUDGET_PERIOD_SPEND: gauge(
    'llm_budget_period_spend_usd',
    ['budget'],
    'Spend of the budget in its current period, USD.',
  ),
  BUDGET_PERIOD_START: gauge(
    'llm_budget_period_start_timestamp_seconds',
    ['budget'],
    'Start of the current budget period.',
  ),
  BUDGET_PERIOD_END: gauge(
    'llm_budget_period_end_timestamp_seconds',
    ['budget'],
    'End of the current budget period.',
  ),
  BUDGET_SPEND: counter('llm_budget_spend_usd_total', ['budget'], 'Spend that a budget matches, USD.'),
} as const satisfies Record<string, MetricDefinition>;

/** The processor's own health. */
export const PROCESSOR_METRIC = {
  SPANS_RECEIVED: counter('costspan_processor_spans_received_total', [], 'Spans received.'),
  REJECTED: counter('costspan_processor_rejected_total', ['reason'], 'Requests or spans rejected.'),
  DUPLICATES: counter('costspan_processor_duplicates_total', [], 'Spans that had been counted before.'),
  NESTED_CALLS: counter(
    'costspan_processor_nested_calls_total',
    [],
    'Calls that a span inside or around theirs had told before.',
  ),
  SUSPECTED_CALLS: counter(
    'costspan_processor_suspected_calls_total',
    ['service', 'gateway'],
    'Calls that a service and the gateway that it asks have most likely both told: they count twice.',
  ),
  TASKLESS_CALLS: counter(
    'costspan_processor_taskless_calls_total',
    [],
    'Calls that stay outside of any task because the spans around them were not heard of in time.',
  ),
  ESTIMATED_CALLS: counter(
    'costspan_processor_estimated_calls_total',
    ['service', 'provider', 'model', 'reason'],
    'LLM calls whose cost is an estimate.',
  ),
  OVERFLOW: counter(
    'costspan_processor_overflow_total',
    ['metric'],
    'Samples booked under the label value other because a series limit was hit.',
  ),
  TRUNCATED: counter(
    'costspan_processor_truncated_total',
    ['limit'],
    'What a limit has cut: spans with a label that was too long, attributes and events that were left out, tokens of a call beyond what one can have, spans forgotten before their time, settled tasks forgotten.',
  ),
  RECEIVED_BYTES: counter(
    'costspan_processor_received_bytes_total',
    [],
    'Request body bytes received, decompressed.',
  ),
  LAG: gauge(
    'costspan_processor_lag_seconds',
    [],
    'Age of the newest span when it was last received, seconds.',
  ),
  WAL_BYTES: gauge('costspan_processor_wal_bytes', [], 'Bytes of the log that a restart would read.'),
  WAL_QUEUE_BYTES: gauge(
    'costspan_processor_wal_queue_bytes',
    [],
    'Bytes that were received and are not durable yet.',
  ),
  WAL_TRUNCATED_BYTES: counter(
    'costspan_processor_wal_truncated_bytes_total',
    [],
    'Bytes of a write that a crash broke off, cut from the end of the log at the start.',
  ),
  WAL_FAILURES: counter(
    'costspan_processor_wal_failures_total',
    [],
    'Times that the data directory took nothing, as when the disk is full.',
  ),
  LEDGER_WAITING: gauge(
    'costspan_processor_ledger_waiting_batches',
    [],
    'Batches of the ledger that wait until ClickHouse takes them.',
  ),
  RECONCILIATION_DRIFT: gauge(
    'llm_reconciliation_drift_ratio',
    ['provider'],
    'Ledger less the provider’s bill, by the bill, as costspan reconcile last found it.',
  ),
  COST_CORRECTION: gauge(
    'llm_cost_correction_usd',
    ['provider', 'model'],
    'What costspan reprice found to be wrong with the cost that was counted, to be added to it, USD.',
  ),
  STATE_KEPT: gauge(
    'costspan_processor_state_kept_timestamp_seconds',
    [],
    'When the whole state was last written to the data directory.',
  ),
  TASKS_CLOSED_EARLY: counter(
    'costspan_processor_tasks_closed_early_total',
    [],
    'Tasks that settled before their time because limits.open_tasks was reached.',
  ),
  OPEN_TASKS: gauge('costspan_processor_open_tasks', [], 'Tasks held in memory.'),
  HELD_COST: gauge(
    'costspan_processor_held_cost_usd',
    [],
    'Cost of calls that wait for their feature, or until their new series were scraped at 0, USD.',
  ),
  BUDGET_SPEND: gauge(
    'costspan_processor_budget_spend_usd',
    ['budget', 'period', 'processor'],
    'Spend of the budget in its current period as this processor has counted it, USD; its name stays with its data directory, the period is named by its start in hours since the epoch.',
  ),
  PRICE_TABLE: gauge(
    'costspan_processor_price_table_info',
    ['version'],
    'The price table that calls are priced with, always 1.',
  ),
} as const satisfies Record<string, MetricDefinition>;
