import type { Budget } from '@costspan/budgets';
import type { Outcome, OutcomeSource } from '@costspan/semconv';
import { Births } from './births.js';
import { type BudgetPosition, BudgetSpend } from './budget-spend.js';
import { bookCall, type CallPlan, Calls } from './calls.js';
import type { OutcomeJudge } from './outcome.js';
import type { CallRecord, EvidenceRecord, TaskRecord } from './records.js';
import type { MoneySeries, Series, SeriesSet } from './series.js';
import type { Task, TaskView } from './task.js';
import { Tasks } from './tasks.js';
import { type TenantOptions, Tenants } from './tenants.js';

/** What an aggregate is made with; every limit is named, none touches the money. */
export interface AggregateOptions {
  readonly budgets: readonly Budget[];
  readonly tenants: TenantOptions;
  readonly settleAfterMs: number;
  readonly settleQuietMs: number;
  /** Label sets of one metric; further ones are booked under `other`. */
  readonly seriesPerMetric: number;
  /** Tasks held open; beyond it the one quiet longest settles. */
  readonly openTasks: number;
  /** Settled tasks that are remembered for late cost and outcomes. */
  readonly settledTasks: number;
  /** A record with a new series waits at most this long for a scrape that shows the series at 0. */
  readonly maxHoldMs: number;
  /** Records that wait at most. */
  readonly maxHeld: number;
  /** The outcome rules; without them only what is said of a task counts. */
  readonly judge?: OutcomeJudge;
}

/** What holds where nothing is said. */
export const DEFAULT_AGGREGATE_OPTIONS: AggregateOptions = {
  budgets: [],
  tenants: { allow: [], top: 20 },
  settleAfterMs: 600_000,
  settleQuietMs: 5_000,
  seriesPerMetric: 10_000,
  openTasks: 200_000,
  settledTasks: 200_000,
  maxHoldMs: 300_000,
  maxHeld: 10_000,
};

/** An outcome told apart from any span: `POST /v1/outcomes`, `recordOutcome`. */
export interface OutcomeRecord {
  readonly taskId: string;
  readonly outcome: Exclude<Outcome, 'unknown'>;
  /** Default `api`, which wins over every other. */
  readonly source?: OutcomeSource;
}

/** Sums of money, pico-USD: `calls` = `settled` + `unsettled` + `untasked` at every moment. */
export interface Totals {
  readonly callsPicoUsd: bigint;
  readonly settledPicoUsd: bigint;
  readonly unsettledPicoUsd: bigint;
  readonly untaskedPicoUsd: bigint;
  /** Received, in none of the four yet: it waits until its new series were scraped at 0. */
  readonly heldPicoUsd: bigint;
}

/**
 * Calls and tasks → series, exact to the pico-dollar. It has no clock: every method takes the time it happens at.
 * A call must be given once; what arrives twice is for the caller to recognise.
 */
export class Aggregate {
  readonly #births: Births;
  readonly #calls: Calls;
  readonly #tenants: Tenants;
  readonly #tasks: Tasks;
  readonly #budgets: BudgetSpend;
  #callsPicoUsd = 0n;
  #untaskedPicoUsd = 0n;

  constructor(options: Partial<AggregateOptions> = {}) {
    const full = { ...DEFAULT_AGGREGATE_OPTIONS, ...options };
    this.#births = new Births(full);
    this.#calls = new Calls(this.#births);
    this.#tasks = new Tasks(this.#births, this.#calls.wasted, full);
    this.#tenants = new Tenants(this.#births, full.tenants);
    this.#budgets = new BudgetSpend(this.#births, full.budgets);
  }

  /** Counts one call, received at `nowMs`. */
  recordCall(call: CallRecord, nowMs: number): void {
    const booking: CallBooking = {
      call,
      nowMs,
      plan: this.#calls.plan(call),
      tenant: this.#tenants.place(call),
      budgets: this.#budgets.place(call),
      task: call.task && this.#tasks.expectCall(call, call.task, nowMs),
    };
    if (!this.#births.isScraped(nowMs) || isShown(booking)) this.#book(booking);
    else {
      const picoUsd = BigInt(call.costPicoUsd ?? 0);
      this.#births.hold({ series: listSeries(booking), picoUsd, nowMs, book: () => this.#book(booking) });
    }
  }

  /** The end of a task's span, received at `nowMs`. */
  recordTask(task: TaskRecord, nowMs: number): void {
    this.#tasks.recordTask(task, nowMs);
  }

  /** An outcome, told at `nowMs`; before the task settled it decides, afterwards it reclassifies. */
  recordOutcome({ taskId, outcome, source = 'api' }: OutcomeRecord, nowMs: number): void {
    this.#tasks.recordOutcome(taskId, { outcome, source, atMs: nowMs }, nowMs);
  }

  /** What a task has shown beside its own span and its calls. */
  recordEvidence(evidence: EvidenceRecord, nowMs: number): void {
    this.#tasks.recordEvidence(evidence, nowMs);
  }

  /** Settles the tasks that are due. Call it about once a second and before a scrape. */
  settle(nowMs: number): void {
    this.#births.releaseDue(nowMs);
    this.#tasks.settle(nowMs);
  }

  /** A scrape of a time series database has read everything, in this same turn. */
  markScraped(nowMs: number): void {
    this.#births.markShown(nowMs);
  }

  totals(): Totals {
    return {
      callsPicoUsd: this.#callsPicoUsd,
      ...this.#tasks.totals,
      untaskedPicoUsd: this.#untaskedPicoUsd,
      heldPicoUsd: this.#births.heldPicoUsd,
    };
  }

  /** Every metric with its series, to be read only. */
  get series(): readonly SeriesSet[] {
    return this.#births.sets;
  }

  /** Every task that is remembered, to be read only. */
  get tasks(): Iterable<TaskView> {
    return this.#tasks.values();
  }

  get openTasks(): number {
    return this.#tasks.openCount;
  }

  /** Outcomes that were told of tasks of which nothing else was heard until the deadline. */
  get unmatchedOutcomes(): number {
    return this.#tasks.unmatchedOutcomes;
  }

  budgetPositions(nowMs: number): BudgetPosition[] {
    return this.#budgets.positions(nowMs);
  }

  #book({ call, nowMs, plan, tenant, budgets, task }: CallBooking): void {
    bookCall(plan, call);
    const picoUsd = BigInt(call.costPicoUsd ?? 0);
    tenant?.book(picoUsd);
    for (const budget of budgets) budget.book(picoUsd);
    this.#callsPicoUsd += picoUsd;
    if (task === undefined) this.#untaskedPicoUsd += picoUsd;
    else this.#tasks.addCall(task, call, nowMs);
  }
}

/** A call and everything that it adds to, decided when it was received. */
interface CallBooking {
  readonly call: CallRecord;
  readonly nowMs: number;
  readonly plan: CallPlan;
  readonly tenant: MoneySeries | undefined;
  readonly budgets: readonly MoneySeries[];
  readonly task: Task | undefined;
}

/** A plan is asked for each call, so it remembers that its series have been shown: that is for good. */
function isShown({ plan, tenant, budgets }: CallBooking): boolean {
  plan.isShown ||= plan.series.every((series) => series.isShown);
  return plan.isShown && tenant?.isShown !== false && budgets.every((budget) => budget.isShown);
}

const listSeries = ({ plan, tenant, budgets }: CallBooking): readonly Series[] => [
  ...plan.series,
  ...(tenant === undefined ? [] : [tenant]),
  ...budgets,
];
