/** Months of any length, limits that change, counters that reset, budgets in batches: on the real gauges of budgets. */
import { type Budget, type BudgetPeriod, type BudgetShape, periodAt } from '@costspan/budgets';
import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { budgetAlertGroup } from '../src/rules/budget-alerts.ts';
import { budgetRecordingGroup } from '../src/rules/budget-recording.ts';
import { promtool, type RuleCase, runRuleCase, SILENT } from './promtool.ts';

const DAY = 86_400;
const budget = (name: string, shape?: BudgetShape): Budget => ({
  name,
  match: {},
  limitPicoUsd: 1n,
  period: 'month',
  timezone: 'UTC',
  ...(shape !== undefined && { shape }),
});
const groups = [budgetRecordingGroup([budget('a'), budget('nightly', 'batch')]), budgetAlertGroup()];
const run = (ruleCase: RuleCase) => runRuleCase(groups, ruleCase);

interface Gauges {
  readonly name?: string;
  readonly spend: string;
  readonly counter?: string;
  readonly limit?: string;
  readonly start: string;
  readonly end: string;
}
const series = ({ name = 'a', spend, counter = spend, limit = '3000x9000', start, end }: Gauges) => ({
  [`llm_budget_spend_usd_total{budget="${name}"}`]: counter,
  [`llm_budget_period_spend_usd{budget="${name}"}`]: spend,
  [`llm_budget_limit_usd{budget="${name}"}`]: limit,
  [`llm_budget_period_start_timestamp_seconds{budget="${name}"}`]: start,
  [`llm_budget_period_end_timestamp_seconds{budget="${name}"}`]: end,
});

/** The first period of promtool's time, which begins on Thursday, 1 January 1970, moved so that a given one does. */
function periodFromZero(period: BudgetPeriod, timezone: string, at: string) {
  const { startMs, endMs } = periodAt({ period, timezone }, Date.parse(at));
  const seconds = (endMs - startMs) / 1000;
  return { seconds, start: '0x9000', end: `${seconds}x9000` };
}

describe.skipIf(promtool.path === undefined)(`edges of budgets in promtool${suffixOf(promtool)}`, () => {
  it.each([
    ['February', 'UTC', '2026-02-10T00:00:00Z', 28],
    ['February of a leap year', 'UTC', '2028-02-10T00:00:00Z', 29],
    ['April', 'UTC', '2026-04-10T00:00:00Z', 30],
    ['December', 'UTC', '2026-12-10T00:00:00Z', 31],
    ['March in Berlin, which lacks an hour', 'Europe/Berlin', '2026-03-10T00:00:00Z', 31 - 1 / 24],
    ['October in Berlin, which has one more', 'Europe/Berlin', '2026-10-10T00:00:00Z', 31 + 1 / 24],
  ])('paces %s (%s) by its own length', (_name, timezone, at, days) => {
    const { seconds, ...period } = periodFromZero('month', timezone, at);
    // 100 USD a day.
    run({
      interval: '10m',
      evaluateEvery: '10m',
      at: '2d',
      series: series({ spend: `0+${100 / 144}x400`, ...period }),
      values: {
        'round(budget:llm_budget_pace_usd_per_second:ratio * 86400 * 1000)': {
          '{budget="a"}': Math.round((3000 / days) * 1000),
        },
        'round(budget:llm_budget_burn:ratio_rate6h * 1000)': {
          '{budget="a"}': Math.round((100 * days) / 3),
        },
        'budget:llm_budget_period_remaining_seconds:max': {
          'budget:llm_budget_period_remaining_seconds:max{budget="a"}': seconds - 2 * DAY,
        },
      },
    });
  });

  it('starts anew with the new month: 80 % of the old one are gone, and nothing burns', () => {
    // The last day of a month of 31 days in ten-minute steps, then the new one; 2700 USD were spent.
    const isBefore = (before: number, after: number) => `${before}x143 ${after}x400`;
    run({
      interval: '10m',
      evaluateEvery: '10m',
      at: '25h',
      series: series({
        spend: '2600+0.7x143 0+0.7x400',
        counter: '2600+0.7x600',
        start: isBefore(-30 * DAY, DAY),
        end: isBefore(DAY, 29 * DAY),
      }),
      values: {
        'round(budget:llm_budget_used:ratio * 10000)': { '{budget="a"}': 14 },
        'round(budget:llm_budget_burn:ratio_rate6h, 0.01)': { '{budget="a"}': 0.94 },
      },
      alerts: SILENT(
        'LLMBudget80Percent',
        'LLMBudgetBurnFast',
        'LLMBudgetBurnSlow',
        'LLMBudgetProjectedOverrun',
      ),
    });
  });

  it('follows a limit that is changed in the middle of the month, up and down', () => {
    const month = { start: '0x9000', end: `${30 * DAY}x9000` };
    const at = (limit: string) => ({
      interval: '10m',
      evaluateEvery: '10m',
      at: '2h',
      series: series({ spend: '2500x100', limit, ...month }),
    });
    run({ ...at('3000x6 5000x100'), alerts: SILENT('LLMBudget80Percent', 'LLMBudgetExhausted') });
    run({
      ...at('5000x6 2500x100'),
      alerts: {
        LLMBudget80Percent: [],
        LLMBudgetExhausted: [
          {
            labels: { budget: 'a', severity: 'page' },
            summary: 'Budget a is spent: 100% of its limit; the period goes on for 29d 22h 0m 0s.',
          },
        ],
      },
    });
  });

  it('takes a counter that begins anew for what it is: neither a jump nor a fall', () => {
    run({
      interval: '1m',
      at: '2h',
      series: series({
        spend: '1000+0.1x200',
        // A processor without its data starts at 0.
        counter: '1000+0.1x60 0+0.1x200',
        start: '0x300',
        end: `${30 * DAY}x300`,
      }),
      values: {
        // The minute of the restart is lost to it.
        'round(budget:llm_budget_burn:ratio_rate1h, 0.1)': { '{budget="a"}': 1.4 },
      },
      alerts: SILENT('LLMBudgetBurnFast', 'LLMBudgetBurnSlow'),
    });
  });

  it('sees the burn of a budget that is new, once it has been at 0', () => {
    run({
      interval: '1m',
      at: '30m',
      series: series({
        spend: '_x9 0+4x100',
        limit: '_x9 3000x100',
        start: '_x9 0x100',
        end: `_x9 ${30 * DAY}x100`,
      }),
      values: { 'budget:llm_budget_burn:ratio_rate5m > bool 14.4': { '{budget="a"}': 1 } },
      alerts: {
        LLMBudgetBurnFast: [
          {
            labels: { budget: 'a', severity: 'page' },
            summary:
              'Budget a burns at 20.2 times its pace over 1h; at this pace it is empty in 1d 10h 42m 51s.',
          },
        ],
      },
    });
  });

  it('says nothing without traffic, and no number where there is none', () => {
    run({
      interval: '1m',
      at: '8h',
      series: series({ spend: '0x600', start: '0x600', end: `${30 * DAY}x600` }),
      isWhole: true,
      values: {
        'budget:llm_budget_used:ratio': { 'budget:llm_budget_used:ratio{budget="a"}': 0 },
        'budget:llm_budget_exhaustion_seconds:rate1h': {},
        'budget:llm_budget_projected:ratio': { 'budget:llm_budget_projected:ratio{budget="a"}': 0 },
      },
      alerts: SILENT(
        'LLMBudgetBurnFast',
        'LLMBudgetBurnSlow',
        'LLMBudgetProjectedOverrun',
        'LLMBudget80Percent',
        'LLMBudgetExhausted',
      ),
    });
  });

  // Ten-minute steps. A job of an hour each night at one o'clock: 90 USD, where 4.17 an hour would be the pace.
  const night = (usd: number, from: number) => `${from}+${usd / 6}x6`;
  const nights = (amounts: readonly number[]) => {
    let total = 0;
    return amounts
      .map((usd) => {
        const text = `${total}x5 ${night(usd, total)} ${total + usd}x130`;
        total += usd;
        return text;
      })
      .join(' ');
  };
  const nightly = (amounts: readonly number[]) =>
    series({
      name: 'nightly',
      spend: nights(amounts),
      start: '0x9000',
      end: `${30 * DAY}x9000`,
    });
  const at = `${7 * 24 + 2}h`;
  const sameEachNight = [90, 90, 90, 90, 90, 90, 90];

  it('LLMBudgetBatchAbovePattern fires when the night takes three times that of a week ago', () => {
    run({
      interval: '10m',
      evaluateEvery: '10m',
      at,
      series: nightly([...sameEachNight, 270]),
      alerts: {
        LLMBudgetBurnFast: [],
        LLMBudgetBatchAbovePattern: [
          {
            labels: { budget: 'nightly', severity: 'page' },
            summary:
              'Budget nightly, which is spent in batches, took 270.00 USD in the last hour, after 90.00 USD in the dearest same hour of the past four weeks; at this pace it is empty before its period ends.',
          },
        ],
      },
    });
  });

  it('LLMBudgetBatchAbovePattern is silent for a night like the others, which would page as a steady budget', () => {
    const each = { interval: '10m', evaluateEvery: '10m', at } as const;
    run({
      ...each,
      series: nightly([...sameEachNight, 90]),
      values: { 'budget:llm_budget_burn:ratio_rate1h > bool 14.4': { '{budget="nightly"}': 1 } },
      alerts: SILENT('LLMBudgetBatchAbovePattern', 'LLMBudgetBurnFast'),
    });
    run({ ...each, series: nightly([...sameEachNight, 170]), alerts: SILENT('LLMBudgetBatchAbovePattern') });
  });

  it('LLMBudgetNotInRules fires for a budget that the rules do not know, if they know any', () => {
    const alerts = {
      LLMBudgetNotInRules: [
        {
          labels: { budget: 'new', severity: 'ticket' },
          summary: 'Budget new of 5.00 USD is reported, but the rules were made from a config without it.',
        },
      ],
    };
    const reported = {
      interval: '1m',
      at: '30m',
      series: { 'llm_budget_limit_usd{budget="new"}': '5x60', 'llm_budget_limit_usd{budget="a"}': '5x60' },
    };
    // The names of the config are part of the rules, so the case reads all of them.
    run({ ...reported, isWhole: true, alerts });
    runRuleCase([budgetRecordingGroup(), budgetAlertGroup()], {
      ...reported,
      isWhole: true,
      alerts: SILENT('LLMBudgetNotInRules', 'LLMBudgetNotReported'),
    });
  });
});
