import { describe, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { listRuleGroups } from '../src/groups.ts';
import {
  TASK_SERIES,
  TASK_WINDOWS,
  type TaskWindow,
  taskRecordingGroup,
} from '../src/rules/task-recording.ts';
import { promtool, runRuleCase } from './promtool.ts';

const labels = (values: Readonly<Record<string, string>>): string =>
  `{${Object.entries(values)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`;
const groups = TASK_WINDOWS.map(taskRecordingGroup);

/** Ten minutes of a shop with two features, f of two tasks and in two environments. Each grows by as much again. */
const [STEP_COUNT, shop, bot] = [1500, 'shop', 'bot'];
const grow = (step: number) => `0+${step}x${STEP_COUNT}`;
function settled(
  [environment, service, feature, task, user_tier]: readonly [string, string, string, string, string],
  byOutcome: Readonly<Record<string, readonly [cost: number, tasks: number]>>,
) {
  return Object.fromEntries(
    Object.entries(byOutcome).flatMap(([outcome, [cost, tasks]]) => {
      const of = labels({ service, environment, feature, task, user_tier, outcome });
      return [
        [`llm_task_cost_usd_total${of}`, grow(cost)],
        [`llm_tasks_total${of}`, grow(tasks)],
      ];
    }),
  );
}
function reclassified(task: string, from: string, to: string, [cost, tasks]: readonly [number, number]) {
  const of = labels({ feature: 'f', task, from, to });
  return {
    [`llm_task_reclassified_cost_usd_total${of}`]: grow(cost),
    [`llm_tasks_reclassified_total${of}`]: grow(tasks),
  };
}
const call = (feature: string, rest: Readonly<Record<string, string>>) =>
  labels({
    service: feature === 'f' ? shop : bot,
    environment: 'prod',
    feature,
    user_tier: 'free',
    provider: 'openai',
    model: 'gpt-5',
    ...rest,
  });

const series = {
  ...settled(['prod', shop, 'f', 't', 'free'], { success: [4, 20], failure: [6, 20] }),
  ...settled(['prod', shop, 'f', 'u', 'pro'], { success: [2, 10], unknown: [8, 10] }),
  // Fails always: it must not be mixed in, and never divides by 0.
  ...settled(['staging', shop, 'f', 't', 'free'], { success: [0, 0], failure: [9, 3] }),
  // Succeeds always: its shares are 0 and not absent.
  ...settled(['prod', bot, 'g', 't', 'free'], { success: [1, 2] }),
  ...reclassified('t', 'success', 'failure', [1, 5]),
  ...reclassified('t', 'failure', 'success', [0.5, 2]),
  ...reclassified('u', 'unknown', 'success', [6, 8]),
  [`llm_calls_total${call('f', { status: 'ok' })}`]: grow(60),
  [`llm_calls_total${call('f', { status: 'error' })}`]: grow(20),
  [`llm_retries_total${call('f', {})}`]: grow(10),
  [`llm_calls_total${call('g', { status: 'ok' })}`]: grow(2),
  [`llm_cost_usd_total${call('f', { operation: 'chat', mode: 'standard', cost_source: 'local' })}`]: grow(30),
  [`llm_cost_usd_total${call('g', { operation: 'chat', mode: 'standard', cost_source: 'local' })}`]: grow(1),
  [`llm_wasted_cost_usd_total${labels({ feature: 'f', reason: 'failed_task' })}`]: grow(15),
  [`llm_wasted_cost_usd_total${labels({ feature: 'f', reason: 'aborted_stream' })}`]: grow(1.5),
};

const [prodF, prodG, stagingF] = [
  { environment: 'prod', feature: 'f' },
  { environment: 'prod', feature: 'g' },
  { environment: 'staging', feature: 'f' },
];
const task = (of: Readonly<Record<string, string>>, name: string) => ({ ...of, task: name });

/** Series → what it must be for each label set, to four places, computed by hand from the lines above. */
const expected = (
  window: TaskWindow,
): readonly [string, readonly (readonly [Readonly<Record<string, string>>, number])[]][] => [
  [
    TASK_SERIES.costPerSuccessUsd('feature', window).text,
    [
      [prodF, 0.6667],
      [prodG, 0.5],
    ],
  ],
  [
    TASK_SERIES.costPerSuccessUsd('task', window).text,
    [
      [task(prodF, 't'), 0.5],
      [task(prodF, 'u'), 1],
      [task(prodG, 't'), 0.5],
    ],
  ],
  [
    TASK_SERIES.costPerSuccessUsd('userTier', window).text,
    [
      [{ environment: 'prod', user_tier: 'free' }, 0.5],
      [{ environment: 'prod', user_tier: 'pro' }, 1],
    ],
  ],
  [
    TASK_SERIES.costPerSuccessUsd('service', window).text,
    [
      [{ environment: 'prod', service: 'shop' }, 0.6667],
      [{ environment: 'prod', service: 'bot' }, 0.5],
    ],
  ],
  [
    TASK_SERIES.success('feature', window).text,
    [
      [prodF, 0.5],
      [prodG, 1],
      [stagingF, 0],
    ],
  ],
  [
    TASK_SERIES.success('task', window).text,
    [
      [task(prodF, 't'), 0.5],
      [task(prodF, 'u'), 0.5],
      [task(prodG, 't'), 1],
      [task(stagingF, 't'), 0],
    ],
  ],
  [
    TASK_SERIES.unknownCost('userTier', window).text,
    [
      [{ environment: 'prod', user_tier: 'free' }, 0],
      [{ environment: 'prod', user_tier: 'pro' }, 0.8],
      [{ environment: 'staging', user_tier: 'free' }, 0],
    ],
  ],
  [
    TASK_SERIES.attemptsPerSuccess('service', window).text,
    [
      [{ environment: 'prod', service: 'shop' }, 3],
      [{ environment: 'prod', service: 'bot' }, 1],
    ],
  ],
  [
    TASK_SERIES.unknownCost('feature', window).text,
    [
      [prodF, 0.4],
      [prodG, 0],
      [stagingF, 0],
    ],
  ],
  [
    TASK_SERIES.attemptsPerSuccess('feature', window).text,
    [
      [prodF, 3],
      [prodG, 1],
    ],
  ],
  [
    TASK_SERIES.wasted(window).text,
    [
      [{ feature: 'f' }, 0.55],
      [{ feature: 'g' }, 0],
    ],
  ],
  [
    TASK_SERIES.wastedByReason(window).text,
    [
      [{ feature: 'f', reason: 'failed_task' }, 0.5],
      [{ feature: 'f', reason: 'aborted_stream' }, 0.05],
    ],
  ],
  // 20 - 5 + 2 successes of t for 10 + 9 USD, 10 + 8 of u for 10 USD.
  [
    TASK_SERIES.correctedCostPerSuccessUsd('task', window).text,
    [
      [{ feature: 'f', task: 't' }, 1.1176],
      [{ feature: 'f', task: 'u' }, 0.5556],
      [{ feature: 'g', task: 't' }, 0.5],
    ],
  ],
  [
    TASK_SERIES.correctedCostPerSuccessUsd('feature', window).text,
    [
      [{ feature: 'f' }, 0.8286],
      [{ feature: 'g' }, 0.5],
    ],
  ],
  [
    TASK_SERIES.correctedSuccess('feature', window).text,
    [
      [{ feature: 'f' }, 0.5556],
      [{ feature: 'g' }, 1],
    ],
  ],
  [
    TASK_SERIES.correctedUnknownCost('feature', window).text,
    [
      [{ feature: 'f' }, 0.069],
      [{ feature: 'g' }, 0],
    ],
  ],
];

describe.skipIf(promtool.path === undefined)(`recorded tasks in promtool${suffixOf(promtool)}`, () => {
  it.each([
    ['1h', '30m', '3h'],
    ['1d', '30m', '26h'],
  ] as const)('every ratio over %s, settled and corrected', (window, evaluateEvery, at) => {
    const values = Object.fromEntries(
      expected(window).map(([name, samples]) => [
        `round(${name}, 0.0001)`,
        Object.fromEntries(samples.map(([of, value]) => [labels(of), value])),
      ]),
    );
    runRuleCase(groups, { interval: '10m', evaluateEvery, at, series, values });
  });

  it('evaluates every rule of the file without an error', () => {
    const values = { 'vector(1)': { '{}': 1 } };
    const stretch = { interval: '10m', evaluateEvery: '30m', at: '3h' };
    runRuleCase(listRuleGroups(), { ...stretch, series, values, isWhole: true });
  });

  // 720 hours of 6 increments each: from hour 23 to hour 743, which are the increments 138 to 4458.
  it('7 and 30 days are right to the increment across a restart at 0 and a series that is born at 0', () => {
    const of = (instance: string, outcome: string) =>
      labels({ instance, environment: 'prod', feature: 'f', task: 't', outcome });
    const restarted = (step: number) => `0+${step}x3002 0+${step}x1500`;
    const born = (step: number) => `_x2883 0+${step}x1600`;
    const sum = (step: number) => Math.round(step * 1e4) / 1e4;
    const [byOutcome, f] = [(outcome: string) => labels({ ...prodF, outcome }), labels(prodF)];
    runRuleCase(groups, {
      interval: '10m',
      evaluateEvery: '1h',
      at: '31d',
      series: {
        // Loses one increment, the one that no scrape saw.
        [`llm_task_cost_usd_total${of('1', 'success')}`]: restarted(0.1),
        [`llm_tasks_total${of('1', 'success')}`]: restarted(2),
        // On the day 20, in the middle of an hour.
        [`llm_task_cost_usd_total${of('2', 'failure')}`]: born(0.2),
        [`llm_tasks_total${of('2', 'failure')}`]: born(1),
      },
      values: {
        [`round(${TASK_SERIES.taskCostUsd('feature', '30d').text}, 0.0001)`]: {
          [byOutcome('success')]: sum(0.1 * 4319),
          [byOutcome('failure')]: sum(0.2 * (4458 - 2883)),
        },
        [`round(${TASK_SERIES.tasks('feature', '30d').text}, 0.0001)`]: {
          [byOutcome('success')]: 2 * 4319,
          [byOutcome('failure')]: 4458 - 2883,
        },
        // Hour 575 to hour 743, in which nothing happens but spending.
        [`round(${TASK_SERIES.costPerSuccessUsd('feature', '7d').text}, 0.000001)`]: { [f]: 0.15 },
        [`round(${TASK_SERIES.costPerSuccessUsd('feature', '30d').text}, 0.000001)`]: {
          [f]: Math.round(((431.9 + 315) / 8638) * 1e6) / 1e6,
        },
      },
    });
  });

  // An hour's worth is saved up; the processor's first scrape after the downtime shows what it had kept.
  it('what arrives in a burst after two hours without a processor is in the sums of a day', () => {
    const { text } = TASK_SERIES.costUsd('1d');
    runRuleCase(groups, {
      interval: '1m',
      at: '12h',
      series: { 'llm_cost_usd_total{feature="f"}': '0+1x60 _x119 60 120+1x299 420x600' },
      values: { [`round(${text}, 10)`]: { '{feature="f"}': 420 } },
    });
  });
});
