import type { Outcome } from '@costspan/semconv';
import { type DecidedOutcome, outranks } from './outcome.js';
import type { CallRecord, TaskRecord } from './records.js';

/** What names a task in labels. */
export interface TaskLabels {
  readonly service: string;
  readonly environment: string;
  readonly feature: string;
  readonly name: string;
  readonly userTier: string;
}

/** Where a task's labels come from: its own span before its calls, the earlier before the later. */
interface LabelSource extends TaskLabels {
  readonly isTaskSpan: boolean;
  readonly endMs: number;
  /** Breaks ties, so that the order of arrival does not matter. */
  readonly key: string;
}

/** One task while it is remembered. */
export class Task {
  readonly id: string;
  /** Undefined while only an outcome is known of it: then it is not a task yet. */
  labels: TaskLabels | undefined;
  #labelSource: LabelSource | undefined;
  outcome: DecidedOutcome | undefined;
  /** What it was counted as; undefined while it is open. */
  settledAs: Outcome | undefined;
  costPicoUsd = 0n;
  /** Part of the cost that already counts as waste. */
  wastedPicoUsd = 0n;
  /** Calls that wait for a scrape; the task waits for them. */
  heldCalls = 0;
  /** When something of it was last received, on the clock of the receiver. */
  lastNewsMs: number;

  constructor(id: string, nowMs: number) {
    this.id = id;
    this.lastNewsMs = nowMs;
  }

  /** The outcome as known now. */
  get knownOutcome(): Outcome {
    return this.outcome?.outcome ?? 'unknown';
  }

  /** Takes the outcome if it wins; says whether the known outcome has changed. */
  decide(outcome: DecidedOutcome): boolean {
    const before = this.knownOutcome;
    if (outranks(outcome, this.outcome)) this.outcome = outcome;
    return this.knownOutcome !== before;
  }

  /** The labels that this source gives, when it names the task better than what was known; else undefined. */
  relabel(source: LabelSource): TaskLabels | undefined {
    if (this.#labelSource !== undefined && !isBetter(source, this.#labelSource)) return undefined;
    this.#labelSource = source;
    const { service, environment, feature, name, userTier } = source;
    return { service, environment, feature, name, userTier };
  }
}

function isBetter(next: LabelSource, current: LabelSource): boolean {
  if (next.isTaskSpan !== current.isTaskSpan) return next.isTaskSpan;
  if (next.endMs !== current.endMs) return next.endMs < current.endMs;
  return next.key < current.key;
}

export function labelSourceOfCall(call: CallRecord, name: string): LabelSource {
  const { service, environment, feature, userTier, endMs } = call;
  const key = `${call.traceId}${call.spanId}`;
  return { service, environment, feature, name, userTier, endMs, key, isTaskSpan: false };
}

export function labelSourceOfTask(task: TaskRecord): LabelSource {
  const { service, environment, feature, name, userTier, endMs } = task;
  const key = [service, environment, feature, name, userTier].join('\u0000');
  return { service, environment, feature, name, userTier, endMs, key, isTaskSpan: true };
}
