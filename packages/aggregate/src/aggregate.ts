import type { RowWriter } from './bytes/row-writer.js';
import { type BudgetPosition, BudgetSpend } from './calls/budget-spend.js';
import { bookCall, Calls } from './calls/calls.js';
import { Tenants } from './calls/tenants.js';
import type { CostListener } from './listener.js';
import { type AggregateOptions, DEFAULT_AGGREGATE_OPTIONS } from './options.js';
import type {
  CallRecord,
  EvidenceRecord,
  OutcomeRecord,
  SpanPlace,
  TaskCandidate,
  TaskRecord,
  Totals,
} from './records.js';
import { Births, type Waiting } from './series/births.js';
import { MoneySum } from './series/money.js';
import { HistogramSeries, type SeriesSet } from './series/series.js';
import {
  type AggregatePart,
  chunk,
  type FewParts,
  type HeldState,
  joinParts,
  type OtherPart,
  readSeriesSet,
  restoreSeries,
  type SearchState,
} from './state.js';
import {
  type BookingPlaces,
  type CallBooking,
  createBooked,
  createBooking,
  createWaitingCall,
  forCaller,
  isShown,
  restoreBooking,
  withFeature,
} from './tasks/call-booking.js';
import type { Task, TaskView } from './tasks/task.js';
import { isTaskPart, readTasks, TaskRestorer } from './tasks/task-state.js';
import { Tasks } from './tasks/tasks.js';
import type { Found } from './traces/found.js';
import { type Arrival, Traces } from './traces/traces.js';
import { createWorkCounts, type WorkCounts } from './work.js';

/**
 * Calls and tasks → series, exact to the pico-dollar. It has no clock: every method takes the time it happens at.
 * A call must be given once; what arrives twice is for the caller to recognise.
 *
 * @example
 * const aggregate = new Aggregate({ settleQuietMs: 5_000 });
 * aggregate.recordOutcome({ taskId: 'ticket-7', outcome: 'success' }, Date.now());
 * const text = await renderMetrics(aggregate, Date.now()); // one scrape
 */
export class Aggregate {
  readonly #births: Births;
  readonly #calls: Calls;
  readonly #tenants: Tenants;
  readonly #tasks: Tasks;
  readonly #budgets: BudgetSpend;
  readonly #places: BookingPlaces;
  #traces: Traces;
  readonly #listener: CostListener | undefined;
  /** Calls that look for their task. */
  readonly #seeking = new WeakMap<CallRecord, CallBooking>();
  /** What is counted since this process began, to be read only. */
  readonly work: WorkCounts;
  #callsPicoUsd = new MoneySum();
  #untaskedPicoUsd = new MoneySum();
  /** Of calls that wait for their feature or their twin. */
  readonly #waitingPicoUsd = new MoneySum();

  constructor(options: Partial<AggregateOptions> = {}) {
    const full = { ...DEFAULT_AGGREGATE_OPTIONS, ...options };
    this.#listener = full.listener;
    this.work = full.work ?? createWorkCounts();
    this.#births = new Births(full);
    this.#calls = new Calls(this.#births);
    this.#tasks = new Tasks(this.#births, this.#calls.wasted, { ...full, work: this.work });
    this.#tenants = new Tenants(this.#births, full.tenants);
    this.#budgets = new BudgetSpend(this.#births, full.budgets);
    this.#places = { calls: this.#calls, tenants: this.#tenants, budgets: this.#budgets, tasks: this.#tasks };
    this.#traces = new Traces({ ...full, work: this.work });
  }

  /**
   * Takes the places of spans in their traces, before what the same spans tell: a call then knows whether a span
   * inside or around it has told it already, and, where nobody names its task, which span is it.
   */
  recordPlaces(places: readonly SpanPlace[], nowMs: number): void {
    for (const place of places)
      for (const found of this.#traces.place(place, nowMs)) this.#take(found, nowMs);
  }

  /** Counts one call, received at `nowMs`, unless another span of it was counted. */
  recordCall(call: CallRecord, nowMs: number): void {
    const hasTime = this.#births.isScraped(nowMs) || this.#traces.isAskedFor(call);
    const arrival = { nowMs, mayWait: hasTime && this.#traces.hasRoom };
    if (call.parentSpanId === undefined || this.#admit(call, arrival)) this.#countOrWait(call, arrival);
  }

  /**
   * Counts the call with the feature that the spans around it state. It waits for those, or for costspan's own report of
   * it, only while somebody scrapes, as with a new series: who looks by hand sees all at once, but what a gateway tells.
   */
  #countOrWait(call: CallRecord, arrival: Arrival): void {
    const isOpen = call.seeksFeature === true || (arrival.mayWait && this.#traces.hasForeseenTwin(call));
    const found = isOpen ? this.#traces.findFeature(call, arrival) : { feature: undefined };
    if (found !== undefined) this.#count(withFeature(call, found.feature), arrival.nowMs);
    else {
      this.#waitingPicoUsd.add(call.costPicoUsd ?? 0);
      this.#tasks.relayed.wait(call);
    }
  }

  /** Whether it counts; what was told of it before, and waits, does not. */
  #admit(call: CallRecord, arrival: Arrival): boolean {
    const { counts, insteadOf, relayed, isCallers } = this.#traces.admit(call, arrival.mayWait);
    for (const told of insteadOf) this.#endWait(told, arrival.nowMs);
    for (const { part, caller } of relayed) {
      this.#endWait(part === call ? caller : part, arrival.nowMs);
      this.#countOrWait(forCaller(part, caller), arrival);
    }
    if (isCallers === true) this.#tasks.relayed.leave(call);
    this.work.nestedCalls += insteadOf.length + (counts ? 0 : 1);
    return counts;
  }

  #endWait(call: CallRecord, nowMs: number): void {
    this.#waitingPicoUsd.add(-(call.costPicoUsd ?? 0));
    this.#tasks.endRelayed(call, nowMs);
  }

  #count(call: CallRecord, nowMs: number): void {
    const booking = createBooking(call, nowMs, this.#places);
    const found = call.seeksTask === true ? this.#traces.findTask(call, nowMs) : undefined;
    if (found !== undefined) this.#join(booking, found, nowMs);
    else if (call.seeksTask === true) this.#seeking.set(call, booking);
    if (!this.#births.isScraped(nowMs) || isShown(booking)) this.#book(booking);
    else this.#births.hold(this.#createWaiting(booking));
    if (found !== undefined) this.#recordFound(found, nowMs);
  }

  /** Takes what the spans around something say of it. */
  #take(found: Found, nowMs: number): void {
    if ('feature' in found) {
      const { featureless: call } = found.sought;
      if (found.isTold === true) this.work.nestedCalls += 1;
      else this.#count(withFeature(call, found.feature), nowMs);
      this.#endWait(call, nowMs);
      return;
    }
    const { sought, task } = found;
    if ('bits' in sought) {
      this.#tasks.recordEvidence({ taskId: task.id, bits: sought.bits }, nowMs);
      this.#listener?.assignEvidence?.(sought.spanId, task.id);
    } else if (!('nestedId' in sought)) this.#assign(sought, task, nowMs);
    else if (this.#tasks.nest(sought.nestedId, task.id, nowMs)) this.#recordFound(task, nowMs);
  }

  /** The end of a task that calls have found, and of those that it stands inside. */
  #recordFound(task: TaskCandidate, nowMs: number): void {
    for (const record of this.#traces.recordsOf(task)) this.#tasks.recordTask(record, nowMs);
  }

  /** Gives a call to the task that it has looked for: what it cost moves there, or will count there. */
  #assign(call: CallRecord, found: TaskCandidate, nowMs: number): void {
    const booking = this.#seeking.get(call);
    if (booking === undefined) return;
    this.#seeking.delete(call);
    const task = this.#join(booking, found, nowMs);
    if (booking.isBooked) {
      this.#untaskedPicoUsd.add(-(call.costPicoUsd ?? 0));
      this.#tasks.addCall(task, call, { nowMs });
      this.#listener?.assignCall(booking.call, task);
    }
    this.#recordFound(found, nowMs);
  }

  /** The call is one of the task, where it counts once its series have been shown. */
  #join(booking: CallBooking, { id, name }: TaskCandidate, nowMs: number): Task {
    const { call } = booking;
    const task = this.#tasks.expectCall(call, { id, name }, nowMs);
    booking.task = task;
    booking.call = { ...call, task: { id, name } };
    return task;
  }

  #createWaiting(booking: CallBooking): Waiting {
    return createWaitingCall(booking, () => this.#book(booking));
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
    if ('taskId' in evidence) {
      this.#tasks.recordEvidence(evidence, nowMs);
      return;
    }
    const task = this.#traces.findTask(evidence, nowMs);
    if (task !== undefined) this.#take({ sought: evidence, task }, nowMs);
  }

  /** Settles the tasks that are due. Call it about once a second and before a scrape. */
  settle(nowMs: number): void {
    this.#births.releaseDue(nowMs);
    for (const found of this.#traces.due(nowMs)) this.#take(found, nowMs);
    this.#tasks.settle(nowMs);
  }

  /** A scrape of a time series database has read everything, in this same turn. */
  markScraped(nowMs: number): void {
    this.#births.markShown(nowMs);
    for (const set of this.#births.sets)
      for (const series of set.values()) if (series instanceof HistogramSeries) series.exemplar = undefined;
  }

  /** Whether {@link settle} may change anything. */
  isDue(nowMs: number): boolean {
    return this.#births.isDue(nowMs) || this.#traces.isDue(nowMs) || this.#tasks.shelf.isDue(nowMs);
  }

  /** The clock was set, ahead when above 0: what waits goes on waiting as long as it would have. */
  shiftClock(byMs: number): void {
    this.#births.shiftClock(byMs);
    this.#traces.shiftClock(byMs);
    this.#tasks.shelf.shiftClock(byMs);
  }

  /**
   * All that is known now, in parts. Little is copied at once; tasks, of which there are many, are read as the parts are
   * taken, each as it is now, whatever is recorded meanwhile. To be taken to the last one.
   */
  readState(): IterableIterator<AggregatePart> {
    const tasks = readTasks(this.#tasks.shelf);
    return joinParts(this.#readFew(), { tasks, traces: this.#traces.readState() });
  }

  /** The parts that are few. */
  #readFew(): FewParts {
    const { unmatchedOutcomes, totals, sessions, relayed } = this.#tasks;
    const sums = { callsPicoUsd: this.#callsPicoUsd.value, untaskedPicoUsd: this.#untaskedPicoUsd.value };
    const before: OtherPart[] = [
      { part: 'totals', totals: { ...sums, ...totals, unmatchedOutcomes } },
      ...this.series.flatMap(readSeriesSet),
      { part: 'tenants', tenants: this.#tenants.readState() },
      { part: 'periods', periods: this.#budgets.readState() },
      ...[...chunk(sessions.readState())].map((list) => ({ part: 'sessions' as const, sessions: list })),
      ...[...chunk(relayed.readState())].map((list) => ({ part: 'relayed_tasks' as const, tasks: list })),
    ];
    return { before, waiting: { part: 'waiting', ...this.#births.readState() } };
  }

  /** An aggregate as it was when the parts were read. What a limit let in stays, whatever the limits are now. */
  static restore(parts: Iterable<AggregatePart>, options: Partial<AggregateOptions>): Aggregate {
    const aggregate = new Aggregate(options);
    const tasks = new TaskRestorer(aggregate.#tasks.shelf);
    const held = new Map<string, CallBooking>();
    for (const part of parts)
      if (isTaskPart(part)) tasks.restore(part);
      else aggregate.#restorePart(part, held);
    tasks.finish();
    return aggregate;
  }

  /**
   * The same under other options, as if they had been changed while it ran. It takes over the tasks and the places of
   * spans, of which there are many, as they are: this one is of no use any more. `translate`: what bits of evidence mean
   * to other rules; absent where the rules are the same.
   */
  under(options: Partial<AggregateOptions>, translate?: (bits: bigint) => bigint): Aggregate {
    const next = new Aggregate(options);
    const { before, waiting } = this.#readFew();
    const held = new Map<string, CallBooking>();
    next.#tasks.takeOver(this.#tasks.shelf, translate);
    for (const part of [...before, waiting]) next.#restorePart(part, held, translate);
    next.#traces = this.#traces.under(next.#traces, translate);
    next.#resumeSearches(next.#traces.searches(), held);
    return next;
  }

  /** `held`: calls that wait for a scrape, by their span. */
  #restorePart(part: OtherPart, held: Map<string, CallBooking>, translate?: (bits: bigint) => bigint): void {
    switch (part.part) {
      case 'totals':
        this.#callsPicoUsd = new MoneySum(part.totals.callsPicoUsd);
        this.#untaskedPicoUsd = new MoneySum(part.totals.untaskedPicoUsd);
        this.#tasks.restoreTotals(part.totals);
        return;
      case 'series':
        restoreSeries(this.series, part);
        return;
      case 'tenants':
        this.#tenants.restore(part.tenants);
        return;
      case 'periods':
        this.#budgets.restore(part.periods);
        return;
      case 'sessions':
        this.#tasks.sessions.restore(part.sessions);
        return;
      case 'relayed_tasks':
        this.#tasks.relayed.restore(part.tasks, translate);
        return;
      case 'waiting':
        this.#births.restoreWaiting(
          part.held.map((waiting) => this.#restoreWaiting(waiting, held)),
          part.lastScrapeMs,
        );
        return;
      case 'traces':
        this.#resumeSearches(part.traces.searches ?? [], held);
        this.#traces.restore(part.traces);
    }
  }

  #resumeSearches(searches: Iterable<SearchState>, held: ReadonlyMap<string, CallBooking>): void {
    for (const { call, featureless, atMs: nowMs } of searches) {
      if (call !== undefined) {
        const plan = this.#calls.plan(call);
        this.#seeking.set(call, held.get(call.spanId) ?? createBooked({ call, nowMs, plan }));
      }
      this.#waitingPicoUsd.add(featureless?.costPicoUsd ?? 0);
    }
  }

  #restoreWaiting({ waiting, sinceMs: nowMs }: HeldState, held: Map<string, CallBooking>): Waiting {
    if ('bookings' in waiting) return this.#tasks.restoreBookings(waiting.bookings, nowMs);
    const booking = restoreBooking(waiting, nowMs, this.#places);
    held.set(booking.call.spanId, booking);
    return this.#createWaiting(booking);
  }

  totals(): Totals {
    return {
      callsPicoUsd: this.#callsPicoUsd.value,
      ...this.#tasks.totals,
      untaskedPicoUsd: this.#untaskedPicoUsd.value,
      heldPicoUsd: this.#births.heldPicoUsd + this.#waitingPicoUsd.value,
    };
  }

  /** Every metric with its series, to be read only. */
  get series(): readonly SeriesSet[] {
    return this.#births.sets;
  }

  /** Every task that is remembered, to be read only. */
  get tasks(): Iterable<TaskView> {
    return this.#tasks.shelf.tasks();
  }

  /** Writes the id of the task in a row, for `readWrittenTaskId`. */
  writeTaskId(row: number, writer: RowWriter): void {
    this.#tasks.shelf.table.ids.write(row, writer);
  }

  /** The one of this id, if it is remembered, to be read only. */
  findTask(id: string): TaskView | undefined {
    return this.#tasks.shelf.find(id);
  }

  get openTasks(): number {
    return this.#tasks.shelf.openCount;
  }

  /** Outcomes that were told of tasks of which nothing else was heard until the deadline. */
  get unmatchedOutcomes(): number {
    return this.#tasks.unmatchedOutcomes;
  }

  budgetPositions(nowMs: number): BudgetPosition[] {
    return this.#budgets.positions(nowMs);
  }

  #book(booking: CallBooking): void {
    const { call, nowMs, plan, tenant, budgets, task } = booking;
    booking.isBooked = true;
    bookCall(plan, call);
    const { costPicoUsd: picoUsd = 0 } = call;
    tenant?.book(picoUsd);
    for (const budget of budgets) budget.book(picoUsd);
    this.#callsPicoUsd.add(picoUsd);
    if (task === undefined) this.#untaskedPicoUsd.add(picoUsd);
    else this.#tasks.addCall(task, call, { waste: plan.openWaste, nowMs });
    this.#listener?.addCall(call, task);
  }
}
