import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRIC } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { divide, select, sumIncrease, sumRate } from '../src/queries.ts';
import { listRuleGroups, renderRules } from '../src/render.ts';
import { runbookName } from '../src/rules/alerts.ts';
import { promtool, type RuleCase, runPromtool, runRuleCase } from './promtool.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const budget = (name: string) =>
  ({ name, match: {}, limitPicoUsd: 1n, period: 'month', timezone: 'UTC' }) as const;
const withBudgets = { budgets: [budget('support'), budget('odd "name" {{ . }} \\ ü')] };
const runbookOf = (alert: string) => `docs/runbooks/${runbookName(alert)}.md`;
const run = (ruleCase: RuleCase) => runRuleCase(renderRules(withBudgets), ruleCase, runbookOf);

const DAY = 86_400;
/** The gauges and the counter of one budget: a month of 30 days from the case's first instant on. */
function budgetSeries(
  spend: string,
  options: { limit?: number; start?: number; end?: number; counter?: string } = {},
) {
  const { limit = 3000, start = 0, end = 30 * DAY, counter = spend } = options;
  return {
    'llm_budget_spend_usd_total{budget="a"}': counter,
    'llm_budget_period_spend_usd{budget="a"}': spend,
    'llm_budget_limit_usd{budget="a"}': `${limit}x20000`,
    'llm_budget_period_start_timestamp_seconds{budget="a"}': `${start}x20000`,
    'llm_budget_period_end_timestamp_seconds{budget="a"}': `${end}x20000`,
  };
}
const SILENT = (...names: string[]) => Object.fromEntries(names.map((name) => [name, []]));

describe('the rule file', () => {
  it('is checked in as rendered', () => {
    const file = join(root, 'collector-config/prometheus/costspan.rules.yml');
    expect(readFileSync(file, 'utf8')).toBe(renderRules());
  });

  it('has a runbook page for every alert, and no other page', () => {
    const alerts = listRuleGroups(withBudgets).flatMap(({ rules }) =>
      rules.filter((rule) => 'alert' in rule),
    );
    const pages = new Set(alerts.map(({ annotations }) => annotations.runbook));
    const files = readdirSync(join(root, 'docs/runbooks')).map((file) => `docs/runbooks/${file}`);
    expect(files.sort()).toEqual([...pages].sort());
  });

  it('says of each budget of the config when nobody reports it', () => {
    const alerts = listRuleGroups({ budgets: [budget('support')] })[2]?.rules ?? [];
    expect(alerts.at(-1)).toEqual({
      alert: 'LLMBudgetNotReported',
      expr: 'absent(llm_budget_limit_usd{budget="support"})',
      for: '15m',
      labels: { severity: 'ticket' },
      annotations: {
        summary: 'No process reports budget {{ $labels.budget }}: its other alerts cannot fire.',
        runbook: 'docs/runbooks/llm-budget-not-reported.md',
      },
    });
  });
});

describe('queries', () => {
  it('refuse a label that the metric does not have', () => {
    const message = 'llm_budget_limit_usd has no label feature; it has budget';
    expect(() => select(METRIC.BUDGET_LIMIT, { feature: '=a' })).toThrow(message);
    expect(() => sumRate(['model'], METRIC.TASK_COST, '5m')).toThrow(
      'llm_task_cost_usd_total has no label model',
    );
  });

  it('refuse to divide what has different labels', () => {
    const byFeature = sumIncrease(['feature'], METRIC.TASK_COST, { window: '1h' });
    const byTask = sumIncrease(['feature', 'task'], METRIC.TASKS, { window: '1h' });
    expect(() => divide(byFeature, byTask)).toThrow(
      /^divide: .* has the labels feature, .* has feature,task$/,
    );
  });
});

describe.skipIf(promtool.path === undefined)(`in promtool${suffixOf(promtool)}`, () => {
  it('passes promtool check rules, with budgets of any name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-rules-'));
    writeFileSync(join(folder, 'rules.yml'), renderRules(withBudgets));
    runPromtool(['check', 'rules', 'rules.yml'], folder);
    rmSync(folder, { recursive: true });
  });

  // 1.25 USD a minute of 3000 USD in 30 days: 75 an hour where 4.17 would be the pace.
  it('LLMBudgetBurnFast fires at 18 times the pace, over two processors that share the calls', () => {
    const half = '0+0.625x300';
    const { 'llm_budget_spend_usd_total{budget="a"}': _spend, ...gauges } = budgetSeries('0+0.625x300');
    run({
      interval: '1m',
      at: '90m',
      series: {
        ...gauges,
        'llm_budget_period_spend_usd{budget="a",instance="2"}': half,
        'llm_budget_spend_usd_total{budget="a",instance="1"}': half,
        'llm_budget_spend_usd_total{budget="a",instance="2"}': half,
      },
      values: {
        'round(budget:llm_budget_burn:ratio_rate1h, 0.01)': { '{budget="a"}': 18 },
        'round(budget:llm_budget_exhaustion_seconds:rate1h / 3600, 0.1)': { '{budget="a"}': 38.5 },
      },
      alerts: {
        LLMBudgetBurnFast: [
          {
            labels: { budget: 'a', severity: 'page' },
            summary:
              'Budget a burns at 18.0 times its pace over 1h; at this pace it is empty in 1d 14h 30m 0s.',
          },
        ],
      },
    });
  });

  it.each([
    [
      'the period ends before the money does',
      budgetSeries('500+1.2x300', { start: -29.8 * DAY, end: 4 * 3600 }),
    ],
    ['it burns at 14 times the pace', budgetSeries('0+0.97x300')],
    ['it is about cents', budgetSeries('0+0.012x300', { limit: 30 })],
    ['the burn is over for ten minutes', budgetSeries('0+1.2x80 96x200')],
  ])('LLMBudgetBurnFast is silent when %s', (_name, series) => {
    run({ interval: '1m', at: '90m', series, alerts: SILENT('LLMBudgetBurnFast') });
  });

  it('LLMBudgetBurnSlow fires at 7.2 times the pace over six hours', () => {
    run({
      interval: '1m',
      at: '8h',
      series: budgetSeries('0+0.5x600'),
      alerts: {
        ...SILENT('LLMBudgetBurnFast'),
        LLMBudgetBurnSlow: [
          {
            labels: { budget: 'a', severity: 'page' },
            summary:
              'Budget a burns at 7.2 times its pace over 6h; at this pace it is empty in 3d 20h 0m 0s.',
          },
        ],
      },
    });
  });

  it('LLMBudgetBurnSlow is silent at 5.9 times the pace', () => {
    run({
      interval: '1m',
      at: '8h',
      series: budgetSeries('0+0.41x600'),
      alerts: SILENT('LLMBudgetBurnSlow'),
    });
  });

  // 120 USD a day of 3000 USD in 30 days.
  it('LLMBudgetProjectedOverrun fires when the pace of the last days lands at 120 %', () => {
    run({
      interval: '2m',
      evaluateEvery: '10m',
      at: '4d',
      series: budgetSeries('0+0.166666666667x3500'),
      alerts: {
        LLMBudgetProjectedOverrun: [
          {
            labels: { budget: 'a', severity: 'ticket' },
            summary: 'Budget a is on its way to 120% of its limit by the end of the period; 16% is spent.',
          },
        ],
      },
    });
  });

  it.each([
    ['it lands at 105 %', '4d', '0+0.146x3500'],
    ['less than a tenth of the period has passed', '2d', '0+0.166666666667x3500'],
  ])('LLMBudgetProjectedOverrun is silent when %s', (_name, at, spend) => {
    run({
      interval: '2m',
      evaluateEvery: '10m',
      at,
      series: budgetSeries(spend),
      alerts: SILENT('LLMBudgetProjectedOverrun'),
    });
  });

  it('LLMBudget80Percent fires from 80 % on and leaves 100 % to LLMBudgetExhausted', () => {
    const at = '1h';
    const position = (spend: number) => budgetSeries(`${spend}x100`, { counter: '0x100' });
    const names = ['LLMBudget80Percent', 'LLMBudgetExhausted'];
    run({ interval: '1m', at, series: position(2399.99), alerts: SILENT(...names) });
    run({
      interval: '1m',
      at,
      series: position(2400),
      alerts: {
        LLMBudgetExhausted: [],
        LLMBudget80Percent: [
          {
            labels: { budget: 'a', severity: 'ticket' },
            summary: 'Budget a has used 80% of its limit; the period goes on for 29d 23h 0m 0s.',
          },
        ],
      },
    });
    run({ interval: '1m', at, series: position(2999.99), alerts: SILENT('LLMBudgetExhausted') });
    run({
      interval: '1m',
      at,
      series: position(3090),
      alerts: {
        LLMBudget80Percent: [],
        LLMBudgetExhausted: [
          {
            labels: { budget: 'a', severity: 'page' },
            summary: 'Budget a is spent: 103% of its limit; the period goes on for 29d 23h 0m 0s.',
          },
        ],
      },
    });
  });

  it('LLMBudgetNotReported fires for a budget without gauges, whatever its name, and only for that one', () => {
    run({
      interval: '1m',
      at: '30m',
      series: { 'llm_budget_limit_usd{budget="support"}': '5x100' },
      alerts: {
        LLMBudgetNotReported: [
          {
            labels: { budget: 'odd "name" {{ . }} \\ ü', severity: 'ticket' },
            summary: 'No process reports budget odd "name" {{ . }} \\ ü: its other alerts cannot fire.',
          },
        ],
      },
    });
  });

  const task = (outcome: string, labels = 'environment="prod",feature="f"') =>
    `{service="shop",${labels},task="t",user_tier="free",outcome="${outcome}"}`;

  it('counts failures into the cost per successful task, per environment, and never divides by 0', () => {
    run({
      interval: '10m',
      evaluateEvery: '10m',
      at: '30h',
      series: {
        [`llm_task_cost_usd_total${task('success')}`]: '0+4x200',
        [`llm_task_cost_usd_total${task('failure')}`]: '0+6x200',
        [`llm_tasks_total${task('success')}`]: '0+20x200',
        [`llm_tasks_total${task('failure')}`]: '0+20x200',
        // The same feature in staging fails always: it must not be mixed in.
        [`llm_task_cost_usd_total${task('failure', 'environment="staging",feature="f"')}`]: '0+9x200',
        [`llm_tasks_total${task('success', 'environment="staging",feature="f"')}`]: '0x200',
        // All success: waste is 0, not absent.
        [`llm_task_cost_usd_total${task('success', 'environment="prod",feature="g"')}`]: '0+1x200',
        [`llm_tasks_total${task('success', 'environment="prod",feature="g"')}`]: '0+2x200',
      },
      values: Object.fromEntries(
        ['1h', '1d'].flatMap((window) => [
          [
            `round(environment_feature:llm_cost_per_successful_task_usd:ratio_increase${window}, 0.0001)`,
            { '{environment="prod",feature="f"}': 0.5, '{environment="prod",feature="g"}': 0.5 },
          ],
          [
            `round(environment_feature:llm_wasted_cost:ratio_increase${window}, 0.0001)`,
            {
              '{environment="prod",feature="f"}': 0.6,
              '{environment="prod",feature="g"}': 0,
              '{environment="staging",feature="f"}': 1,
            },
          ],
        ]),
      ),
    });
  });

  it('LLMSpendWithoutSuccess fires with no series of success at all, and with one that stands still', () => {
    const cost = '0+0.1x1000';
    run({
      interval: '10m',
      evaluateEvery: '10m',
      at: '30h',
      series: {
        [`llm_task_cost_usd_total${task('failure')}`]: cost,
        [`llm_task_cost_usd_total${task('failure', 'feature="g"')}`]: cost,
        [`llm_tasks_total${task('success', 'feature="g"')}`]: '7x1000',
        // Near misses: one success a day, and little money.
        [`llm_task_cost_usd_total${task('failure', 'feature="one-success"')}`]: cost,
        [`llm_tasks_total${task('success', 'feature="one-success"')}`]: '0x100 1x900',
        [`llm_task_cost_usd_total${task('failure', 'feature="cheap"')}`]: '0+0.03x1000',
      },
      alerts: {
        LLMSpendWithoutSuccess: [
          {
            labels: { environment: 'prod', feature: 'f', severity: 'ticket' },
            summary: 'Feature f (prod) spent 14.40 USD in a day without one successful task.',
          },
          {
            labels: { feature: 'g', severity: 'ticket' },
            summary: 'Feature g spent 14.40 USD in a day without one successful task.',
          },
        ],
      },
    });
  });

  it('LLMCostPerSuccessfulTaskRegressed fires at twice the cost of a week ago, above its floors', () => {
    // Ten-minute steps: eight days at the old cost, then two at the new one.
    const [before, after] = [1151, 300];
    const doubled = (step: number) => `0+${step}x${before} ${step * before}+${2 * step}x${after}`;
    const feature = (name: string, cost: string, success: string) => ({
      [`llm_task_cost_usd_total${task('success', `feature="${name}"`)}`]: cost,
      [`llm_tasks_total${task('success', `feature="${name}"`)}`]: success,
    });
    run({
      interval: '10m',
      evaluateEvery: '30m',
      at: '9d12h',
      series: {
        ...feature('dearer', doubled(0.1), '0+1x1500'),
        ...feature('a-third-dearer', `0+0.1x${before} ${0.1 * before}+0.14x${after}`, '0+1x1500'),
        ...feature('cents', doubled(0.0001), '0+1x1500'),
        ...feature('few', doubled(0.1), '0+0.05x1500'),
        ...feature('twice-the-traffic', doubled(0.1), `0+1x${before} ${before}+2x${after}`),
      },
      alerts: {
        LLMCostPerSuccessfulTaskRegressed: [
          {
            labels: { feature: 'dearer', severity: 'ticket' },
            summary: 'A successful task of dearer costs 0.2000 USD, over 1.5 times what it did a week ago.',
          },
        ],
      },
    });
  });

  it('LLMUnpricedSpend fires for a model without a price, not for stray calls or what has no token price', () => {
    const labels = (model: string) => `service="shop",provider="openai",model="${model}"`;
    const unpriced = (model: string, reason: string) =>
      `llm_unpriced_calls_total{${labels(model)},reason="${reason}"}`;
    const calls = (model: string) =>
      `llm_calls_total{${labels(model)},environment="prod",feature="f",user_tier="",status="ok"}`;
    run({
      interval: '1m',
      at: '2h',
      series: {
        [unpriced('new', 'unknown_model')]: '0+1x200',
        [calls('new')]: '0+1x200',
        [unpriced('not-in-calls', 'no_usage')]: '0+1x200',
        [unpriced('stray', 'no_usage')]: '0+1x200',
        [calls('stray')]: '0+200x200',
        [unpriced('old', 'unknown_model')]: '9x200',
        [unpriced('provisioned', 'not_billed_per_token')]: '0+1x200',
      },
      alerts: {
        LLMUnpricedSpend: [['new', 'unknown_model'] as const, ['not-in-calls', 'no_usage'] as const].map(
          ([model, reason]) => ({
            labels: { service: 'shop', provider: 'openai', model, reason, severity: 'ticket' },
            summary: `60 calls of openai ${model} in shop had no full price in the last hour (${reason}): every cost figure is too low.`,
          }),
        ),
      },
    });
  });
});
