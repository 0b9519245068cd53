/** Several processors that share the calls of one budget: what is used never falls inside its period. */
import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { budgetAlertGroup } from '../src/rules/budget-alerts.ts';
import { budgetRecordingGroup } from '../src/rules/budget-recording.ts';
import { type InputSeries, promtool, type RuleCase, runRuleCase, SILENT } from './promtool.ts';

const groups = [budgetRecordingGroup(), budgetAlertGroup()];
const run = (ruleCase: Omit<RuleCase, 'interval'>) => runRuleCase(groups, { interval: '1m', ...ruleCase });

const DAY = 86_400;
const LIMIT_USD = 1000;

interface Reports {
  readonly processor: string;
  /** Where it is scraped; a pod that is replaced may have another one. */
  readonly instance?: string;
  /** Minutes before it reports, and for how many it does. */
  readonly from?: number;
  readonly minutes: number;
  /** What it has spent when it first reports, and what it adds a minute. */
  readonly spend: readonly [usd: number, perMinute: number];
  readonly start?: number;
  readonly end?: number;
}

/** What one processor reports of the budget, and nothing before and after. */
function reports({
  processor,
  instance = processor,
  from = 0,
  minutes,
  spend: [usd, perMinute],
  start = 0,
  end = DAY,
}: Reports): InputSeries {
  const samples = (first: number, step = 0) =>
    `${from === 0 ? '' : `_x${from} `}${first}+${step}x${minutes - 1} stale`;
  const labels = `budget="a",instance="${instance}"`;
  return {
    [`llm_budget_limit_usd{${labels}}`]: samples(LIMIT_USD),
    [`llm_budget_period_start_timestamp_seconds{${labels}}`]: samples(start),
    [`llm_budget_period_end_timestamp_seconds{${labels}}`]: samples(end),
    [`llm_budget_period_spend_usd{${labels}}`]: samples(usd, perMinute),
    [`llm_budget_spend_usd_total{${labels}}`]: samples(usd, perMinute),
    [`costspan_processor_budget_spend_usd{${labels},processor="${processor}",period="${start / 3600}"}`]:
      samples(usd, perMinute),
  };
}

const usedIs = (ratio: number) => ({
  'round(budget:llm_budget_used:ratio, 0.0001)': { '{budget="a"}': ratio },
});
const NOTHING = { 'budget:llm_budget_used:ratio': {} };
const exhausted = (percent: number, rest: string) => ({
  LLMBudgetExhausted: [
    {
      labels: { budget: 'a', severity: 'page' },
      summary: `Budget a is spent: ${percent}% of its limit; the period goes on for ${rest}.`,
    },
  ],
});

const ONE = reports({ processor: 'one', minutes: 600, spend: [400, 0] });
const TWO = reports({ processor: 'two', minutes: 600, spend: [400, 0] });
/** Down from minute 30 on. */
const THREE = reports({ processor: 'three', minutes: 30, spend: [300, 0] });

describe.skipIf(promtool.path === undefined)(`several processors in promtool${suffixOf(promtool)}`, () => {
  it.each([
    ['31m', '23h 29m 0s'],
    ['5h', '19h 0m 0s'],
  ])('keep what one of them had spent while it is down or gone for good, here until %s', (at, rest) => {
    const series = { ...ONE, ...TWO, ...THREE };
    run({ at, series, values: usedIs(1.1), alerts: exhausted(110, rest) });
  });

  it('count one that is back with its data once, wherever it is scraped, and what it adds', () => {
    const back = { processor: 'three', instance: '10.0.0.9:9464', from: 60, minutes: 300 };
    const series = { ...ONE, ...TWO, ...THREE, ...reports({ ...back, spend: [300, 1] }) };
    run({ at: '59m', series, values: usedIs(1.1) });
    run({ at: '60m', series, values: usedIs(1.1) });
    run({ at: '160m', series, values: usedIs(1.2) });
  });

  it('count one that is back without its data, and one that is added, beside what the others had spent', () => {
    const anew = reports({ processor: 'three-anew', from: 60, minutes: 300, spend: [0, 1] });
    const four = reports({ processor: 'four', from: 90, minutes: 300, spend: [0, 1] });
    const series = { ...ONE, ...TWO, ...THREE, ...anew, ...four };
    run({ at: '160m', series, values: usedIs(1.27) });
  });

  it('begin with the new period, whoever was down at its turn, and whoever tells of it last', () => {
    const before = { start: 0, end: 7200 };
    const after = { start: 7200, end: 7200 + DAY };
    const series = {
      ...reports({ processor: 'one', minutes: 120, spend: [800, 0], ...before }),
      // Its clock is two minutes behind.
      ...reports({ processor: 'two', minutes: 122, spend: [100, 0], ...before }),
      ...reports({ processor: 'three', minutes: 30, spend: [300, 0], ...before }),
    };
    const turned = (processor: string, from: number) =>
      reports({ processor, instance: `${processor}, after`, from, minutes: 300, spend: [0, 1], ...after });
    const all = { ...series, ...turned('one', 120), ...turned('two', 122) };
    run({ at: '119m', series: all, values: usedIs(1.2), alerts: exhausted(120, '1m 0s') });
    run({ at: '121m', series: all, values: usedIs(0.001), alerts: SILENT('LLMBudgetExhausted') });
    run({ at: '150m', series: all, values: usedIs(0.058) });
  });

  it('stand where they stood while all of them start again, for a quarter of an hour and no longer', () => {
    const series = {
      ...reports({ processor: 'one', minutes: 30, spend: [1100, 0] }),
      ...reports({ processor: 'one', instance: 'later', from: 90, minutes: 100, spend: [1100, 0] }),
    };
    run({ at: '43m', series, values: usedIs(1.1), alerts: exhausted(110, '23h 17m 0s') });
    run({ at: '46m', series, values: NOTHING, alerts: SILENT('LLMBudgetExhausted') });
    run({ at: '90m', series, values: usedIs(1.1), alerts: exhausted(110, '22h 30m 0s') });
  });

  it('are not held beyond the end of the period', () => {
    const series = reports({ processor: 'one', minutes: 30, spend: [1100, 0], end: 2400 });
    run({ at: '39m', series, values: usedIs(1.1) });
    run({ at: '41m', series, values: NOTHING });
  });

  it('say nothing any more of a budget that the configuration has left out', () => {
    const series = reports({ processor: 'one', minutes: 30, spend: [1100, 0] });
    const other = Object.fromEntries(
      Object.entries(reports({ processor: 'one', minutes: 600, spend: [5, 0] })).map(([name, samples]) => [
        name.replace('budget="a"', 'budget="b"'),
        samples,
      ]),
    );
    run({
      at: '60m',
      series: { ...series, ...other },
      values: { 'round(budget:llm_budget_used:ratio, 0.0001)': { '{budget="b"}': 0.005 } },
    });
  });

  it('add what a process with metrics of its own counts, while it is there', () => {
    const {
      'costspan_processor_budget_spend_usd{budget="a",instance="app",processor="app",period="0"}': _,
      ...app
    } = reports({ processor: 'app', minutes: 60, spend: [200, 0] });
    const series = { ...ONE, ...TWO, ...THREE, ...app };
    run({ at: '59m', series, values: usedIs(1.3) });
    run({ at: '61m', series, values: usedIs(1.1) });
  });
});
