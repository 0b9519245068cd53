import { METRIC, OVERFLOW_LABEL } from '@costspan/semconv';
import { divide, offset, positive, type Query, select, sumIncrease, sumOf } from '../queries.js';
import { featureLink, featureName } from './feature-alerts.js';
import type { AlertRule, RuleGroup } from './rule.js';
import { SPEND_SERIES } from './spend-recording.js';
import { label, labelAfter, labelInParentheses, seriesValue, summary, value } from './summary.js';
import { TASK_SERIES } from './task-recording.js';

/** From where spend is told of; the dashboards draw their thresholds here. */
export const SPEND_THRESHOLD = {
  /** Times the dearest same hour of the past four weeks, and by how much. */
  anomaly: { factor: 2, floorUsd: 5 },
  /** Of a day's cost, and how many times the share of a week before. */
  featureShare: { share: 0.5, factor: 1.5, floorUsd: 10 },
  tenantShare: { share: 0.25, factor: 1.5, floorUsd: 10 },
  /** Retries for each call, and how many in ten minutes. */
  retries: { perCall: 1, floor: 50 },
  /** Cache hits below this part of a week before, where they were worth having. */
  cacheHit: { factor: 0.5, before: 0.2, floorTokens: 100_000 },
  /** All kinds of token together: the small models stay far below, cached input included. */
  freeTier: { usdPerMtok: 3, floorUsdPerHour: 0.5 },
} as const;
/** `user_tier` of those who pay nothing. */
const FREE_TIER = 'free';

function spendAnomaly(): AlertRule {
  const [now, past] = [`3600 * ${SPEND_SERIES.featureSpend.text}`, SPEND_SERIES.featurePastWeeks.text];
  const { factor, floorUsd } = SPEND_THRESHOLD.anomaly;
  const before = seriesValue(SPEND_SERIES.featurePastWeeks, {
    by: SPEND_SERIES.featurePastWeeks.labels,
    format: 'printf "%.2f"',
  });
  return {
    alert: 'LLMSpendAnomaly',
    expr: `${now} > ${factor} * ${past}\nand ${now} - ${past} > ${floorUsd}`,
    for: '15m',
    severity: 'ticket',
    summary: summary`Feature ${featureName} took ${value('printf "%.2f"')} USD in the last hour, after ${before} USD in the dearest same hour of the past four weeks.`,
    link: featureLink('overview', 'Spend against past weeks'),
  };
}

interface ShareLevel {
  /** All shares, of whoever they are: tells whether there is a week of data. */
  readonly all: Query;
  readonly share: number;
  readonly factor: number;
  readonly floorUsd: number;
}

/**
 * Much, and much more than it was: who has always been half of the cost is no news. Without a week of data nobody
 * has a share to be over; who is new since has had none of it.
 */
function shareExpression(share: Query, cost: Query, level: ShareLevel): string {
  const before = offset(share, '1w').text;
  return [
    `${share.text} > ${level.share}`,
    `unless ${share.text} <= ${level.factor} * (${before})`,
    `and ${cost.text} > ${level.floorUsd}`,
    `and on () count(${offset(level.all, '1w').text})`,
  ].join('\n');
}

function featureOverShare(): AlertRule {
  const all = SPEND_SERIES.featureShare;
  const cost = TASK_SERIES.costUsd('1d');
  const spent = seriesValue(cost, { by: ['feature'], format: 'printf "%.2f"' });
  return {
    alert: 'LLMFeatureOverShare',
    expr: shareExpression(all, cost, { ...SPEND_THRESHOLD.featureShare, all }),
    for: '1h',
    severity: 'ticket',
    summary: summary`Feature ${label('feature')} took ${value('humanizePercentage')} of the cost of all calls in a day, ${spent} USD, which is much more of it than a week ago.`,
    link: { board: 'overview', panel: 'Share of the cost by feature', variables: { feature: 'feature' } },
  };
}

function tenantOverShare(): AlertRule {
  const cost = SPEND_SERIES.tenantCost('1d');
  const all = SPEND_SERIES.tenantShare;
  const spent = seriesValue(cost, { by: ['tenant'], format: 'printf "%.2f"' });
  // Calls without a tenant, and those of all small tenants together, are nobody's share.
  const named = select({ ...all, name: all.text }, { tenant: `!~|${OVERFLOW_LABEL}` });
  return {
    alert: 'LLMTenantOverShare',
    expr: shareExpression(named, cost, { ...SPEND_THRESHOLD.tenantShare, all }),
    for: '1h',
    severity: 'ticket',
    summary: summary`Tenant ${label('tenant')} took ${value('humanizePercentage')} of the cost of all calls in a day, ${spent} USD, which is much more of it than a week ago.`,
    link: { board: 'tenants', panel: 'Cost by tenant', variables: { tenant: 'tenant' } },
  };
}

const MODEL = ['environment', 'service', 'provider', 'model'];

function retriedOften(by: readonly string[]): string {
  const retries = sumIncrease(by, METRIC.RETRIES, { window: '10m' });
  const calls = sumIncrease(by, METRIC.CALLS, { window: '10m' });
  const { perCall, floor } = SPEND_THRESHOLD.retries;
  return `${divide(retries, positive(calls)).text} > ${perCall} and ${retries.text} > ${floor}`;
}

function retryStorm(): AlertRule {
  return {
    alert: 'LLMRetryStorm',
    // One feature's storm drowns in the calls of the others; where the model as a whole is in one, that is said once.
    expr: `${retriedOften(MODEL)}\nor on (${MODEL.join(', ')})\n${retriedOften([...MODEL, 'feature'])}`,
    for: '5m',
    severity: 'page',
    summary: summary`Calls of ${label('provider')} ${label('model')} in ${label('service')}${labelInParentheses('environment')}${labelAfter(' for feature ', 'feature')} are retried ${value('printf "%.1f"')} times each over the last ten minutes.`,
    link: {
      board: 'models',
      panel: 'Retries per call',
      variables: { environment: 'environment', service: 'service' },
    },
  };
}

function cacheHitRateFallen(): AlertRule {
  const { cacheHit, inputTokens } = SPEND_SERIES;
  const before = offset(cacheHit, '1w').text;
  const { factor, before: worth, floorTokens } = SPEND_THRESHOLD.cacheHit;
  const shownBefore = seriesValue(cacheHit, {
    by: cacheHit.labels,
    format: 'humanizePercentage',
    ago: '1w',
  });
  return {
    alert: 'LLMCacheHitRateFallen',
    expr: [
      `${cacheHit.text} < ${factor} * (${before} > ${worth})`,
      `and ${inputTokens.text} > ${floorTokens}`,
      `and ${offset(inputTokens, '1w').text} > ${floorTokens}`,
    ].join('\n'),
    for: '1h',
    severity: 'ticket',
    summary: summary`${value('humanizePercentage')} of the input of ${featureName} on ${label('model')} was read from a cache in the last hour, after ${shownBefore} in the same hour a week ago.`,
    link: featureLink('models', 'Cache hit rate'),
  };
}

function freeTierOnExpensiveModel(): AlertRule {
  const { tierCost, tierUsdPerMtok } = SPEND_SERIES;
  const free = (series: Query) =>
    sumOf(['environment', 'feature', 'model'], series, { user_tier: `=${FREE_TIER}` });
  const { usdPerMtok, floorUsdPerHour } = SPEND_THRESHOLD.freeTier;
  const rate = seriesValue(tierUsdPerMtok, {
    by: free(tierUsdPerMtok).labels,
    where: { user_tier: `=${FREE_TIER}` },
    format: 'printf "%.2f"',
  });
  return {
    alert: 'LLMFreeTierOnExpensiveModel',
    expr: `${free(tierCost).text} > ${floorUsdPerHour}\nand ${free(tierUsdPerMtok).text} > ${usdPerMtok}`,
    for: '30m',
    severity: 'ticket',
    summary: summary`Users of the free tier took ${value('printf "%.2f"')} USD of ${label('model')} through ${featureName} in the last hour, at ${rate} USD per million tokens.`,
    link: featureLink('tenants', 'Models by tier'),
  };
}

/** Alerts on where money goes that it did not go before, and where it need not go. */
export function spendAlertGroup(): RuleGroup {
  return {
    name: 'llm-spend-alerts',
    comment: 'Spend: unlike its past, over its share, retried, uncached, on models that are too dear for it.',
    interval: '1m',
    rules: [
      spendAnomaly(),
      featureOverShare(),
      tenantOverShare(),
      retryStorm(),
      cacheHitRateFallen(),
      freeTierOnExpensiveModel(),
    ],
  };
}
