import { METRIC, type MetricDefinition } from '@costspan/semconv';
import { divide, orZero, positive, type Query, sumIncrease, sumOf } from '../queries.js';
import { type RecordingRule, type RuleGroup, record } from './rule.js';

/** Windows of the unit economics. */
export const TASK_WINDOWS = ['1h', '1d', '7d', '30d'] as const;
/** One of {@link TASK_WINDOWS}. */
export type TaskWindow = (typeof TASK_WINDOWS)[number];

/** Without the environment a test run in staging would spoil production's ratio. */
export const LEVEL_LABELS = {
  feature: ['environment', 'feature'],
  task: ['environment', 'feature', 'task'],
  userTier: ['environment', 'user_tier'],
  service: ['environment', 'service'],
} as const;
/** By what the settled ratios are told apart. */
export type Level = keyof typeof LEVEL_LABELS;
const LEVELS = ['feature', 'task', 'userTier', 'service'] as const satisfies readonly Level[];

/** Reclassifications carry feature and task alone, so corrected ratios are over all environments and services. */
const CORRECTED_LABELS = { feature: ['feature'], task: ['feature', 'task'] } as const;
export type CorrectedLevel = keyof typeof CORRECTED_LABELS;
const CORRECTED_LEVELS = ['feature', 'task'] as const satisfies readonly CorrectedLevel[];
/** Calls do not name their task. */
export type AttemptLevel = Exclude<Level, 'task'>;
const ATTEMPT_LEVELS = ['feature', 'userTier', 'service'] as const satisfies readonly AttemptLevel[];

const series = (labels: readonly string[], name: string): Query => ({
  text: `${labels.join('_')}:${name}`,
  labels,
});
const withOutcome = (level: Level) => [...LEVEL_LABELS[level], 'outcome'];
const RECLASSIFIED = ['feature', 'task', 'from', 'to'];

/** The recorded series of tasks by name, level and window: alerts, dashboards and tests write none of them out. */
export const TASK_SERIES = {
  /** Cost of settled tasks by outcome, USD. */
  taskCostUsd: (level: Level, window: TaskWindow) =>
    series(withOutcome(level), `llm_task_cost_usd:increase${window}`),
  /** Settled tasks by outcome. */
  tasks: (level: Level, window: TaskWindow) => series(withOutcome(level), `llm_tasks:increase${window}`),
  /** Calls and their retries, those outside any task too. */
  attempts: (level: AttemptLevel, window: TaskWindow) =>
    series(LEVEL_LABELS[level], `llm_call_attempts:increase${window}`),
  /** Tasks whose outcome changed after they had settled. */
  reclassifiedTasks: (window: TaskWindow) => series(RECLASSIFIED, `llm_tasks_reclassified:increase${window}`),
  /** Their cost, USD. */
  reclassifiedCostUsd: (window: TaskWindow) =>
    series(RECLASSIFIED, `llm_task_reclassified_cost_usd:increase${window}`),
  /** Cost that bought nothing, USD. */
  wastedUsd: (window: TaskWindow) => series(['feature', 'reason'], `llm_wasted_cost_usd:increase${window}`),
  /** Cost of all calls, USD. */
  costUsd: (window: TaskWindow) => series(['feature'], `llm_cost_usd:increase${window}`),

  /** USD: all settled cost over the successes. */
  costPerSuccessUsd: (level: Level, window: TaskWindow) =>
    series(LEVEL_LABELS[level], `llm_cost_per_successful_task_usd:ratio_increase${window}`),
  /** Share of the settled tasks that were successful. */
  success: (level: Level, window: TaskWindow) =>
    series(LEVEL_LABELS[level], `llm_task_success:ratio_increase${window}`),
  /** Share of the settled cost whose outcome nothing tells. */
  unknownCost: (level: Level, window: TaskWindow) =>
    series(LEVEL_LABELS[level], `llm_task_outcome_unknown_cost:ratio_increase${window}`),
  /** Calls and retries for one success. */
  attemptsPerSuccess: (level: AttemptLevel, window: TaskWindow) =>
    series(LEVEL_LABELS[level], `llm_call_attempts_per_successful_task:ratio_increase${window}`),
  /** Share of the cost of all calls that bought nothing. */
  wasted: (window: TaskWindow) => series(['feature'], `llm_wasted_cost:ratio_increase${window}`),
  wastedByReason: (window: TaskWindow) =>
    series(['feature', 'reason'], `llm_wasted_cost:ratio_increase${window}`),

  /** Successes with late verdicts: below 0 where more were taken back than won in the window. */
  correctedSuccesses: (level: CorrectedLevel, window: TaskWindow) =>
    series(CORRECTED_LABELS[level], `llm_tasks_success_corrected:increase${window}`),
  /** USD of unknown outcome with late verdicts. */
  correctedUnknownCostUsd: (level: CorrectedLevel, window: TaskWindow) =>
    series(CORRECTED_LABELS[level], `llm_task_outcome_unknown_cost_usd_corrected:increase${window}`),
  correctedCostPerSuccessUsd: (level: CorrectedLevel, window: TaskWindow) =>
    series(CORRECTED_LABELS[level], `llm_cost_per_successful_task_usd_corrected:ratio_increase${window}`),
  correctedSuccess: (level: CorrectedLevel, window: TaskWindow) =>
    series(CORRECTED_LABELS[level], `llm_task_success_corrected:ratio_increase${window}`),
  correctedUnknownCost: (level: CorrectedLevel, window: TaskWindow) =>
    series(CORRECTED_LABELS[level], `llm_task_outcome_unknown_cost_corrected:ratio_increase${window}`),
} as const;

/** Where the 1h increases are picked for a long window, and how many of them see each dollar. */
const STEPS = {
  '1d': { step: '30m', perHour: 2 },
  '7d': { step: '1h', perHour: 1 },
  '30d': { step: '1h', perHour: 1 },
} as const;

/** A series of one window, told by that window; long ones are made of the same series of 1h. */
type WindowSeries = (window: TaskWindow) => Query;

/**
 * Sum of a recorded increase: the counters themselves are read over 1h only, where their resets are seen; a series
 * that is born within the window adds what it has, which an average of rates would stretch over all of it.
 * The offset keeps a step that falls on the instant of the evaluation from counting at both ends.
 */
function sumOfHours(of: WindowSeries, window: Exclude<TaskWindow, '1h'>): RecordingRule {
  const { step, perHour } = STEPS[window];
  const sum = `sum_over_time(${of('1h').text}[${window}:${step}] offset 1ms)`;
  return record(of(window), perHour === 1 ? sum : `${sum} / ${perHour}`);
}

/** The increase of a counter over the window, by the labels of the series that is recorded. */
function recordIncrease(of: WindowSeries, metric: MetricDefinition, window: TaskWindow): RecordingRule {
  if (window !== '1h') return sumOfHours(of, window);
  return record(of('1h'), sumIncrease(of('1h').labels, metric, { window }));
}

function attemptIncrease(level: AttemptLevel, window: TaskWindow): RecordingRule {
  const of: WindowSeries = (any) => TASK_SERIES.attempts(level, any);
  if (window !== '1h') return sumOfHours(of, window);
  const calls = sumIncrease(LEVEL_LABELS[level], METRIC.CALLS, { window });
  const retries = sumIncrease(LEVEL_LABELS[level], METRIC.RETRIES, { window });
  return record(of('1h'), `${calls.text} + ${orZero(retries, calls).text}`);
}

/** What was counted in the window. */
function increases(window: TaskWindow): RecordingRule[] {
  const byOutcome = (['task', 'userTier', 'service'] as const).flatMap((level) => [
    recordIncrease((any) => TASK_SERIES.taskCostUsd(level, any), METRIC.TASK_COST, window),
    recordIncrease((any) => TASK_SERIES.tasks(level, any), METRIC.TASKS, window),
  ]);
  const feature = [TASK_SERIES.taskCostUsd, TASK_SERIES.tasks].map((of) =>
    record(of('feature', window), sumOf(of('feature', window).labels, of('task', window))),
  );
  return [
    ...byOutcome,
    ...feature,
    ...ATTEMPT_LEVELS.map((level) => attemptIncrease(level, window)),
    recordIncrease(TASK_SERIES.reclassifiedTasks, METRIC.TASKS_RECLASSIFIED, window),
    recordIncrease(TASK_SERIES.reclassifiedCostUsd, METRIC.TASK_RECLASSIFIED_COST, window),
    recordIncrease(TASK_SERIES.wastedUsd, METRIC.WASTED_COST, window),
    recordIncrease(TASK_SERIES.costUsd, METRIC.COST, window),
  ];
}

/** Every sum is taken apart and divided once; a denominator of 0 gives no series, a numerator without one gives 0. */
function settledRatios(level: Level, window: TaskWindow): RecordingRule[] {
  const by = LEVEL_LABELS[level];
  const cost = sumOf(by, TASK_SERIES.taskCostUsd(level, window));
  const unknown = sumOf(by, TASK_SERIES.taskCostUsd(level, window), { outcome: '=unknown' });
  const tasks = sumOf(by, TASK_SERIES.tasks(level, window));
  const successes = sumOf(by, TASK_SERIES.tasks(level, window), { outcome: '=success' });
  return [
    // All settled cost, failures included, over the successes: what a success really takes.
    record(TASK_SERIES.costPerSuccessUsd(level, window), divide(cost, positive(successes))),
    record(TASK_SERIES.success(level, window), divide(orZero(successes, tasks), positive(tasks))),
    record(TASK_SERIES.unknownCost(level, window), divide(orZero(unknown, cost), positive(cost))),
  ];
}

function attemptRatio(level: AttemptLevel, window: TaskWindow): RecordingRule {
  const successes = sumOf(LEVEL_LABELS[level], TASK_SERIES.tasks(level, window), { outcome: '=success' });
  return record(
    TASK_SERIES.attemptsPerSuccess(level, window),
    divide(TASK_SERIES.attempts(level, window), positive(successes)),
  );
}

function wasteRatios(window: TaskWindow): RecordingRule[] {
  const [wasted, cost] = [TASK_SERIES.wastedUsd(window), TASK_SERIES.costUsd(window)];
  const byFeature = divide(orZero(sumOf(['feature'], wasted), cost), positive(cost));
  return [
    record(TASK_SERIES.wasted(window), byFeature),
    record(
      TASK_SERIES.wastedByReason(window),
      `${wasted.text} / on (feature) group_left () ${positive(cost).text}`,
    ),
  ];
}

/** What has the outcome now: what had it when it settled, and what verdicts since have moved to it and away. */
function corrected(
  by: readonly string[],
  options: { readonly settled: Query; readonly moved: Query; readonly outcome: string },
): string {
  const { settled, moved, outcome } = options;
  const all = sumOf(by, settled);
  return [
    orZero(sumOf(by, settled, { outcome: `=${outcome}` }), all).text,
    `+ ${orZero(sumOf(by, moved, { to: `=${outcome}` }), all).text}`,
    `- ${orZero(sumOf(by, moved, { from: `=${outcome}` }), all).text}`,
  ].join('\n');
}

function correctedRatios(level: CorrectedLevel, window: TaskWindow): RecordingRule[] {
  const by = CORRECTED_LABELS[level];
  const [tasks, taskCost] = [TASK_SERIES.tasks('task', window), TASK_SERIES.taskCostUsd('task', window)];
  const successes = TASK_SERIES.correctedSuccesses(level, window);
  const unknown = TASK_SERIES.correctedUnknownCostUsd(level, window);
  const [moved, movedCost] = [TASK_SERIES.reclassifiedTasks(window), TASK_SERIES.reclassifiedCostUsd(window)];
  const cost = sumOf(by, taskCost);
  return [
    record(successes, corrected(by, { settled: tasks, moved, outcome: 'success' })),
    record(unknown, corrected(by, { settled: taskCost, moved: movedCost, outcome: 'unknown' })),
    // A verdict moves no money out of the sum: the same cost, over other successes.
    record(TASK_SERIES.correctedCostPerSuccessUsd(level, window), divide(cost, positive(successes))),
    record(TASK_SERIES.correctedSuccess(level, window), divide(successes, positive(sumOf(by, tasks)))),
    record(TASK_SERIES.correctedUnknownCost(level, window), divide(unknown, positive(cost))),
  ];
}

/** Puts a comment above the first rule of a section. */
const section = (comment: string, [first, ...rest]: readonly RecordingRule[]): readonly RecordingRule[] =>
  first === undefined ? [] : [{ ...first, comment }, ...rest];

const LONG_WINDOW_COMMENT = 'Made of the 1h increases, so no counter is read over more than an hour.';

/** Cost per successful task, success, waste and attempts over one window. */
export function taskRecordingGroup(window: TaskWindow): RuleGroup {
  return {
    name: `llm-tasks-${window}`,
    comment:
      `Settled tasks over ${window}: what a success costs by feature, task, user tier and service, per environment.` +
      (window === '1h' ? '' : ` ${LONG_WINDOW_COMMENT}`),
    // Below the five minutes for which Prometheus takes a sample as current; hours change little in three minutes.
    interval: window === '1h' || window === '1d' ? '1m' : '3m',
    rules: [
      ...section(`What was counted in ${window}.`, increases(window)),
      ...section(
        'Settled: the cost of all settled tasks over the successes; shares of tasks and of cost.',
        LEVELS.flatMap((level) => settledRatios(level, window)),
      ),
      ...section(
        'Calls and retries for one success, those outside any task included; calls do not name their task.',
        ATTEMPT_LEVELS.map((level) => attemptRatio(level, window)),
      ),
      ...section('Waste, of the cost of all calls; its metric has no environment.', wasteRatios(window)),
      ...section(
        'Corrected by late verdicts, at the time of the verdict; over all environments, as their metrics have none.',
        CORRECTED_LEVELS.flatMap((level) => correctedRatios(level, window)),
      ),
    ],
  };
}
