-- The ledgers of many processors in one ClickHouse: years of hours, asked in one place. Each processor goes on keeping its
-- own; from there whole days are copied, as often as you like:
--
--   costspan report --data DIR --from 2026-10-05 --to 2026-10-06 --format csv --by \
--     hour,service,environment,feature,task,user_tier,tenant,provider,model,mode,operation,cost_source,outcome |
--   clickhouse-client --param_processor=processor-0 --query "$(cat load.sql) FORMAT CSVWithNames"
--
-- A day that is copied again takes the place of its older copy as a whole: what was unsettled then has an outcome now.
-- Copy a day again for as long as tasks may settle or be corrected in it; the newest copy counts.

CREATE DATABASE IF NOT EXISTS costspan;

-- One row as the ledger has it, in one copy of a day.
CREATE TABLE IF NOT EXISTS costspan.ledger_copy (
  processor LowCardinality(String),
  copied_at DateTime64(3, 'UTC'),
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
  -- Twelve places are pico-dollars: sums are exact, as in the ledger.
  cost_usd Decimal(38, 12),
  list_cost_usd Decimal(38, 12),
  correction_usd Decimal(38, 12),
  calls UInt64,
  unpriced_calls UInt64,
  input_tokens UInt64,
  cache_read_tokens UInt64,
  cache_write_tokens UInt64,
  output_tokens UInt64,
  reasoning_tokens UInt64,
  tasks UInt64,
  successful_tasks UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (processor, toDate(hour), copied_at, feature, hour);

-- The roll-up: days, by what reports ask for. A copy's sums stay apart, so that the newest can be told.
CREATE TABLE IF NOT EXISTS costspan.day_copy (
  processor LowCardinality(String),
  day Date,
  copied_at DateTime64(3, 'UTC'),
  service LowCardinality(String),
  environment LowCardinality(String),
  feature LowCardinality(String),
  task LowCardinality(String),
  user_tier LowCardinality(String),
  tenant String,
  provider LowCardinality(String),
  model LowCardinality(String),
  outcome LowCardinality(String),
  cost_usd Decimal(38, 12),
  list_cost_usd Decimal(38, 12),
  correction_usd Decimal(38, 12),
  calls UInt64,
  tokens UInt64,
  tasks UInt64,
  successful_tasks UInt64
)
ENGINE = SummingMergeTree((cost_usd, list_cost_usd, correction_usd, calls, tokens, tasks, successful_tasks))
PARTITION BY toYYYYMM(day)
ORDER BY (processor, day, copied_at, service, environment, feature, task, user_tier, tenant, provider, model, outcome);

CREATE MATERIALIZED VIEW IF NOT EXISTS costspan.day_copy_view TO costspan.day_copy AS
SELECT
  processor, toDate(hour) AS day, copied_at, service, environment, feature, task, user_tier, tenant, provider, model, outcome,
  sum(cost_usd) AS cost_usd, sum(list_cost_usd) AS list_cost_usd, sum(correction_usd) AS correction_usd,
  sum(calls) AS calls,
  sum(input_tokens + cache_read_tokens + cache_write_tokens + output_tokens + reasoning_tokens) AS tokens,
  sum(tasks) AS tasks, sum(successful_tasks) AS successful_tasks
FROM costspan.ledger_copy
GROUP BY processor, day, copied_at, service, environment, feature, task, user_tier, tenant, provider, model, outcome;

-- What counts: of each processor and day the newest copy.
CREATE VIEW IF NOT EXISTS costspan.hours AS
SELECT * EXCEPT (copied_at) FROM costspan.ledger_copy
WHERE (processor, toDate(hour), copied_at) IN (
  SELECT processor, day, max(copied_at) FROM costspan.day_copy GROUP BY processor, day
);

CREATE VIEW IF NOT EXISTS costspan.days AS
SELECT * EXCEPT (copied_at) FROM costspan.day_copy
WHERE (processor, day, copied_at) IN (
  SELECT processor, day, max(copied_at) FROM costspan.day_copy GROUP BY processor, day
);

-- The report, as `costspan report --by feature --month` gives it for one processor:
--   SELECT * FROM costspan.features(month = '2026-10-01')
CREATE VIEW IF NOT EXISTS costspan.features AS
SELECT
  feature,
  sum(d.cost_usd) AS cost_usd,
  sum(d.list_cost_usd) AS list_cost_usd,
  sum(d.calls) AS calls,
  sum(d.tasks) AS tasks,
  sum(d.successful_tasks) AS successful_tasks,
  -- Cost of settled tasks over their successes; without a success it is unknown, not 0.
  sumIf(d.cost_usd, outcome NOT IN ('unsettled', 'untasked')) / nullIf(sum(d.successful_tasks), 0) AS cost_per_successful_task_usd
FROM costspan.days AS d
WHERE toStartOfMonth(day) = {month:Date}
GROUP BY feature
ORDER BY cost_usd DESC;
