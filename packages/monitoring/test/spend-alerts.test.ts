import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { listRuleGroups } from '../src/groups.ts';
import { promtool, type RuleCase, runRuleCase, SILENT } from './promtool.ts';

const groups = listRuleGroups();
const run = (ruleCase: RuleCase) => runRuleCase(groups, ruleCase);

/** Labels of the calls of one feature, model and tier. */
const call = (feature: string, { model = 'm', tier = 'pro' } = {}) =>
  `service="shop",environment="prod",feature="${feature}",user_tier="${tier}",provider="p",model="${model}"`;
const cost = (labels: string) =>
  `llm_cost_usd_total{${labels},operation="chat",mode="standard",cost_source="local"}`;

// Ten-minute steps: a week of 1008 of them at the old increment, then two days at the new one.
const then = (before: number, after: number) => `0+${before}x1007 ${before * 1007}+${after}x300`;
const aWeekLater = { interval: '10m', evaluateEvery: '10m', at: '8d' } as const;

describe.skipIf(promtool.path === undefined)(`spend in promtool${suffixOf(promtool)}`, () => {
  it('LLMSpendAnomaly fires at three times the dearest same hour of the past weeks', () => {
    run({
      ...aWeekLater,
      // Past that it would be compared with itself.
      at: '7d12h',
      series: { [cost(call('f'))]: then(1, 3) },
      alerts: {
        LLMSpendAnomaly: [
          {
            labels: { environment: 'prod', feature: 'f', severity: 'ticket' },
            summary:
              'Feature f (prod) took 18.00 USD in the last hour, after 6.00 USD in the dearest same hour of the past four weeks.',
          },
        ],
      },
    });
  });

  it('LLMSpendAnomaly is silent at 1.9 times, for cents, for a new feature, and where nothing is spent', () => {
    run({
      ...aWeekLater,
      at: '7d12h',
      series: {
        [cost(call('more'))]: then(1, 1.9),
        [cost(call('cents'))]: then(0.1, 0.9),
        [cost(call('new'))]: `_x1008 0+3x300`,
        [cost(call('none'))]: '5x1400',
      },
      alerts: SILENT('LLMSpendAnomaly'),
    });
  });

  it('LLMSpendAnomaly knows a job that starts an hour later, as after a change of the clock', () => {
    // 30 USD within an hour at noon of the first day, at one in the afternoon a week later.
    const job = '0x72 0+5x6 30x1006 30+5x6 60x20';
    run({
      ...aWeekLater,
      at: `${7 * 24 + 14}h10m`,
      series: { [cost(call('nightly'))]: job },
      values: {
        'round(3600 * environment_feature:llm_cost_usd:rate1h, 0.1)': {
          '{environment="prod",feature="nightly"}': 30,
        },
      },
      alerts: SILENT('LLMSpendAnomaly'),
    });
  });

  it('LLMFeatureOverShare fires when a feature goes from a third to 60 % of the cost', () => {
    run({
      ...aWeekLater,
      at: '8d6h',
      series: { [cost(call('grows'))]: then(1, 3), [cost(call('stays'))]: then(2, 2) },
      alerts: {
        LLMFeatureOverShare: [
          {
            labels: { feature: 'grows', severity: 'ticket' },
            summary:
              'Feature grows took 60% of the cost of all calls in a day, 432.00 USD, which is much more of it than a week ago.',
          },
        ],
      },
    });
  });

  it.each([
    ['it has always been most of it', { big: then(3, 3), small: then(1, 1) }],
    ['it is below half', { grows: then(0.2, 0.9), stays: then(1, 1) }],
    ['it is about cents', { grows: then(0.01, 0.05), stays: then(0.02, 0.01) }],
    ['there is no week to compare with', { new: '_x1008 0+3x300' }],
  ])('LLMFeatureOverShare is silent when %s', (_name, features) => {
    run({
      ...aWeekLater,
      at: '8d6h',
      series: Object.fromEntries(
        Object.entries(features).map(([feature, samples]) => [cost(call(feature)), samples]),
      ),
      alerts: SILENT('LLMFeatureOverShare'),
    });
  });

  const tenant = (name: string) => `llm_tenant_cost_usd_total{tenant="${name}"}`;
  it('LLMTenantOverShare fires for a tenant that is new and takes half, not for all small ones together', () => {
    run({
      ...aWeekLater,
      at: '8d6h',
      series: {
        [tenant('acme')]: '_x1006 0 0 0+2x300',
        [tenant('other')]: then(1, 1),
        [tenant('')]: then(0.1, 1),
      },
      alerts: {
        LLMTenantOverShare: [
          {
            labels: { tenant: 'acme', severity: 'ticket' },
            summary:
              'Tenant acme took 50% of the cost of all calls in a day, 288.00 USD, which is much more of it than a week ago.',
          },
        ],
      },
    });
  });

  it('LLMTenantOverShare is silent for a quarter less a bit, and for the same share as ever', () => {
    run({
      ...aWeekLater,
      at: '8d6h',
      series: { [tenant('a')]: then(0.1, 0.24), [tenant('b')]: then(0.9, 0.76), [tenant('other')]: '0x1400' },
      alerts: SILENT('LLMTenantOverShare'),
    });
  });

  const calls = (labels: string) => `llm_calls_total{${labels},status="ok"}`;
  const retries = (labels: string) => `llm_retries_total{${labels}}`;
  const storm = (labels: string) => ({ [calls(labels)]: '0+5x60', [retries(labels)]: '0+10x60' });
  it('LLMRetryStorm fires at two retries for each call, across tiers and features', () => {
    run({
      interval: '1m',
      at: '30m',
      series: {
        ...storm(call('f')),
        ...storm(call('g', { tier: 'free' })),
      },
      alerts: {
        LLMRetryStorm: [
          {
            labels: { environment: 'prod', service: 'shop', provider: 'p', model: 'm', severity: 'page' },
            summary: 'Calls of p m in shop (prod) are retried 2.0 times each over the last ten minutes.',
          },
        ],
      },
    });
  });

  it('LLMRetryStorm fires for one feature whose storm drowns in the calls of the others', () => {
    run({
      interval: '1m',
      at: '30m',
      series: {
        ...storm(call('f')),
        [calls(call('g'))]: '0+500x60',
        [retries(call('g'))]: '0+1x60',
      },
      alerts: {
        LLMRetryStorm: [
          {
            labels: {
              environment: 'prod',
              service: 'shop',
              provider: 'p',
              model: 'm',
              feature: 'f',
              severity: 'page',
            },
            summary:
              'Calls of p m in shop (prod) for feature f are retried 2.0 times each over the last ten minutes.',
          },
        ],
      },
    });
  });

  it('LLMRetryStorm is silent at nine retries for ten calls, for a handful, and once it is over', () => {
    run({
      interval: '1m',
      at: '30m',
      series: {
        [calls(call('f', { model: 'busy' }))]: '0+10x60',
        [retries(call('f', { model: 'busy' }))]: '0+9x60',
        [calls(call('f', { model: 'rare' }))]: '0+1x60',
        [retries(call('f', { model: 'rare' }))]: '0+4x60',
        [calls(call('f', { model: 'over' }))]: '0+5x60',
        [retries(call('f', { model: 'over' }))]: '0+10x15 150x60',
      },
      alerts: SILENT('LLMRetryStorm'),
    });
  });

  const tokens = (feature: string, type: string) => `llm_tokens_total{${call(feature)},token_type="${type}"}`;
  const cached = (feature: string, read: readonly [number, number], input: readonly [number, number]) => ({
    [tokens(feature, 'cache_read')]: then(...read),
    [tokens(feature, 'input')]: then(...input),
    [tokens(feature, 'output')]: then(50_000, 50_000),
  });
  it('LLMCacheHitRateFallen fires when 80 % have become 10 %', () => {
    run({
      ...aWeekLater,
      at: '7d12h',
      series: cached('f', [80_000, 10_000], [20_000, 90_000]),
      alerts: {
        LLMCacheHitRateFallen: [
          {
            labels: { environment: 'prod', feature: 'f', model: 'm', severity: 'ticket' },
            summary:
              '10% of the input of f (prod) on m was read from a cache in the last hour, after 80% in the same hour a week ago.',
          },
        ],
      },
    });
  });

  it('LLMCacheHitRateFallen is silent at 41 of 80 %, for little input, and where it was never worth much', () => {
    run({
      ...aWeekLater,
      at: '7d12h',
      series: {
        ...cached('a-little', [80_000, 41_000], [20_000, 59_000]),
        ...cached('few', [8_000, 1_000], [2_000, 9_000]),
        ...cached('never', [19_000, 1_000], [81_000, 99_000]),
      },
      alerts: SILENT('LLMCacheHitRateFallen'),
    });
  });

  const spend = (feature: string, tier: string, [usd, kiloTokens]: readonly [number, number]) => ({
    [cost(call(feature, { tier }))]: `0+${usd}x300`,
    [`llm_tokens_total{${call(feature, { tier })},token_type="input"}`]: `0+${kiloTokens * 1000}x300`,
  });
  it('LLMFreeTierOnExpensiveModel fires at 10 USD a million tokens', () => {
    run({
      interval: '1m',
      at: '2h',
      series: spend('f', 'free', [0.1, 10]),
      alerts: {
        LLMFreeTierOnExpensiveModel: [
          {
            labels: { environment: 'prod', feature: 'f', model: 'm', severity: 'ticket' },
            summary:
              'Users of the free tier took 6.00 USD of m through f (prod) in the last hour, at 10.00 USD per million tokens.',
          },
        ],
      },
    });
  });

  it('LLMFreeTierOnExpensiveModel is silent for payers, for a cheap model, and for cents', () => {
    run({
      interval: '1m',
      at: '2h',
      series: {
        ...spend('payers', 'pro', [0.1, 10]),
        ...spend('cheap', 'free', [0.1, 40]),
        ...spend('cents', 'free', [0.008, 0.8]),
      },
      alerts: SILENT('LLMFreeTierOnExpensiveModel'),
    });
  });
});
