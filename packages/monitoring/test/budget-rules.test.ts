import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { budgetAlertGroup } from '../src/rules/budget-alerts.ts';
import { budgetRecordingGroup } from '../src/rules/budget-recording.ts';
import { promtool, type RuleCase, runRuleCase, SILENT } from './promtool.ts';

const budget = (name: string) =>
  ({ name, match: {}, limitPicoUsd: 1n, period: 'month', timezone: 'UTC' }) as const;
const budgets = [budget('support'), budget('odd "name" {{ . }} \\ ü')];
const groups = [budgetRecordingGroup(budgets), budgetAlertGroup()];
const run = (ruleCase: RuleCase) => runRuleCase(groups, ruleCase);

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

describe.skipIf(promtool.path === undefined)(`budgets in promtool${suffixOf(promtool)}`, () => {
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
});
