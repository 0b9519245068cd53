import type { Outcome } from '@costspan/semconv';
import { type DecidedOutcome, isStated, outranks } from './outcome.js';
import type { CallRecord, TaskRecord } from './records.js';
import type { TaskQueue } from './task-queue.js';

/** What names a task in labels. */
export interface TaskLabels {
  readonly service: string;
  readonly environment: string;
  readonly feature: string;
  readonly name: string;
  readonly userTier: string;
}

/** Where a task's labels come from: its own span before its calls, the earlier before the later. */
export interface LabelSource {
  readonly labels: KeyedLabels;
  readonly isTaskSpan: boolean;
  readonly endMs: number;
}

/** Labels with one text for all of them, which breaks ties: the order of arrival does not matter. */
interface KeyedLabels extends TaskLabels {
  readonly key: string;
}

/** A task as others may look at it. Money in pico-USD. */
export interface TaskView {
  readonly id: string;
  readonly labels: TaskLabels | undefined;
  readonly said: DecidedOutcome | undefined;
  readonly outcome: Outcome;
  readonly settledAs: Outcome | undefined;
  readonly costPicoUsd: bigint;
  readonly subTasksPicoUsd: bigint;
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
  readonly firstCalls?: readonly (readonly [key: string, call: CallRecord])[];
  readonly evidence: bigint;
  readonly lastEvidence: bigint;
  readonly lastCallMs: number;
}

/** One task while it is remembered. */
export class Task implements TaskView {
  readonly id: string;
  /** Undefined while only an outcome or a sub-task is known of it: then it is not a task yet. */
  labels: KeyedLabels | undefined;
  #labelsAreOfSpan = false;
  #labelsEndMs = 0;
  /** The strongest that was said of it. */
  said: DecidedOutcome | undefined;
  /** What the rules make of the evidence so far. */
  ruled: Outcome | undefined;
  /** A span of its own has ended: before that the rules do not decide, since more is to come. */
  isEnded = false;
  /** What it was counted as; undefined while it is open. */
  settledAs: Outcome | undefined;
  parent: Task | undefined;
  /** Where it waits, and beside whom; kept by {@link TaskQueue}. */
  queue: TaskQueue | undefined;
  previous: Task | undefined;
  next: Task | undefined;
  costPicoUsd = 0n;
  /** Cost of the tasks inside it, theirs included. */
  subTasksPicoUsd = 0n;
  /** Part of the cost that already counts as waste. */
  wastedPicoUsd = 0n;
  /** Tasks that it stands for, where traces are sampled. */
  sampleCount = 1;
  /** Calls that wait for a scrape; the task waits for them. */
  heldCalls = 0;
  /** When something of it was last received, on the clock of the receiver. */
  lastNewsMs: number;
  /** First of each group of calls that ask the same, by their digest. */
  firstCalls: Map<string, CallRecord> | undefined;
  #bits = 0n;
  #lastBits = 0n;
  #lastCallMs = 0;

  constructor(id: string, nowMs: number) {
    this.id = id;
    this.lastNewsMs = nowMs;
  }

  /** As known now: what was said, else what the rules say, else what was concluded where it ran. */
  get outcome(): Outcome {
    if (this.said !== undefined && isStated(this.said)) return this.said.outcome;
    return this.ruled ?? this.said?.outcome ?? 'unknown';
  }

  /** Whether it need not wait for its deadline. */
  get isDecided(): boolean {
    return (
      this.labels !== undefined && this.outcome !== 'unknown' && (this.isEnded || this.said !== undefined)
    );
  }

  /** Takes the outcome if it wins over what was said before. */
  hear(outcome: DecidedOutcome): void {
    if (outranks(outcome, this.said)) this.said = outcome;
  }

  /** Everything that the rules may look at now. */
  get bits(): bigint {
    return this.#bits | this.#lastBits;
  }

  /** Takes evidence that stays. */
  show(bits: bigint): void {
    this.#bits = shareBits(this.#bits | bits);
  }

  /** The bits mean something else from now on. */
  translate(translate: (bits: bigint) => bigint): void {
    this.#bits = translate(this.#bits);
    this.#lastBits = translate(this.#lastBits);
  }

  /** Takes what only the last call shows. Calls that end in the same instant count together: no order is left out. */
  showLast(bits: bigint, endMs: number): void {
    if (endMs < this.#lastCallMs) return;
    this.#lastBits = shareBits(endMs === this.#lastCallMs ? this.#lastBits | bits : bits);
    this.#lastCallMs = endMs;
  }

  /** All of it but where it waits and what is around it. */
  readState(): TaskState {
    const { id, labels, said, ruled, isEnded, settledAs, firstCalls } = this;
    return {
      id,
      ...(labels === undefined
        ? {}
        : {
            labels: pickLabels(labels),
            labelsAreOfSpan: this.#labelsAreOfSpan,
            labelsEndMs: this.#labelsEndMs,
          }),
      ...(said === undefined ? {} : { said }),
      ...(ruled === undefined ? {} : { ruled }),
      isEnded,
      ...(settledAs === undefined ? {} : { settledAs }),
      costPicoUsd: this.costPicoUsd,
      subTasksPicoUsd: this.subTasksPicoUsd,
      wastedPicoUsd: this.wastedPicoUsd,
      heldCalls: this.heldCalls,
      ...(this.sampleCount === 1 ? {} : { sampleCount: this.sampleCount }),
      lastNewsMs: this.lastNewsMs,
      ...(firstCalls === undefined ? {} : { firstCalls: [...firstCalls] }),
      evidence: this.#bits,
      lastEvidence: this.#lastBits,
      lastCallMs: this.#lastCallMs,
    };
  }

  static restore(state: TaskState): Task {
    const { labels, said, ruled, settledAs, firstCalls } = state;
    const task = new Task(state.id, state.lastNewsMs);
    if (labels !== undefined) task.labels = shareLabels(labels);
    task.#labelsAreOfSpan = state.labelsAreOfSpan ?? false;
    task.#labelsEndMs = state.labelsEndMs ?? 0;
    task.said = said;
    task.ruled = ruled;
    task.isEnded = state.isEnded;
    task.settledAs = settledAs;
    task.costPicoUsd = state.costPicoUsd;
    task.subTasksPicoUsd = state.subTasksPicoUsd;
    task.wastedPicoUsd = state.wastedPicoUsd;
    task.heldCalls = state.heldCalls;
    task.sampleCount = state.sampleCount ?? 1;
    task.firstCalls = firstCalls && new Map(firstCalls);
    task.#bits = state.evidence;
    task.#lastBits = state.lastEvidence;
    task.#lastCallMs = state.lastCallMs;
    return task;
  }

  /** Takes the labels of this source when it names the task better than what was known; says whether it did. */
  relabel(source: LabelSource): boolean {
    if (this.labels !== undefined && !this.#isBetter(source, this.labels.key)) return false;
    this.labels = source.labels;
    this.#labelsAreOfSpan = source.isTaskSpan;
    this.#labelsEndMs = source.endMs;
    return true;
  }

  #isBetter({ labels, isTaskSpan, endMs }: LabelSource, currentKey: string): boolean {
    if (isTaskSpan !== this.#labelsAreOfSpan) return isTaskSpan;
    if (endMs !== this.#labelsEndMs) return endMs < this.#labelsEndMs;
    return labels.key < currentKey;
  }
}

/** Bit sets that tasks share: each bigint is an object of its own, and all tasks together have few different ones. */
const MAX_SHARED_BITS = 1_000;
const sharedBits = new Map<bigint, bigint>();

function shareBits(bits: bigint): bigint {
  const known = sharedBits.get(bits);
  if (known !== undefined) return known;
  if (sharedBits.size >= MAX_SHARED_BITS) sharedBits.clear();
  sharedBits.set(bits, bits);
  return bits;
}

/** Label sets that tasks share; all tasks together have few, and one that has many must not fill the memory. */
const MAX_SHARED_LABELS = 10_000;
const shared = new Map<string, KeyedLabels>();

const pickLabels = ({ service, environment, feature, name, userTier }: TaskLabels): TaskLabels => ({
  service,
  environment,
  feature,
  name,
  userTier,
});

/** One object for all tasks of these labels: hundreds of thousands of tasks are open at a time. */
function shareLabels({ service, environment, feature, name, userTier }: TaskLabels): KeyedLabels {
  const key = [service, environment, feature, name, userTier].join('\u0000');
  const known = shared.get(key);
  if (known !== undefined) return known;
  const labels = { service, environment, feature, name, userTier, key };
  if (shared.size >= MAX_SHARED_LABELS) shared.clear();
  shared.set(key, labels);
  return labels;
}

export const labelSourceOfCall = (call: CallRecord, name: string): LabelSource => {
  const { service, environment, feature, userTier, endMs } = call;
  return {
    labels: shareLabels({ service, environment, feature, name, userTier }),
    endMs,
    isTaskSpan: false,
  };
};

export const labelSourceOfTask = (task: TaskRecord): LabelSource => ({
  labels: shareLabels(task),
  endMs: task.endMs,
  isTaskSpan: true,
});
