import { METRIC, PROCESSOR_METRIC } from '@costspan/semconv';
import { maxGauge, offset, positive, select, sumIncrease, sumOf } from '../queries.js';
import type { AlertRule, PanelLink, RuleGroup } from './rule.js';
import { label, labelInParentheses, summary, value } from './summary.js';
import { TASK_SERIES } from './task-recording.js';

/** From where the pipeline is told of; the dashboards draw their thresholds here. */
export const PIPELINE_THRESHOLD = {
  /** Calls of the same hour a week ago, below which an hour may well be without any. */
  callsBefore: 100,
  /** Rejections for each span that was received. */
  rejectedShare: 0.01,
  /** In ten minutes: a scanner that knocks at the door once is no news. */
  rejectedFloor: 5,
  lagSeconds: 300,
  /** Of the provider's bill, either way. */
  drift: 0.02,
} as const;

const link = (panel: string, variables: PanelLink['variables'] = {}): PanelLink => ({
  board: 'pipeline-health',
  panel,
  variables,
});

/** Neither a processor nor a process with its own metrics is scraped: no other alert can fire. */
const noData: AlertRule = {
  alert: 'LLMNoData',
  expr: `absent(${select(METRIC.CALLS).text})\nand absent(${select(PROCESSOR_METRIC.SPANS_RECEIVED).text})`,
  for: '15m',
  severity: 'page',
  summary: summary`Prometheus has no LLM metrics at all: no budget is watched, and none of the other alerts can fire.`,
  link: link('Spans received'),
};

function processorMissing(): AlertRule {
  const reporting = `count(${select(PROCESSOR_METRIC.SPANS_RECEIVED).text})`;
  return {
    alert: 'LLMProcessorMissing',
    // The median of the hours before: a pod that moves is there twice for a minute, which is no processor more.
    expr: `quantile_over_time(0.5, ${reporting}[6h:5m]) - ${reporting} > 0`,
    for: '15m',
    severity: 'ticket',
    summary: summary`Of the processors that reported in the hours before, ${value('printf "%.0f"')} are missing: the tasks that are theirs wait, and what is spent on them is in no figure until they are back.`,
    link: link('Processors'),
  };
}

function callsStopped(): AlertRule {
  const calls = TASK_SERIES.attempts('service', '1h');
  return {
    alert: 'LLMCallsStopped',
    // `unless`, as a service whose series are gone is the very case.
    expr: `${offset(calls, '1w').text} > ${PIPELINE_THRESHOLD.callsBefore}\nunless ${calls.text} > 0\nand on () count(${calls.text})`,
    for: '15m',
    severity: 'ticket',
    summary: summary`Service ${label('service')}${labelInParentheses('environment')} has reported no LLM call for an hour, after ${value('printf "%.0f"')} in the same hour a week ago.`,
    link: link('Calls by service', { environment: 'environment', service: 'service' }),
  };
}

function processorRejects(): AlertRule {
  const rejected = sumIncrease(['reason'], PROCESSOR_METRIC.REJECTED, { window: '10m' });
  const received = sumIncrease([], PROCESSOR_METRIC.SPANS_RECEIVED, { window: '10m' });
  return {
    alert: 'LLMProcessorRejects',
    // Where nothing else is received at all, everything is rejected.
    expr: [
      `${rejected.text} > 0`,
      `unless on () ${sumOf([], rejected).text} <= ${PIPELINE_THRESHOLD.rejectedShare} * ${received.text}`,
      `and on () ${sumOf([], rejected).text} >= ${PIPELINE_THRESHOLD.rejectedFloor}`,
    ].join('\n'),
    for: '10m',
    severity: 'ticket',
    summary: summary`The processor has turned away ${value('printf "%.0f"')} requests or spans in ten minutes (${label('reason')}): what they cost is in no figure.`,
    link: link('Rejected'),
  };
}

const processorLag: AlertRule = {
  alert: 'LLMProcessorLag',
  // The gauge keeps its last value while nothing comes.
  expr: `${select(PROCESSOR_METRIC.LAG).text} > ${PIPELINE_THRESHOLD.lagSeconds}\nand increase(${select(PROCESSOR_METRIC.SPANS_RECEIVED).text}[10m]) > 0`,
  for: '10m',
  severity: 'ticket',
  summary: summary`Spans reach the processor ${label('instance')} ${value('humanizeDuration')} after their calls ended: burn rates and budgets are that late.`,
  link: link('Lag'),
};

const seriesLimitReached: AlertRule = {
  alert: 'LLMSeriesLimitReached',
  expr: positive(sumIncrease(['metric'], PROCESSOR_METRIC.OVERFLOW, { window: '10m' })).text,
  for: '10m',
  severity: 'ticket',
  summary: summary`The series limit of ${label('metric')} is reached, and ${value('printf "%.0f"')} samples in ten minutes went to the label value other: the sum is right, its parts are not.`,
  link: link('Booked under other'),
};

const notDurable: AlertRule = {
  alert: 'LLMProcessorNotDurable',
  expr: positive(
    sumIncrease(['instance'], { ...PROCESSOR_METRIC.WAL_FAILURES, labels: ['instance'] }, { window: '10m' }),
  ).text,
  for: '5m',
  severity: 'page',
  summary: summary`The data directory of the processor ${label('instance')} took nothing ${value('printf "%.0f"')} times in ten minutes, so it takes no spans: a full disk loses what its senders do not keep.`,
  link: link('Data directory'),
};

const reconciliationDrift: AlertRule = {
  alert: 'LLMReconciliationDrift',
  expr: `abs(${maxGauge(['provider'], PROCESSOR_METRIC.RECONCILIATION_DRIFT).text}) > ${PIPELINE_THRESHOLD.drift}`,
  for: '1h',
  severity: 'ticket',
  summary: summary`The cost that was counted for ${label('provider')} is ${value('humanizePercentage')} off its bill: prices, a discount or calls are missing.`,
  link: link('Off the bill'),
};

/** Alerts on the pipeline itself: whoever is blind to cost should know it. */
export function pipelineAlertGroup(): RuleGroup {
  return {
    name: 'llm-pipeline-alerts',
    comment:
      'Pipeline: no data, calls that stopped, a processor that rejects, lags, has reached a limit or is off the bill.',
    interval: '1m',
    rules: [
      noData,
      processorMissing(),
      callsStopped(),
      processorRejects(),
      processorLag,
      seriesLimitReached,
      notDurable,
      reconciliationDrift,
    ],
  };
}
