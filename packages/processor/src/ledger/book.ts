import { createHash } from 'node:crypto';
import {
  type CallRecord,
  type CostListener,
  type CostStanding,
  MAX_CALL_TOKENS,
  type RowWriter,
  standingOf,
  type TaskView,
} from '@costspan/aggregate';
import type { Outcome } from '@costspan/semconv';
import { type BookedTask, BookedTasks } from './booked-tasks.js';
import { type LabelSet, LabelSets } from './labels.js';
import { PendingRows } from './pending-rows.js';
import {
  hourOf,
  LEDGER_AMOUNTS,
  type LedgerLabels,
  type Posting,
  putTasks,
  restPicoUsd,
  wholeMicroUsd,
} from './row.js';

/**
 * What the ledger has to be told. Cost is booked when it counts, as `unsettled` where its task has no outcome yet, and
 * moved when the task settles or its outcome changes: at every moment the sum over the ledger is the sum of
 * `llm_cost_usd_total`, and no dollar is in two rows. Kept with the state, so that a restart can still move it.
 */
export class LedgerBook implements CostListener {
  /** When the entry at hand happened; a task counts in the hour in which it settled. */
  nowMs = 0;
  readonly #tasks = new BookedTasks<LabelSet>();
  readonly #labels = new LabelSets();
  /** Tasks share the objects of their labels. */
  readonly #labelsOfTasks = new WeakMap<object, LabelSet>();
  /** Of lists of labels that a state has had. */
  readonly #kept = new WeakMap<LedgerLabels, LabelSet>();
  readonly #pending = new PendingRows();
  /** The amounts at hand: each call has a dozen, and a list of them for each would be most of what is thrown away. */
  readonly #amounts = new Float64Array(LEDGER_AMOUNTS.length);

  addCall(call: CallRecord, task: TaskView | undefined): void {
    readAmounts(call, this.#amounts);
    if (task === undefined) this.#post(this.#labels.ofCall(call), hourOf(call.endMs), UNTASKED);
    else this.#addTo(task, call);
  }

  assignCall(call: CallRecord, task: TaskView): void {
    readAmounts(call, this.#amounts);
    this.#post(this.#labels.ofUntasked(call), hourOf(call.endMs), { standing: 'untasked', sign: -1 });
    this.#addTo(task, call);
  }

  moveTask(task: TaskView, to: Outcome): void {
    const { row } = task;
    const standing = this.#tasks.standingOf(row) ?? 'unsettled';
    this.#tasks.setStanding(row, to);
    this.#tasks.forEachPosting(row, this.#amounts, (labels, hourMs) => {
      this.#post(labels, hourMs, { standing, sign: -1 });
      this.#post(labels, hourMs, { standing: to, sign: 1 });
    });
    if (standing === 'unsettled') this.#addTask(task, to);
  }

  forgetTask({ row }: TaskView): void {
    this.#tasks.forget(row);
  }

  /** What has to be written; it stays until {@link clearPending}. */
  pending(): IterableIterator<Posting> {
    return this.#pending.postings();
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  clearPending(): void {
    this.#pending.clear();
  }

  /**
   * Tasks whose cost may still move, as they are now, as bytes for `readBookedTask`, whatever is booked while they are
   * taken; `writeId`: of the one in a row.
   */
  readState(writeId: (row: number, writer: RowWriter) => void): IterableIterator<Uint8Array> {
    return this.#tasks.read(writeId);
  }

  /** `row`: where the task is now. */
  restore({ standing, postings }: Omit<BookedTask, 'id'>, row: number): void {
    this.#tasks.setStanding(row, standing);
    for (const { hourMs, labels, amounts } of postings)
      this.#tasks.post(row, { hourMs, labels: this.#shareKept(labels), amounts });
  }

  /** Those of one part of a state are the same list, of which a text need not be made again. */
  #shareKept(labels: LedgerLabels): LabelSet {
    let known = this.#kept.get(labels);
    if (known === undefined) {
      known = this.#labels.share(labels);
      this.#kept.set(labels, known);
    }
    return known;
  }

  /** A ledger begins anew: what may still move has to be in it. */
  postAll(): void {
    for (const row of this.#tasks.rows()) {
      const standing = this.#tasks.standingOf(row)!;
      for (const { hourMs, labels, amounts } of this.#tasks.listPostings(row)) {
        this.#amounts.set(amounts);
        this.#post(this.#labels.share(labels), hourMs, { standing, sign: 1 });
      }
    }
  }

  /** Books the amounts at hand, which are those of the call. */
  #addTo(task: TaskView, call: CallRecord): void {
    const { row } = task;
    const hourMs = hourOf(call.endMs);
    const labels = this.#labels.ofCall(call);
    const standing = standingOf(task);
    this.#post(labels, hourMs, { standing, sign: 1 });
    if (this.#tasks.standingOf(row) === undefined) this.#tasks.setStanding(row, standing);
    this.#tasks.post(row, { hourMs, labels, amounts: this.#amounts });
  }

  /** Adds the amounts at hand to what has to be written, or takes them away. */
  #post(
    labels: LabelSet,
    hourMs: number,
    { standing, sign }: { standing: CostStanding; sign: 1 | -1 },
  ): void {
    this.#pending.add(labels, { hourMs, standing }, { amounts: this.#amounts, sign });
  }

  /** The task itself, which settles now. */
  #addTask(task: TaskView, standing: Outcome): void {
    const { row, labels = NO_LABELS } = task;
    let own = this.#labelsOfTasks.get(labels);
    if (own === undefined) {
      const { service, environment, feature, name, userTier } = labels;
      own = this.#labels.share([service, environment, feature, name, userTier, '', '', '', '', '', '', '']);
      this.#labelsOfTasks.set(labels, own);
    }
    const { sampleCount } = task;
    // A task's id is made a text whenever somebody asks for it.
    putTasks(this.#amounts, Number.isInteger(sampleCount) ? sampleCount : toWhole(sampleCount, task.id));
    const hourMs = hourOf(this.nowMs);
    this.#post(own, hourMs, { standing, sign: 1 });
    this.#tasks.post(row, { hourMs, labels: own, amounts: this.#amounts });
  }
}

const UNTASKED = { standing: 'untasked', sign: 1 } as const;
const NO_LABELS = { service: '', environment: '', feature: '', name: '', userTier: '' };

/**
 * One of a sampled trace stands for several, and the ledger counts in whole ones: up or down by its id, so that it is
 * the same each time, and right on the average. Three and a third rounded would be a tenth too few.
 */
function toWhole(count: number, id: string): number {
  if (Number.isInteger(count)) return count;
  return Math.floor(count + createHash('sha256').update(id).digest().readUInt32LE(0) / 2 ** 32);
}

/** Puts the amounts of a call into a list, in the order of {@link LEDGER_AMOUNTS}. */
function readAmounts(call: CallRecord, amounts: Float64Array): void {
  const { tokens, costPicoUsd, listCostPicoUsd, unpricedReason, sampleCount = 1 } = call;
  const cost = costPicoUsd ?? 0;
  const list = listCostPicoUsd ?? cost;
  const count = toWhole(sampleCount, call.spanId);
  amounts[0] = count;
  amounts[1] = costPicoUsd === undefined && unpricedReason !== undefined ? count : 0;
  amounts[2] = 0;
  amounts[3] = boundTokens(tokens?.input);
  amounts[4] = boundTokens(tokens?.cacheRead);
  amounts[5] = boundTokens(tokens?.cacheWrite);
  amounts[6] = boundTokens(tokens?.output);
  amounts[7] = boundTokens(tokens?.reasoning);
  amounts[8] = wholeMicroUsd(list);
  amounts[9] = restPicoUsd(list);
  amounts[10] = wholeMicroUsd(cost);
  amounts[11] = restPicoUsd(cost);
}

/** In the log of an earlier version there may be more: a column of 64 bits would not take it, nor anything after it. */
const boundTokens = (tokens = 0): number => Math.min(tokens, MAX_CALL_TOKENS);
