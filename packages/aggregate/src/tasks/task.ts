import type { Outcome } from '@costspan/semconv';
import { type DecidedOutcome, isStated, outranks } from '../read/outcome.js';
import { NONE } from '../rows/columns.js';
import { addExactly } from '../series/money.js';
import type { AskedCall, AskedCalls } from './first-calls.js';
import { type FirstCall, parseQuestion, printQuestion, type Question } from './first-calls.js';
import {
  type KeyedLabels,
  type LabelSource,
  rankSource,
  shareLabels,
  type TaskLabels,
} from './task-labels.js';
import type { TaskTable } from './task-table.js';

/** A task as others may look at it. Money in pico-USD. */
export interface TaskView {
  readonly id: string;
  /** No other task has it, as long as this one is remembered. */
  readonly row: number;
  readonly labels: TaskLabels | undefined;
  readonly said: DecidedOutcome | undefined;
  readonly outcome: Outcome;
  readonly settledAs: Outcome | undefined;
  readonly costPicoUsd: bigint;
  readonly subTasksPicoUsd: bigint;
  /** Tasks that it stands for; more than one where traces are sampled. */
  readonly sampleCount: number;
  /** What the rules may look at. */
  readonly bits: bigint;
}

/** A task as plain data; what is absent is not known. */
export interface TaskState {
  readonly id: string;
  readonly labels?: TaskLabels;
  readonly labelsAreOfSpan?: boolean;
  readonly labelsEndMs?: number;
  readonly said?: DecidedOutcome;
  readonly ruled?: Outcome;
  readonly isEnded: boolean;
  readonly settledAs?: Outcome;
  readonly costPicoUsd: bigint;
  readonly subTasksPicoUsd: bigint;
  readonly wastedPicoUsd: bigint;
  readonly heldCalls: number;
  readonly sampleCount?: number;
  readonly lastNewsMs: number;
  readonly firstCalls?: readonly (readonly [key: string, call: FirstCall])[];
  readonly lastCalls?: readonly (readonly [key: string, call: AskedCall])[];
  readonly evidence: bigint;
  readonly lastEvidence: bigint;
  readonly lastCallMs: number;
}

/**
 * One task while it is remembered: a view of its row, made anew whenever it is looked at. Whatever is set says so
 * before, so that a state that is being read gets the task as it was.
 */
export class Task implements TaskView {
  readonly row: number;
  readonly #table: TaskTable;

  constructor(table: TaskTable, row: number) {
    this.#table = table;
    this.row = row;
  }

  get id(): string {
    return this.#table.ids.at(this.row);
  }

  /** Undefined while only an outcome or a sub-task is known of it: then it is not a task yet. */
  get labels(): KeyedLabels | undefined {
    return this.#table.labels.at(this.row);
  }

  /** The strongest that was said of it. */
  get said(): DecidedOutcome | undefined {
    return this.#table.said(this.row);
  }

  /** What the rules make of the evidence so far. */
  get ruled(): Outcome | undefined {
    return this.#table.ruled(this.row);
  }
  set ruled(outcome: Outcome | undefined) {
    this.#changing().setRuled(this.row, outcome);
  }

  /** A span of its own has ended: before that the rules do not decide, since more is to come. */
  get isEnded(): boolean {
    return this.#table.isEnded[this.row] === 1;
  }
  set isEnded(isEnded: boolean) {
    this.#changing().isEnded[this.row] = isEnded ? 1 : 0;
  }

  /** What it was counted as; undefined while it is open. */
  get settledAs(): Outcome | undefined {
    return this.#table.settledAs(this.row);
  }
  set settledAs(outcome: Outcome | undefined) {
    this.#changing().setSettledAs(this.row, outcome);
  }

  get parent(): Task | undefined {
    const parent = this.#table.parentOf(this.row);
    return parent === NONE ? undefined : new Task(this.#table, parent);
  }
  /** The first word counts: a task that is inside another one stays there. */
  set parent(parent: Task) {
    this.#changing().setParent(this.row, parent.row);
  }

  get costPicoUsd(): bigint {
    return this.#table.costPicoUsd.at(this.row);
  }
  set costPicoUsd(picoUsd: bigint) {
    this.#changing().costPicoUsd.set(this.row, picoUsd);
  }

  /** The same, as a number where one holds it, and with it the cost of the tasks inside it. */
  get exactCost(): { readonly own: number | bigint; readonly all: number | bigint } {
    const own = this.#table.costPicoUsd.exactAt(this.row);
    return { own, all: addExactly(own, this.#table.subTasksPicoUsd.exactAt(this.row)) };
  }

  addCost(picoUsd: number): void {
    this.#changing().costPicoUsd.add(this.row, picoUsd);
  }

  /** Cost of the tasks inside it, theirs included. */
  get subTasksPicoUsd(): bigint {
    return this.#table.subTasksPicoUsd.at(this.row);
  }
  set subTasksPicoUsd(picoUsd: bigint) {
    this.#changing().subTasksPicoUsd.set(this.row, picoUsd);
  }

  addSubTasksCost(picoUsd: number | bigint): void {
    this.#changing().subTasksPicoUsd.add(this.row, picoUsd);
  }

  /** Part of the cost that already counts as waste. */
  get wastedPicoUsd(): bigint {
    return this.#table.wastedPicoUsd.at(this.row);
  }
  set wastedPicoUsd(picoUsd: bigint) {
    this.#changing().wastedPicoUsd.set(this.row, picoUsd);
  }

  addWasted(picoUsd: number): void {
    this.#changing().wastedPicoUsd.add(this.row, picoUsd);
  }

  /** Tasks that it stands for, where traces are sampled. */
  get sampleCount(): number {
    return this.#table.sampleCount(this.row);
  }
  set sampleCount(count: number) {
    this.#changing().setSampleCount(this.row, count);
  }

  /** Calls that wait for a scrape; the task waits for them. */
  get heldCalls(): number {
    return this.#table.heldCalls.at(this.row);
  }
  set heldCalls(count: number) {
    this.#changing().heldCalls.set(this.row, count);
  }

  /** When something of it was last received, on the clock of the receiver. */
  get lastNewsMs(): number {
    return this.#table.lastNewsMs.at(this.row);
  }
  set lastNewsMs(atMs: number) {
    this.#changing().lastNewsMs.set(this.row, atMs);
  }

  /** First answered of the calls that ask the same. */
  firstCall(question: Question): FirstCall | undefined {
    return this.#table.firstCalls.find(this.row, question);
  }
  hasFirstCall(question: Question): boolean {
    return this.#table.firstCalls.has(this.row, question);
  }
  get firstCallCount(): number {
    return this.#table.firstCalls.countOf(this.row);
  }

  /** Last of each group, answered or not, where that is another one. */
  lastCall(question: Question): AskedCall | undefined {
    return this.lastCalls?.get(printQuestion(question));
  }
  /** All of them, by model and digest. */
  get lastCalls(): AskedCalls | undefined {
    return this.#table.lastCalls.get(this.row);
  }

  noteFirst(question: Question, call: FirstCall): void {
    this.#changing().firstCalls.set(this.row, question, call);
  }

  noteLast(question: Question, call: AskedCall): void {
    const { lastCalls } = this.#changing();
    const key = printQuestion(question);
    const known = lastCalls.get(this.row);
    if (known === undefined) lastCalls.set(this.row, new Map([[key, call]]));
    else known.set(key, call);
  }

  forgetAsked(): void {
    const { firstCalls, lastCalls } = this.#changing();
    firstCalls.forget(this.row);
    lastCalls.delete(this.row);
  }

  /** As known now: what was said, else what the rules say, else what was concluded where it ran. */
  get outcome(): Outcome {
    const { said } = this;
    if (said !== undefined && isStated(said)) return said.outcome;
    return this.ruled ?? said?.outcome ?? 'unknown';
  }

  /** Whether it need not wait for its deadline. */
  get isDecided(): boolean {
    return (
      this.labels !== undefined && this.outcome !== 'unknown' && (this.isEnded || this.said !== undefined)
    );
  }

  /** Takes the outcome if it wins over what was said before. */
  hear(outcome: DecidedOutcome): void {
    if (outranks(outcome, this.said)) this.#changing().setSaid(this.row, outcome);
  }

  /** Everything that the rules may look at now. */
  get bits(): bigint {
    return this.#table.bits.at(this.row) | this.#table.lastBits.at(this.row);
  }

  /** Takes evidence that stays; says whether it is news. */
  show(bits: bigint): boolean {
    const known = this.#table.bits.at(this.row);
    // Mostly nothing, or the same again: two bigints are joined by a call, and make a third.
    const all = bits === 0n || bits === known ? known : known | bits;
    if (all === known) return false;
    this.#changing().bits.set(this.row, all);
    return true;
  }

  /** The bits mean something else from now on. */
  translate(translate: (bits: bigint) => bigint): void {
    const table = this.#changing();
    for (const column of [table.bits, table.lastBits]) column.set(this.row, translate(column.at(this.row)));
  }

  /**
   * Takes what only the last call shows; says whether it is news. Calls that end in the same instant count together: no
   * order is left out.
   */
  showLast(bits: bigint, endMs: number): boolean {
    const lastMs = this.#table.lastCallMs.at(this.row);
    if (endMs < lastMs) return false;
    const table = this.#changing();
    table.lastCallMs.set(this.row, endMs);
    const known = table.lastBits.at(this.row);
    const all = endMs === lastMs ? known | bits : bits;
    if (all === known) return false;
    table.lastBits.set(this.row, all);
    return true;
  }

  /** A task as it was, in a row of its own. */
  static restore(table: TaskTable, state: TaskState): Task {
    const { labels, said, firstCalls, lastCalls } = state;
    const row = table.add(state.id, state.lastNewsMs);
    const task = new Task(table, row);
    if (labels !== undefined) table.labels.set(row, shareLabels(labels, labels.name));
    table.labelsAreOfSpan[row] = state.labelsAreOfSpan === true ? 1 : 0;
    table.labelsEndMs.set(row, state.labelsEndMs ?? 0);
    if (said !== undefined) table.setSaid(row, said);
    task.ruled = state.ruled;
    task.isEnded = state.isEnded;
    task.settledAs = state.settledAs;
    task.costPicoUsd = state.costPicoUsd;
    task.subTasksPicoUsd = state.subTasksPicoUsd;
    task.wastedPicoUsd = state.wastedPicoUsd;
    task.heldCalls = state.heldCalls;
    task.sampleCount = state.sampleCount ?? 1;
    for (const [key, call] of firstCalls ?? []) task.noteFirst(parseQuestion(key), call);
    for (const [key, call] of lastCalls ?? []) task.noteLast(parseQuestion(key), call);
    table.bits.set(row, state.evidence);
    table.lastBits.set(row, state.lastEvidence);
    table.lastCallMs.set(row, state.lastCallMs);
    return task;
  }

  /**
   * Takes the labels of this source when it names the task better than what was known ({@link rankSource}); says
   * whether it did.
   */
  relabel(source: LabelSource, defaultFeature: string | undefined): boolean {
    const { labels } = this;
    if (labels !== undefined && !this.#isBetter(source, labels, defaultFeature)) return false;
    const table = this.#changing();
    table.labels.set(this.row, source.labels);
    table.labelsAreOfSpan[this.row] = source.isTaskSpan ? 1 : 0;
    table.labelsEndMs.set(this.row, source.endMs);
    return true;
  }

  #isBetter(source: LabelSource, current: KeyedLabels, defaultFeature: string | undefined): boolean {
    const { labelsAreOfSpan, labelsEndMs } = this.#table;
    const known = { labels: current, isTaskSpan: labelsAreOfSpan[this.row] === 1 };
    const lead = rankSource(source, defaultFeature) - rankSource(known, defaultFeature);
    if (lead !== 0) return lead > 0;
    const currentMs = labelsEndMs.at(this.row);
    if (source.endMs !== currentMs) return source.endMs < currentMs;
    return source.labels.key < current.key;
  }

  /** Where what changes is kept. */
  #changing(): TaskTable {
    this.#table.readings.beforeChange(this.row);
    return this.#table;
  }
}
