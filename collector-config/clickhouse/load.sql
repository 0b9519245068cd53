INSERT INTO costspan.ledger_copy
SELECT
  {processor:String} AS processor, now64(3) AS copied_at, parseDateTimeBestEffort(hour, 'UTC') AS hour,
  service, environment, feature, task, user_tier, tenant, provider, model, mode, operation, cost_source, outcome,
  toDecimal128(cost_usd, 12), toDecimal128(list_cost_usd, 12), toDecimal128(correction_usd, 12),
  calls, unpriced_calls, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
  tasks, successful_tasks
FROM input('hour String, service String, environment String, feature String, task String, user_tier String, tenant String, provider String, model String, mode String, operation String, cost_source String, outcome String, cost_usd String, list_cost_usd String, correction_usd String, calls UInt64, unpriced_calls UInt64, input_tokens UInt64, cache_read_tokens UInt64, cache_write_tokens UInt64, output_tokens UInt64, reasoning_tokens UInt64, tasks UInt64, successful_tasks UInt64, cost_per_successful_task_usd String')
