-- The ledger of processors that write to ClickHouse instead of a file of their own (ledger.clickhouse in costspan.yaml).
-- What they send is never changed: cost that moves, as from unsettled to success, is taken away in one entry and added
-- in another. An entry is known by its processor, batch and line, so that a batch which is sent twice counts once, by
-- its deduplication token and, beyond that window, by FINAL. A correction (costspan reprice) is an entry, too, with money
-- only: its processor is 'reprice TIME: REASON'.

CREATE DATABASE IF NOT EXISTS costspan;

CREATE TABLE IF NOT EXISTS costspan.entry (
  processor LowCardinality(String),
  batch UInt64,
  line UInt32,
  hour DateTime('UTC'),
  service LowCardinality(String),
  environment LowCardinality(String),
  feature LowCardinality(String),
  task LowCardinality(String),
  user_tier LowCardinality(String),
  tenant String,
  provider LowCardinality(String),
  model LowCardinality(String),
  mode LowCardinality(String),
  operation LowCardinality(String),
  cost_source LowCardinality(String),
  outcome LowCardinality(String),
  calls Int64,
  unpriced_calls Int64,
  tasks Int64,
  input_tokens Int64,
  cache_read_tokens Int64,
  cache_write_tokens Int64,
  output_tokens Int64,
  reasoning_tokens Int64,
  -- Whole pico-dollars: sums are exact.
  list_pico_usd Int128,
  cost_pico_usd Int128
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, feature, processor, batch, line)
SETTINGS non_replicated_deduplication_window = 10000;

-- The roll-up: days, by what dashboards ask for. Exact for batches that are sent again within the window above.
CREATE TABLE IF NOT EXISTS costspan.entry_day (
  day Date,
  service LowCardinality(String),
  environment LowCardinality(String),
  feature LowCardinality(String),
  task LowCardinality(String),
  user_tier LowCardinality(String),
  tenant String,
  provider LowCardinality(String),
  model LowCardinality(String),
  outcome LowCardinality(String),
  calls Int64,
  tasks Int64,
  tokens Int64,
  list_pico_usd Int128,
  cost_pico_usd Int128
)
ENGINE = SummingMergeTree((calls, tasks, tokens, list_pico_usd, cost_pico_usd))
PARTITION BY toYYYYMM(day)
ORDER BY (day, service, environment, feature, task, user_tier, tenant, provider, model, outcome)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS costspan.entry_day_view TO costspan.entry_day AS
SELECT
  toDate(hour) AS day, service, environment, feature, task, user_tier, tenant, provider, model, outcome,
  sum(calls) AS calls, sum(tasks) AS tasks,
  sum(input_tokens + cache_read_tokens + cache_write_tokens + output_tokens + reasoning_tokens) AS tokens,
  sum(list_pico_usd) AS list_pico_usd, sum(cost_pico_usd) AS cost_pico_usd
FROM costspan.entry
GROUP BY day, service, environment, feature, task, user_tier, tenant, provider, model, outcome;
