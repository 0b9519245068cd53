import { METRIC } from '@costspan/semconv';
import { divide, positive, type Query, sumIncrease, sumOf, sumRate } from '../queries.js';
import { pastWeeksMax } from './budget-recording.js';
import { type RuleGroup, record } from './rule.js';
import { TASK_SERIES } from './task-recording.js';

const FEATURE = ['environment', 'feature'];
const FEATURE_MODEL = ['environment', 'feature', 'model'];
const TIER_MODEL = ['environment', 'feature', 'user_tier', 'model'];

const series = (labels: readonly string[], name: string): Query => ({
  text: `${labels.join('_')}:${name}`,
  labels,
});

/** The recorded series of spend by name: alerts, dashboards and tests write none of them out. */
export const SPEND_SERIES = {
  /** USD per second. */
  featureSpend: series(FEATURE, 'llm_cost_usd:rate1h'),
  /** What the dearest same hour of the past weeks took, USD. */
  featurePastWeeks: series(FEATURE, 'llm_cost_usd_past_weeks:max_increase1h'),
  /** Of the cost of all calls of a day. */
  featureShare: series(['feature'], 'llm_cost_share:ratio_increase1d'),
  /** USD. */
  tenantCost: (window: '1h' | '1d') => series(['tenant'], `llm_tenant_cost_usd:increase${window}`),
  /** Of the cost of all calls of a day, those without a tenant included. */
  tenantShare: series(['tenant'], 'llm_tenant_cost_share:ratio_increase1d'),
  /** All input, cached included. */
  inputTokens: series(FEATURE_MODEL, 'llm_input_tokens:increase1h'),
  /** Share of the input that was read from a cache. */
  cacheHit: series(FEATURE_MODEL, 'llm_cache_hit:ratio_increase1h'),
  /** USD. */
  tierCost: series(TIER_MODEL, 'llm_cost_usd:increase1h'),
  /** What a million tokens of the model really took, all kinds of token together. */
  tierUsdPerMtok: series(TIER_MODEL, 'llm_usd_per_million_tokens:ratio_increase1h'),
} as const;

/** Spend against its past, shares of features and tenants, cache hits, what a token takes. */
export function spendRecordingGroup(): RuleGroup {
  const featureDay = TASK_SERIES.costUsd('1d');
  const tenantDay = SPEND_SERIES.tenantCost('1d');
  const input = (tokenTypes: '=~input|cache_read|cache_write' | '=cache_read') =>
    sumIncrease(FEATURE_MODEL, METRIC.TOKENS, { window: '1h', where: { token_type: tokenTypes } });
  const tokens = sumIncrease(TIER_MODEL, METRIC.TOKENS, { window: '1h' });
  return {
    name: 'llm-spend-recording',
    comment: 'Spend: against the same hour of past weeks, by share, by what a token takes; cache hits.',
    interval: '1m',
    rules: [
      record(SPEND_SERIES.featureSpend, sumRate(FEATURE, METRIC.COST, '1h')),
      record(SPEND_SERIES.featurePastWeeks, pastWeeksMax(SPEND_SERIES.featureSpend)),
      record(SPEND_SERIES.featureShare, shareOf(featureDay)),
      record(SPEND_SERIES.tenantCost('1h'), sumIncrease(['tenant'], METRIC.TENANT_COST, { window: '1h' })),
      // Made of the 1h increases, each dollar of which is picked twice.
      record(tenantDay, `sum_over_time(${SPEND_SERIES.tenantCost('1h').text}[1d:30m] offset 1ms) / 2`),
      record(SPEND_SERIES.tenantShare, shareOf(tenantDay)),
      record(SPEND_SERIES.inputTokens, input('=~input|cache_read|cache_write')),
      record(SPEND_SERIES.cacheHit, divide(input('=cache_read'), positive(SPEND_SERIES.inputTokens))),
      record(SPEND_SERIES.tierCost, sumIncrease(TIER_MODEL, METRIC.COST, { window: '1h' })),
      record(SPEND_SERIES.tierUsdPerMtok, `1e6 * ${divide(SPEND_SERIES.tierCost, positive(tokens)).text}`),
    ],
  };
}

/** Each series over the sum of all. */
const shareOf = (all: Query): string =>
  `${sumOf(all.labels, all).text} / on () group_left () (sum(${all.text}) > 0)`;
