import { METRIC, OUTCOMES, type Outcome, WASTE_REASONS } from '@costspan/semconv';
import type { Births } from '../series/births.js';
import type { CountSeries, MoneyHistogram, MoneySeries, SeriesSet } from '../series/series.js';
import type { TaskLabels } from './task-labels.js';

/** The series of tasks with the same labels. */
export interface TaskPlan {
  readonly unsettledTasks: CountSeries;
  readonly unsettledCost: MoneySeries;
  readonly settled: Readonly<Record<Outcome, SettledSeries>>;
}

/** What a task adds to when it settles. */
interface SettledSeries {
  readonly tasks: CountSeries;
  readonly cost: MoneySeries;
  readonly costPerTask: MoneyHistogram;
}

/** Plans that are remembered; beyond it all are forgotten and made again. */
const MAX_PLANS = 10_000;

/** The series that count tasks: one entry a metric. */
export class TaskSeries {
  readonly reclassified;
  readonly reclassifiedCost;
  /** By feature and reason; calls that are waste by themselves are booked there too. */
  readonly wasted: SeriesSet<MoneySeries>;
  readonly #plans = new Map<TaskLabels, TaskPlan>();
  readonly #cost;
  readonly #tasks;
  readonly #costPerTask;
  readonly #unsettledCost;
  readonly #unsettledTasks;

  constructor(births: Births, wasted: SeriesSet<MoneySeries>) {
    this.wasted = wasted;
    this.#cost = births.money(METRIC.TASK_COST);
    this.#tasks = births.counts(METRIC.TASKS);
    this.#costPerTask = births.moneyHistogram(METRIC.COST_PER_TASK);
    this.#unsettledCost = births.money(METRIC.TASK_UNSETTLED_COST);
    this.#unsettledTasks = births.counts(METRIC.TASKS_UNSETTLED);
    this.reclassified = births.counts(METRIC.TASKS_RECLASSIFIED);
    this.reclassifiedCost = births.money(METRIC.TASK_RECLASSIFIED_COST);
  }

  /** The series of these labels, for every outcome; made at 0 where they are new. */
  plan(labels: TaskLabels): TaskPlan {
    let plan = this.#plans.get(labels);
    if (plan === undefined) {
      plan = this.#createPlan(labels);
      if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
      this.#plans.set(labels, plan);
    }
    return plan;
  }

  #createPlan(labels: TaskLabels): TaskPlan {
    const { feature, name } = labels;
    const settled = OUTCOMES.map((outcome): [Outcome, SettledSeries] => [
      outcome,
      {
        tasks: this.#tasks.at(taskLabels(labels, outcome)),
        cost: this.#cost.at(taskLabels(labels, outcome)),
        costPerTask: this.#costPerTask.at([feature, name, outcome]),
      },
    ]);
    for (const reason of WASTE_REASONS) this.wasted.at([feature, reason]);
    return {
      unsettledTasks: this.#unsettledTasks.at([feature, name]),
      unsettledCost: this.#unsettledCost.at([feature, name]),
      settled: Object.fromEntries(settled) as Record<Outcome, SettledSeries>,
    };
  }
}

const taskLabels = (labels: TaskLabels, outcome: Outcome): string[] => [
  labels.service,
  labels.environment,
  labels.feature,
  labels.name,
  labels.userTier,
  outcome,
];
