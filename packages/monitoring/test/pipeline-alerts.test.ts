import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { listRuleGroups } from '../src/groups.ts';
import { promtool, type RuleCase, runRuleCase, SILENT } from './promtool.ts';

const groups = listRuleGroups();
const run = (ruleCase: RuleCase) => runRuleCase(groups, ruleCase);

const calls = (service: string) =>
  `llm_calls_total{service="${service}",environment="prod",feature="f",user_tier="",provider="p",model="m",status="ok"}`;
const received = 'costspan_processor_spans_received_total{instance="a"}';

describe.skipIf(promtool.path === undefined)(`the pipeline in promtool${suffixOf(promtool)}`, () => {
  it('LLMNoData fires when nothing of ours is scraped', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { 'up{job="costspan"}': '0x60' },
      alerts: {
        LLMNoData: [
          {
            labels: { severity: 'page' },
            summary:
              'Prometheus has no LLM metrics at all: no budget is watched, and none of the other alerts can fire.',
          },
        ],
      },
    });
  });

  it.each([
    ['a processor that has no calls yet', { [received]: '0x60' }],
    ['processes that serve their own metrics', { [calls('shop')]: '0x60' }],
    ['a gap of ten minutes', { [received]: '0x18 _x15' }],
  ])('LLMNoData is silent with %s', (_name, series) => {
    run({ interval: '1m', at: '30m', series, alerts: SILENT('LLMNoData') });
  });

  const processors = (...samples: string[]) =>
    Object.fromEntries(
      samples.map((values, index) => [
        `costspan_processor_spans_received_total{instance="${index}"}`,
        values,
      ]),
    );

  it('LLMProcessorMissing fires when one of three is gone for a quarter of an hour', () => {
    run({
      interval: '1m',
      at: '140m',
      series: processors('0x400', '0x400', '0x119 stale'),
      alerts: {
        LLMNoData: [],
        LLMProcessorMissing: [
          {
            labels: { severity: 'ticket' },
            summary:
              'Of the processors that reported in the hours before, 1 are missing: the tasks that are theirs wait, and what is spent on them is in no figure until they are back.',
          },
        ],
      },
    });
  });

  it.each([
    ['one is back after ten minutes', '150m', processors('0x400', '0x119 _x10 0x200')],
    [
      'one moves, and is there twice for two minutes',
      '150m',
      processors('0x121 stale', '_x120 0x400', '0x400'),
    ],
    ['one was taken away half a day ago', '14h', processors('0x900', '0x119 stale')],
    ['all are gone', '150m', processors('0x119 stale', '0x119 stale')],
  ])('LLMProcessorMissing is silent when %s', (_name, at, series) => {
    run({ interval: '1m', at, series, alerts: SILENT('LLMProcessorMissing') });
  });

  const aWeekLater = { interval: '10m', evaluateEvery: '10m', at: '7d12h' } as const;
  it('LLMCallsStopped fires for a service that stands still, and for one whose series are gone', () => {
    run({
      ...aWeekLater,
      series: {
        [calls('still')]: '0+20x1050 21000x100',
        [calls('gone')]: '0+20x1050',
        [calls('goes-on')]: '0+20x1200',
      },
      alerts: {
        LLMCallsStopped: ['gone', 'still'].map((service) => ({
          labels: { environment: 'prod', service, severity: 'ticket' },
          summary: `Service ${service} (prod) has reported no LLM call for an hour, after 120 in the same hour a week ago.`,
        })),
      },
    });
  });

  it('LLMCallsStopped is silent for few calls, in the hours that are always empty, and where all data is gone', () => {
    run({
      ...aWeekLater,
      series: {
        [calls('few')]: '0+16x1050 16800x100',
        // The day of the week before had none at this hour either.
        [calls('nightly')]: '0x100 0+20x900 18000x200',
        [calls('goes-on')]: '0+20x1200',
      },
      alerts: SILENT('LLMCallsStopped'),
    });
    run({ ...aWeekLater, series: { [calls('gone')]: '0+20x1050' }, alerts: SILENT('LLMCallsStopped') });
  });

  const rejected = (reason: string) => `costspan_processor_rejected_total{instance="a",reason="${reason}"}`;
  it('LLMProcessorRejects fires at 2 %, by reason, and when nothing else comes', () => {
    const expected = (reason: string, count: number) => ({
      labels: { reason, severity: 'ticket' },
      summary: `The processor has turned away ${count} requests or spans in ten minutes (${reason}): what they cost is in no figure.`,
    });
    run({
      interval: '1m',
      at: '30m',
      series: { [received]: '0+100x60', [rejected('malformed')]: '0+2x60', [rejected('too_large')]: '0x60' },
      alerts: { LLMProcessorRejects: [expected('malformed', 20)] },
    });
    run({
      interval: '1m',
      at: '30m',
      series: { [received]: '0x60', [rejected('unauthorized')]: '0+3x60' },
      alerts: { LLMProcessorRejects: [expected('unauthorized', 30)] },
    });
  });

  it('LLMProcessorRejects is silent below 1 %, for a stray request, and for what is long over', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { [received]: '0+1x60', [rejected('unknown_path')]: '0x15 1x2 2x2 3x2 4x60' },
      alerts: SILENT('LLMProcessorRejects'),
    });
    run({
      interval: '1m',
      at: '30m',
      series: { [received]: '0+100x60', [rejected('malformed')]: '0+0.9x60' },
      alerts: SILENT('LLMProcessorRejects'),
    });
    run({
      interval: '1m',
      at: '30m',
      series: { [received]: '0+1x60', [rejected('malformed')]: '0+5x12 60x60' },
      alerts: SILENT('LLMProcessorRejects'),
    });
  });

  const lag = 'costspan_processor_lag_seconds{instance="a"}';
  it('LLMProcessorLag fires at six minutes', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { [lag]: '360x60', [received]: '0+1x60' },
      alerts: {
        LLMProcessorLag: [
          {
            labels: { instance: 'a', severity: 'ticket' },
            summary:
              'Spans reach the processor a 6m 0s after their calls ended: burn rates and budgets are that late.',
          },
        ],
      },
    });
  });

  it('LLMProcessorLag is silent at five minutes, and for one late span after which none came', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { [lag]: '300x60', [received]: '0+1x60' },
      alerts: SILENT('LLMProcessorLag'),
    });
    run({
      interval: '1m',
      at: '30m',
      series: { [lag]: '0x10 4000x60', [received]: '0x10 1x60' },
      alerts: SILENT('LLMProcessorLag'),
    });
  });

  const failures = 'costspan_processor_wal_failures_total{instance="a"}';
  it('LLMProcessorNotDurable fires while the disk takes nothing', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { [failures]: '0x10 0+2x60' },
      alerts: {
        LLMProcessorNotDurable: [
          {
            labels: { instance: 'a', severity: 'page' },
            summary:
              'The data directory of the processor a took nothing 20 times in ten minutes, so it takes no spans: a full disk loses what its senders do not keep.',
          },
        ],
      },
    });
  });

  it('LLMProcessorNotDurable is silent without failures, and once there is room again', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { [failures]: '0x60', 'costspan_processor_wal_failures_total{instance="b"}': '0+3x10 30x60' },
      alerts: SILENT('LLMProcessorNotDurable'),
    });
  });

  const drift = (provider: string) => `llm_reconciliation_drift_ratio{instance="a",provider="${provider}"}`;
  it('LLMReconciliationDrift fires at 3 %, whether too much was counted or too little', () => {
    const expected = (provider: string) => ({
      labels: { provider, severity: 'ticket' },
      summary: `The cost that was counted for ${provider} is 3% off its bill: prices, a discount or calls are missing.`,
    });
    run({
      interval: '1m',
      at: '2h',
      series: { [drift('p')]: '0.03x200', [drift('q')]: '-0.03x200' },
      alerts: { LLMReconciliationDrift: [expected('p'), expected('q')] },
    });
  });

  it('LLMReconciliationDrift is silent at 2 %, and where nothing was ever compared', () => {
    run({
      interval: '1m',
      at: '2h',
      series: { [drift('p')]: '0.02x200', [drift('q')]: '-0.019x200' },
      alerts: SILENT('LLMReconciliationDrift'),
    });
  });

  const overflow = (metric: string) => `costspan_processor_overflow_total{instance="a",metric="${metric}"}`;
  it('LLMSeriesLimitReached fires for the metric that is full, while it is', () => {
    run({
      interval: '1m',
      at: '30m',
      series: {
        [overflow('llm_cost_usd_total')]: '0x5 0+4x60',
        [overflow('llm_tokens_total')]: '0x60',
        // It was full once; the count stays.
        [overflow('llm_calls_total')]: '0+3x5 15x60',
      },
      alerts: {
        LLMSeriesLimitReached: [
          {
            labels: { metric: 'llm_cost_usd_total', severity: 'ticket' },
            summary:
              'The series limit of llm_cost_usd_total is reached, and 40 samples in ten minutes went to the label value other: the sum is right, its parts are not.',
          },
        ],
      },
    });
  });
});
