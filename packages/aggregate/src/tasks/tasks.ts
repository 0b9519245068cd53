import type { Outcome, WasteReason } from '@costspan/semconv';
import { wasteReason } from '../calls/calls.js';
import type { CostListener } from '../listener.js';
import type { DecidedOutcome, OutcomeJudge } from '../read/outcome.js';
import type { CallRecord, TaskEvidence, TaskRecord } from '../records.js';
import type { Births, Waiting } from '../series/births.js';
import { type Booking, booking, createWaiting } from '../series/booking.js';
import { MoneySum } from '../series/money.js';
import type { MoneySeries, SeriesSet } from '../series/series.js';
import type { BookingState, StateTotals } from '../state.js';
import type { WorkCounts } from '../work.js';
import { RelayedTasks } from './relayed-tasks.js';
import { findRepeats, findUnrepeated, type Repeat } from './repeats.js';
import { Sessions } from './sessions.js';
import type { Task } from './task.js';
import { type LabelSource, labelSourceOfCall, labelSourceOfTask, type TaskLabels } from './task-labels.js';
import { TaskSeries } from './task-series.js';
import { TaskShelf } from './task-shelf.js';

export interface TaskOptions {
  /** A task without an outcome settles as `unknown` this long after its last news. */
  readonly settleAfterMs: number;
  /** A task with an outcome settles this long after its last news. */
  readonly settleQuietMs: number;
  /** Tasks held open at most; beyond it the one that has been quiet longest settles. */
  readonly openTasks: number;
  /** Settled tasks that are remembered, for late cost and late outcomes. */
  readonly settledTasks: number;
  /** The feature of what names none. */
  readonly defaultFeature?: string;
  /** Decides by what the spans of a task have shown; without it only what is said counts. */
  readonly judge?: OutcomeJudge;
  readonly listener?: CostListener;
  /** Where tasks are counted that a limit has settled or forgotten. */
  readonly work: WorkCounts;
}

/** Tasks inside tasks go this deep; what is deeper is rolled up no further. */
const MAX_DEPTH = 32;

/** Sums of task money, pico-USD. */
export interface TaskTotals {
  readonly settledPicoUsd: bigint;
  readonly unsettledPicoUsd: bigint;
}

/**
 * Tasks from their first news to long after they settled. All cost of a task is unsettled until it settles and then
 * under its outcome, late cost too; a later outcome moves nothing, it is counted as a reclassification.
 */
export class Tasks {
  /** Outcomes of tasks of which nothing else was heard until the deadline. */
  unmatchedOutcomes = 0;
  readonly #births: Births;
  readonly #options: TaskOptions;
  readonly sessions: Sessions;
  readonly relayed = new RelayedTasks();
  shelf: TaskShelf;
  readonly #series: TaskSeries;
  #settledPicoUsd = new MoneySum();
  #unsettledPicoUsd = new MoneySum();

  constructor(births: Births, wasted: SeriesSet<MoneySeries>, options: TaskOptions) {
    this.#births = births;
    this.#options = options;
    this.sessions = new Sessions(options.judge?.repeatedWithinMs ?? 0);
    this.shelf = new TaskShelf(options);
    this.#series = new TaskSeries(births, wasted);
  }

  get totals(): TaskTotals {
    return { settledPicoUsd: this.#settledPicoUsd.value, unsettledPicoUsd: this.#unsettledPicoUsd.value };
  }

  /** Tells the task of a call that is on its way; {@link addCall} must follow once it has been booked. */
  expectCall(call: CallRecord, task: { id: string; name: string }, nowMs: number): Task {
    const known = this.#hear(task.id, nowMs);
    known.heldCalls += 1;
    known.sampleCount = Math.max(known.sampleCount, call.sampleCount ?? 1);
    const { evidence } = call;
    if (evidence !== undefined) {
      const { bits, lastBits } = evidence;
      const before = outcomeOfSettled(known);
      const isNews = known.show(bits);
      const isLastNews = lastBits !== undefined && known.showLast(lastBits, call.endMs);
      this.#changed(known, { before, isNews: isNews || isLastNews, nowMs });
    }
    if (known.settledAs === undefined) this.#relabel(known, labelSourceOfCall(call, task.name));
    return known;
  }

  /**
   * Adds the cost of a call: unsettled, or, late, under what the task was settled as. `waste`: it bought nothing, which
   * nobody has booked yet, since it may be asked again.
   */
  addCall(
    task: Task,
    call: CallRecord,
    { waste, nowMs }: { waste?: WasteReason | undefined; nowMs: number },
  ): void {
    task.heldCalls -= 1;
    const { costPicoUsd = 0 } = call;
    task.addCost(costPicoUsd);
    for (let outer = task.parent; outer !== undefined; outer = outer.parent)
      outer.addSubTasksCost(costPicoUsd);
    if (wasteReason(call) !== undefined) task.addWasted(costPicoUsd);
    this.#bookRepeats(task, findRepeats(task, call, waste), nowMs);
    const { labels, settledAs } = task;
    if (labels === undefined || costPicoUsd === 0) return;
    if (settledAs === undefined) {
      this.#unsettledPicoUsd.add(costPicoUsd);
      this.#series.plan(labels).unsettledCost.add(costPicoUsd);
      return;
    }
    this.#settledPicoUsd.add(costPicoUsd);
    this.#series.plan(labels).settled[settledAs].cost.book(costPicoUsd);
    const now = task.outcome;
    const bookings = this.#bookTaskWaste(task, labels, now);
    if (now !== settledAs) {
      const moved = [labels.feature, labels.name, settledAs, now];
      bookings.push(booking(this.#series.reclassifiedCost, moved, costPicoUsd));
    }
    this.#submit(bookings, nowMs);
  }

  /** A gateway's call waits no more: it counts, or another service has told it. */
  endRelayed(call: CallRecord, nowMs: number): void {
    const record = this.relayed.end(call);
    if (record !== undefined) this.recordTask(record, nowMs);
  }

  recordTask(record: TaskRecord, nowMs: number): void {
    if (this.relayed.keeps(record, this.shelf)) return;
    const task = this.#hear(record.id, nowMs);
    const { outcome, outcomeSource: source = 'api', endMs: atMs, evidence = 0n, parentId } = record;
    // A record without a name is an outcome told later, which knows the task by its id alone.
    const isSpan = record.name !== '';
    if (isSpan && task.settledAs === undefined) this.#relabel(task, labelSourceOfTask(record));
    const before = outcomeOfSettled(task);
    if (isSpan) task.isEnded = true;
    if (outcome !== undefined && outcome !== 'unknown') task.hear({ outcome, source, atMs });
    this.#changed(task, { before, isNews: task.show(evidence), nowMs });
    if (parentId !== undefined) this.#nest(task, parentId, nowMs);
    if (isSpan) this.#noteRepeats(record, nowMs);
  }

  recordOutcome(id: string, outcome: DecidedOutcome, nowMs: number): void {
    const task = this.#hear(id, nowMs);
    const before = outcomeOfSettled(task);
    task.hear(outcome);
    this.#changed(task, { before, isNews: false, nowMs });
  }

  recordEvidence({ taskId, bits }: TaskEvidence, nowMs: number): void {
    this.#show(this.#hear(taskId, nowMs), bits, nowMs);
  }

  #show(task: Task, bits: bigint, nowMs: number): void {
    const before = outcomeOfSettled(task);
    this.#changed(task, { before, isNews: task.show(bits), nowMs });
  }

  /** Puts a task inside another one; false when the inner one is none yet, or none that is remembered. */
  nest(id: string, parentId: string, nowMs: number): boolean {
    const task = this.shelf.find(id);
    if (task?.labels === undefined) return false;
    this.#nest(task, parentId, nowMs);
    return true;
  }

  /** Goes on with the tasks of another one; `translate`, where the rules are others, as in {@link TaskShelf.judgeAgain}. */
  takeOver(shelf: TaskShelf, translate: ((bits: bigint) => bigint) | undefined): void {
    this.shelf = shelf;
    shelf.options = this.#options;
    if (translate !== undefined) shelf.judgeAgain(translate);
  }

  /** Sums and counts that no series holds. */
  restoreTotals({ settledPicoUsd, unsettledPicoUsd, unmatchedOutcomes }: StateTotals): void {
    this.#settledPicoUsd = new MoneySum(settledPicoUsd);
    this.#unsettledPicoUsd = new MoneySum(unsettledPicoUsd);
    this.unmatchedOutcomes = unmatchedOutcomes;
  }

  /** What waited, back from its plain data; nothing where a metric is no more. */
  restoreBookings(states: readonly BookingState[], nowMs: number): Waiting {
    const { reclassified, reclassifiedCost, wasted } = this.#series;
    const sets: readonly SeriesSet[] = [reclassified, reclassifiedCost, wasted];
    const bookings = states.flatMap(({ metric, labels, amount }) => {
      const set = sets.find(({ definition }) => definition.name === metric);
      return set === undefined ? [] : [{ set, series: set.at(labels), amount }];
    });
    return createWaiting(bookings, nowMs);
  }

  /** Settles what is due. */
  settle(nowMs: number): void {
    for (const [tasks, waitMs] of this.shelf.waits()) {
      for (const task of tasks) {
        const overdueMs = nowMs - task.lastNewsMs - waitMs;
        if (overdueMs < 0) break;
        if (this.#isReady(task, { overdueMs, nowMs })) this.#close(task);
      }
    }
  }

  /** The task, made when new, moved to the end of its queue. */
  #hear(id: string, nowMs: number): Task {
    const task = this.shelf.at(id, nowMs);
    // News of a sub-task is news of what it is part of: the outer one waits for it.
    for (let heard: Task | undefined = task; heard !== undefined; heard = heard.parent) {
      heard.lastNewsMs = nowMs;
      if (heard.settledAs === undefined && this.shelf.isKnown(heard)) this.shelf.enqueue(heard);
    }
    if (task.settledAs === undefined && this.shelf.openCount > this.#options.openTasks)
      this.#closeOldest(task);
    return task;
  }

  /** Puts a task inside another one. The first word counts, and a circle is none. */
  #nest(task: Task, parentId: string, nowMs: number): void {
    if (task.parent !== undefined || parentId === task.id) return;
    const parent = this.#hear(parentId, nowMs);
    // Where the parent is one open task too many, this one may have been the settled one too many.
    if (!this.shelf.isKnown(task)) return;
    let depth = 0;
    for (let outer: Task | undefined = parent; outer !== undefined; outer = outer.parent) {
      depth += 1;
      if (outer.row === task.row || depth > MAX_DEPTH) return;
    }
    task.parent = parent;
    const costPicoUsd = task.costPicoUsd + task.subTasksPicoUsd;
    for (let outer: Task | undefined = parent; outer !== undefined; outer = outer.parent)
      outer.addSubTasksCost(costPicoUsd);
  }

  #noteRepeats({ id: taskId, sessionId, name, startMs, endMs }: TaskRecord, nowMs: number): void {
    const { judge } = this.#options;
    if (judge === undefined || sessionId === undefined) return;
    const known = { taskId, sessionId, name, startMs: startMs ?? endMs, endMs };
    for (const repeat of this.sessions.add(known)) {
      const task = this.shelf.find(repeat.taskId);
      const facts = { repeated_within: repeat.afterMs };
      if (task !== undefined) this.#show(task, judge.read({ subject: 'repeat', facts }), nowMs);
    }
  }

  #closeOldest(exceptThis: Task): void {
    for (const queue of [this.shelf.decided, this.shelf.undecided]) {
      for (const task of queue) {
        if (task.row === exceptThis.row || task.heldCalls > 0) continue;
        this.#options.work.tasksClosedEarly += 1;
        this.#close(task);
        return;
      }
    }
  }

  /**
   * Something was learned about a task: what is open may be due sooner; what has settled may be reclassified. `before`:
   * {@link outcomeOfSettled} as it was until then; `isNews`: it is something for the rules.
   */
  #changed(task: Task, change: { before: Outcome | undefined; isNews: boolean; nowMs: number }): void {
    const { before, isNews, nowMs } = change;
    if (isNews) task.ruled = this.#options.judge?.decide(task.bits)?.outcome;
    if (before === undefined) this.shelf.enqueue(task);
    else if (task.outcome !== before) this.#reclassify(task, before, nowMs);
  }

  #bookRepeats(task: Task, repeats: readonly Repeat[], nowMs: number): void {
    if (repeats.length > 0) this.#submit(this.#createRepeats(task, repeats), nowMs);
  }

  /** Waste by repeats. That a call failed has been told of its task; that it is a duplicate has not. */
  #createRepeats(task: Task, repeats: readonly Repeat[]): Booking[] {
    const bookings: Booking[] = [];
    for (const { call, reason } of repeats) {
      const { costPicoUsd = 0 } = call;
      if (reason === 'duplicate_call') {
        // The whole of a task that settled as a failure is waste already, or is about to be.
        if (task.settledAs !== undefined && isInVain(task.outcome)) continue;
        task.addWasted(costPicoUsd);
      }
      bookings.push(booking(this.#series.wasted, [call.feature, reason], costPicoUsd));
    }
    return bookings;
  }

  #reclassify(task: Task, from: Outcome, nowMs: number): void {
    const { labels, costPicoUsd } = task;
    if (labels === undefined) return;
    const to = task.outcome;
    this.#options.listener?.moveTask(task, to);
    const moved = [labels.feature, labels.name, from, to];
    const bookings: Booking[] = [
      booking(this.#series.reclassified, moved, task.sampleCount),
      booking(this.#series.reclassifiedCost, moved, costPicoUsd),
      ...this.#bookTaskWaste(task, labels, to),
    ];
    this.#submit(bookings, nowMs);
  }

  /** For amounts that the sum of settled, unsettled and untasked money does not hold: they may wait by themselves. */
  #submit(bookings: readonly Booking[], nowMs: number): void {
    const waiting = createWaiting(bookings, nowMs);
    if (!this.#births.isScraped(nowMs) || waiting.series.every(({ isShown }) => isShown)) waiting.book();
    else this.#births.hold(waiting);
  }

  #relabel(task: Task, source: LabelSource): void {
    const previous = task.labels;
    if (!task.relabel(source, this.#options.defaultFeature)) return;
    const next = source.labels;
    if (next === previous) return;
    const plan = this.#series.plan(next);
    plan.unsettledTasks.add(1);
    if (previous === undefined) {
      this.shelf.enqueue(task);
      return;
    }
    const { unsettledTasks, unsettledCost } = this.#series.plan(previous);
    unsettledTasks.add(-1);
    unsettledCost.add(-task.costPicoUsd);
    plan.unsettledCost.add(task.costPicoUsd);
  }

  /** A task waits for its held calls, and for a scrape that shows its series at 0, but no longer than a call would. */
  #isReady(task: Task, { overdueMs, nowMs }: { overdueMs: number; nowMs: number }): boolean {
    if (task.heldCalls > 0) return false;
    if (task.labels === undefined || !this.#births.isScraped(nowMs) || overdueMs >= this.#births.maxHoldMs)
      return true;
    return this.#series.plan(task.labels).settled[task.outcome].tasks.isShown;
  }

  #close(task: Task): void {
    const { labels } = task;
    if (labels === undefined) {
      if (task.said !== undefined) this.unmatchedOutcomes += 1;
      this.shelf.forget(task);
      return;
    }
    this.shelf.dequeue(task);
    const { outcome } = task;
    const { own, all } = task.exactCost;
    task.settledAs = outcome;
    this.#options.listener?.moveTask(task, outcome);
    if (task.lastCalls !== undefined) bookAll(this.#createRepeats(task, findUnrepeated(task)));
    // Later repeats are looked for no more: what is remembered of a settled task is small.
    task.forgetAsked();
    this.#unsettledPicoUsd.add(-own);
    this.#settledPicoUsd.add(own);
    const { unsettledTasks, unsettledCost, settled } = this.#series.plan(labels);
    unsettledTasks.add(-1);
    unsettledCost.add(-own);
    const { tasks, cost, costPerTask } = settled[outcome];
    tasks.book(task.sampleCount);
    cost.book(own);
    costPerTask.book(ofOne(all, task.sampleCount));
    if (isInVain(outcome)) bookAll(this.#bookTaskWaste(task, labels, outcome));
    this.#remember(task);
  }

  #remember(task: Task): void {
    const { settled } = this.shelf;
    settled.push(task);
    // More than one where the limit has become lower.
    while (settled.size > this.#options.settledTasks) {
      const oldest = settled.first;
      if (oldest === undefined || oldest.heldCalls > 0) return;
      this.#options.work.tasksForgotten += 1;
      this.#options.listener?.forgetTask(oldest);
      this.shelf.forget(oldest);
    }
  }

  /** What is not yet waste of a task that bought nothing; it is waste from now on, so no money is booked twice. */
  #bookTaskWaste(task: Task, labels: TaskLabels, outcome: Outcome): Booking[] {
    if (!isInVain(outcome)) return [];
    const restPicoUsd = task.costPicoUsd - task.wastedPicoUsd;
    task.wastedPicoUsd = task.costPicoUsd;
    const reason = outcome === 'failure' ? 'failed_task' : 'abandoned_task';
    return [booking(this.#series.wasted, [labels.feature, reason], restPicoUsd)];
  }
}

/** Of an open one nobody asks what the outcome was. */
const outcomeOfSettled = (task: Task): Outcome | undefined =>
  task.settledAs === undefined ? undefined : task.outcome;

const isInVain = (outcome: Outcome): boolean => outcome === 'failure' || outcome === 'abandoned';

function bookAll(bookings: readonly Booking[]): void {
  for (const { series, amount } of bookings) series.book(amount);
}

/** What one of several tasks cost that the sum is of: only where traces are sampled is that not the whole. */
const ofOne = (picoUsd: number | bigint, count: number): number | bigint =>
  count === 1 ? picoUsd : BigInt(Math.round(Number(picoUsd) / count));
