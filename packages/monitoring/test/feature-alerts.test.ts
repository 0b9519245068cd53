import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { featureAlertGroup } from '../src/rules/feature-alerts.ts';
import { taskRecordingGroup } from '../src/rules/task-recording.ts';
import { promtool, type RuleCase, runRuleCase, SILENT } from './promtool.ts';

const groups = [taskRecordingGroup('1h'), taskRecordingGroup('1d'), featureAlertGroup()];
/** Labels of one settled task's series; `labels` gives at least the feature. */
const task = (outcome: string, labels: string) =>
  `{service="shop",${labels},task="t",user_tier="free",outcome="${outcome}"}`;
const run = (ruleCase: RuleCase) => runRuleCase(groups, ruleCase);

describe.skipIf(promtool.path === undefined)(`features in promtool${suffixOf(promtool)}`, () => {
  const f = (feature: string) => `feature="${feature}"`;
  /** What a feature's tasks cost and how many there were, by outcome: increments of ten minutes. */
  const feature = (name: string, outcome: string, [cost, tasks]: readonly [cost: string, tasks: string]) => ({
    [`llm_task_cost_usd_total${task(outcome, name)}`]: cost,
    [`llm_tasks_total${task(outcome, name)}`]: tasks,
  });
  const aDay = { interval: '10m', evaluateEvery: '30m', at: '30h' } as const;

  it('LLMSpendWithoutSuccess fires with no series of success at all, and with one that stands still', () => {
    run({
      ...aDay,
      series: {
        ...feature('environment="prod",feature="f"', 'failure', ['0+0.1x200', '0+1x200']),
        ...feature(f('g'), 'failure', ['0+0.1x200', '0+1x200']),
        ...feature(f('g'), 'success', ['0x200', '7x200']),
      },
      alerts: {
        LLMSpendWithoutSuccess: [
          {
            labels: { environment: 'prod', feature: 'f', severity: 'ticket' },
            summary: 'Feature f (prod) spent 14.40 USD on 144 tasks in a day, and not one was successful.',
          },
          {
            labels: { feature: 'g', severity: 'ticket' },
            summary: 'Feature g spent 14.40 USD on 144 tasks in a day, and not one was successful.',
          },
        ],
      },
    });
  });

  it('LLMSpendWithoutSuccess is silent for one success a day, for one reported late, and below 5 USD', () => {
    run({
      ...aDay,
      series: {
        ...feature(f('one-success'), 'failure', ['0+0.1x200', '0+1x200']),
        ...feature(f('one-success'), 'success', ['0x200', '0x100 1x100']),
        ...feature(f('late'), 'unknown', ['0+0.1x200', '0+1x200']),
        'llm_tasks_reclassified_total{feature="late",task="t",from="unknown",to="success"}': '0x100 1x100',
        ...feature(f('cheap'), 'failure', ['0+0.034x200', '0+1x200']),
      },
      alerts: SILENT('LLMSpendWithoutSuccess'),
    });
  });

  // Ten-minute steps: eight days at the old increment, then a day and a half at the new one.
  const then = (before: number, after: number) => `0+${before}x1151 ${before * 1151}+${after}x300`;
  const aWeekLater = { interval: '10m', evaluateEvery: '30m', at: '9d12h' } as const;

  it('LLMCostPerSuccessfulTaskRegressed fires at twice the cost of a week ago', () => {
    run({
      ...aWeekLater,
      series: {
        ...feature(f('dearer'), 'success', [then(0.1, 0.2), then(1, 1)]),
        // The same calls, but every other task fails now.
        ...feature('environment="prod",feature="fails"', 'success', [then(0.1, 0.05), then(1, 0.5)]),
        ...feature('environment="prod",feature="fails"', 'failure', [then(0, 0.05), then(0, 0.5)]),
      },
      alerts: {
        LLMCostPerSuccessfulTaskRegressed: [
          {
            labels: { feature: 'dearer', severity: 'ticket' },
            summary:
              'A successful task of dearer costs 0.2000 USD over the last day, after 0.1000 USD a week ago; 28.80 USD went into 144 tasks.',
          },
          {
            labels: { environment: 'prod', feature: 'fails', severity: 'ticket' },
            summary:
              'A successful task of fails (prod) costs 0.2000 USD over the last day, after 0.1000 USD a week ago; 14.40 USD went into 144 tasks.',
          },
        ],
      },
    });
  });

  it('LLMCostPerSuccessfulTaskRegressed is silent at 1.45 times, below its floors, and for more of the same', () => {
    run({
      ...aWeekLater,
      series: {
        ...feature(f('a-little-dearer'), 'success', [then(0.1, 0.145), then(1, 1)]),
        // Twice as dear, which makes 0.86 USD a day.
        ...feature(f('cents'), 'success', [then(0.006, 0.012), then(1, 1)]),
        // Nine tasks a day: now, or in the day that is compared with.
        ...feature(f('few'), 'success', [then(0.1, 0.2), then(1, 0.0625)]),
        ...feature(f('few-before'), 'success', [then(0.00625, 0.2), then(0.0625, 1)]),
        ...feature(f('twice-the-traffic'), 'success', [then(0.1, 0.2), then(1, 2)]),
        ...feature(f('new'), 'success', [`_x1152 ${then(0.2, 0.2)}`, `_x1152 ${then(1, 1)}`]),
      },
      alerts: SILENT('LLMCostPerSuccessfulTaskRegressed'),
    });
  });

  it('LLMOutcomeUnknownHigh fires where two fifths of the cost have no outcome', () => {
    run({
      ...aDay,
      series: {
        ...feature('environment="prod",feature="blind"', 'unknown', ['0+0.04x200', '0+0.5x200']),
        ...feature('environment="prod",feature="blind"', 'success', ['0+0.06x200', '0+0.5x200']),
        // Late verdicts clear up some of it, not enough.
        ...feature(f('slow'), 'unknown', ['0+0.1x200', '0+1x200']),
        'llm_task_reclassified_cost_usd_total{feature="slow",task="t",from="unknown",to="failure"}':
          '0+0.07x200',
      },
      alerts: {
        LLMOutcomeUnknownHigh: [
          {
            labels: { environment: 'prod', feature: 'blind', severity: 'ticket' },
            summary:
              'Nothing tells the outcome of 40% of the 14.40 USD that blind (prod) spent on 144 tasks in a day: its cost per successful task cannot be relied on.',
          },
          {
            labels: { feature: 'slow', severity: 'ticket' },
            summary:
              'Nothing tells the outcome of 30% of the 14.40 USD that slow spent on 144 tasks in a day: its cost per successful task cannot be relied on.',
          },
        ],
      },
    });
  });

  it('LLMOutcomeUnknownHigh is silent at 19 %, for cents, and where late verdicts have told the outcome', () => {
    run({
      ...aDay,
      series: {
        ...feature(f('nearly-all-known'), 'unknown', ['0+0.019x200', '0+1x200']),
        ...feature(f('nearly-all-known'), 'failure', ['0+0.081x200', '0+1x200']),
        ...feature(f('cents'), 'unknown', ['0+0.0069x200', '0+1x200']),
        ...feature(f('late'), 'unknown', ['0+0.04x200', '0+1x200']),
        ...feature(f('late'), 'success', ['0+0.06x200', '0+1x200']),
        'llm_task_reclassified_cost_usd_total{feature="late",task="t",from="unknown",to="success"}':
          '0+0.021x200',
      },
      alerts: SILENT('LLMOutcomeUnknownHigh'),
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
