import { PIPELINE_THRESHOLD } from '@costspan/monitoring';
import { METRIC, PROCESSOR_METRIC } from '@costspan/semconv';
import { buildBoard } from './board.mts';
import { graphTile, statTile, UNIT } from './panel.mts';
import { CALL_VARIABLES, inRange, orNothing, rate, scoped, sum } from './scope.mts';

/** The processor's own metrics, by the process that has them. */
const own = (name: string) => sum(['instance'], name);
const received = PROCESSOR_METRIC.SPANS_RECEIVED.name;
const LAG = { thresholds: [[PIPELINE_THRESHOLD.lagSeconds, 'red']] } as const;

const numbers = [
  statTile({
    title: 'Processors',
    description:
      'Processors that Prometheus reads. None: nothing is watched (LLMNoData). Fewer than in the hours before: LLMProcessorMissing.',
    unit: UNIT.count,
    width: 4,
    base: 'text',
    thresholds: [
      [0, 'red'],
      [1, 'green'],
    ],
    targets: [{ expr: `count(${received}) or vector(0)`, legend: 'processors', isInstant: true }],
  }),
  statTile({
    title: 'Spans received',
    description: 'By all processors in the time that is shown.',
    unit: UNIT.count,
    width: 4,
    targets: [{ expr: sum([], inRange(PROCESSOR_METRIC.SPANS_RECEIVED)), legend: 'spans', isInstant: true }],
  }),
  statTile({
    title: 'Rejected',
    description:
      'Requests and spans that were turned away: what they cost is in no figure (LLMProcessorRejects).',
    unit: UNIT.count,
    width: 4,
    base: 'green',
    thresholds: [[1, 'red']],
    targets: [
      {
        expr: `${sum([], inRange(PROCESSOR_METRIC.REJECTED))} or vector(0)`,
        legend: 'rejected',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Lag',
    description:
      'Age of the newest span when it arrived. Above five minutes budgets are that late (LLMProcessorLag).',
    unit: UNIT.seconds,
    width: 4,
    decimals: 1,
    base: 'green',
    ...LAG,
    targets: [{ expr: `max(${PROCESSOR_METRIC.LAG.name})`, legend: 'lag', isInstant: true }],
  }),
  statTile({
    title: 'Calls without a full price',
    description:
      'Calls whose cost is not known, or only in part: every figure is too low (LLMUnpricedSpend).',
    unit: UNIT.count,
    width: 4,
    base: 'green',
    thresholds: [[1, 'orange']],
    targets: [
      {
        expr: `${sum([], inRange(METRIC.UNPRICED_CALLS))} or vector(0)`,
        legend: 'unpriced',
        isInstant: true,
      },
    ],
  }),
  statTile({
    title: 'Booked under other',
    description:
      'Samples that went to other because a series limit was reached: sums are right, parts are not.',
    unit: UNIT.count,
    width: 4,
    base: 'green',
    thresholds: [[1, 'red']],
    targets: [
      {
        expr: `${sum([], inRange(PROCESSOR_METRIC.OVERFLOW))} or vector(0)`,
        legend: 'to other',
        isInstant: true,
      },
    ],
  }),
];

const flow = [
  graphTile({
    title: 'Calls by service',
    description: 'LLM calls per second. A service that falls to nothing is LLMCallsStopped.',
    unit: UNIT.perSecond,
    width: 12,
    isStacked: true,
    targets: [
      {
        expr: sum(['service', 'environment'], rate(METRIC.CALLS)),
        legend: '{{service}} {{environment}}',
      },
    ],
  }),
  graphTile({
    title: 'Spans by processor',
    description:
      'Spans per second that each processor received, and dashed those that it had counted before.',
    unit: UNIT.perSecond,
    width: 12,
    dashed: ['B'],
    targets: [
      { expr: own(rate(PROCESSOR_METRIC.SPANS_RECEIVED)), legend: '{{instance}}' },
      { expr: own(rate(PROCESSOR_METRIC.DUPLICATES)), legend: '{{instance}}, duplicates' },
    ],
  }),
];

const trouble = [
  graphTile({
    title: 'Rejected by reason',
    softMax: 1,
    description: 'Requests and spans per second that were turned away.',
    unit: UNIT.perSecond,
    width: 8,
    isStacked: true,
    targets: [
      { expr: orNothing('reason', sum(['reason'], rate(PROCESSOR_METRIC.REJECTED))), legend: '{{reason}}' },
    ],
  }),
  graphTile({
    title: 'Unpriced by reason',
    softMax: 1,
    description: 'Calls per second whose cost is not known, or only in part.',
    unit: UNIT.perSecond,
    width: 8,
    isStacked: true,
    targets: [
      {
        expr: orNothing('reason', sum(['model', 'reason'], rate(METRIC.UNPRICED_CALLS))),
        legend: '{{model}} {{reason}}',
      },
    ],
  }),
  graphTile({
    title: 'Lag by processor',
    description: 'Age of the newest span when it arrived; LLMProcessorLag fires above the line.',
    unit: UNIT.seconds,
    width: 8,
    hasThresholdLines: true,
    ...LAG,
    targets: [{ expr: `max by (instance) (${scoped(PROCESSOR_METRIC.LAG)})`, legend: '{{instance}}' }],
  }),
];

const inside = [
  graphTile({
    title: 'Open tasks',
    description: 'Tasks that are held in memory until they settle.',
    unit: UNIT.count,
    width: 8,
    targets: [{ expr: own(PROCESSOR_METRIC.OPEN_TASKS.name), legend: '{{instance}}' }],
  }),
  graphTile({
    title: 'Cost that waits',
    softMax: 1,
    description:
      'Cost of calls whose new series Prometheus has not yet seen at 0: it is counted after the next scrape.',
    unit: UNIT.usd,
    width: 8,
    targets: [{ expr: own(PROCESSOR_METRIC.HELD_COST.name), legend: '{{instance}}' }],
  }),
  graphTile({
    title: 'Outcomes that changed late',
    softMax: 1,
    description: 'Tasks in an hour whose outcome changed after they had settled.',
    unit: UNIT.count,
    width: 8,
    isStacked: true,
    targets: [
      {
        expr: orNothing(
          'change',
          `label_join(${sum(['from', 'to'], `increase(${scoped(METRIC.TASKS_RECLASSIFIED)}[1h])`)}, "change", " to ", "from", "to")`,
        ),
        legend: '{{change}}',
      },
    ],
  }),
];

const DRIFT = { thresholds: [[PIPELINE_THRESHOLD.drift, 'red']] } as const;
const durable = [
  graphTile({
    title: 'Data directory',
    description:
      'Bytes of the log that a restart would read, and dashed those that are not durable yet. While the disk takes nothing the processor takes no spans (LLMProcessorNotDurable). Nothing without a data directory.',
    unit: UNIT.bytes,
    width: 8,
    softMax: 1024,
    dashed: ['B'],
    targets: [
      { expr: orNothing('instance', own(PROCESSOR_METRIC.WAL_BYTES.name)), legend: '{{instance}}' },
      {
        expr: orNothing('instance', own(PROCESSOR_METRIC.WAL_QUEUE_BYTES.name)),
        legend: '{{instance}}, waiting',
      },
    ],
  }),
  graphTile({
    title: 'Off the bill',
    description:
      'Difference between the cost that was counted and the bill of each provider, as costspan reconcile found it last. LLMReconciliationDrift fires above the line.',
    unit: UNIT.share,
    width: 8,
    softMax: 0.05,
    hasThresholdLines: true,
    ...DRIFT,
    targets: [
      {
        expr: orNothing('provider', `abs(max by (provider) (${PROCESSOR_METRIC.RECONCILIATION_DRIFT.name}))`),
        legend: '{{provider}}',
      },
    ],
  }),
  graphTile({
    title: 'Estimated by reason',
    description:
      'Calls per second whose cost is an estimate: sampled traces, streams that were cut, unknown ranks.',
    unit: UNIT.perSecond,
    width: 8,
    softMax: 1,
    isStacked: true,
    targets: [
      {
        expr: orNothing('reason', sum(['reason'], rate(PROCESSOR_METRIC.ESTIMATED_CALLS))),
        legend: '{{reason}}',
      },
    ],
  }),
];

export const pipelineHealth = () =>
  buildBoard({
    board: 'pipeline-health',
    title: 'Pipeline health',
    description: 'Whether the numbers can be relied on: what arrives, what does not, what has no price.',
    variables: CALL_VARIABLES,
    lines: [numbers, flow, trouble, inside, durable],
  });
