import { createHash } from 'node:crypto';
import {
  type CallRecord,
  type CostListener,
  type CostStanding,
  RecentCalls,
  type TaskView,
} from '@costspan/aggregate';
import { type Outcome, OVERFLOW_LABEL } from '@costspan/semconv';
import { type BookedTask, BookedTasks } from './booked-tasks.js';
import {
  hourOf,
  LEDGER_AMOUNTS,
  LEDGER_LABELS,
  type LedgerAmounts,
  type LedgerLabels,
  type Posting,
  splitPicoUsd,
} from './row.js';

/** Label sets that are told apart; further ones keep their money under `other`. */
const MAX_LABEL_SETS = 100_000;
const OUTCOME_AT = LEDGER_LABELS.indexOf('outcome');
/** Labels with a few values of our own; they stay when the others become `other`. */
const KEPT_AT_OVERFLOW = ['mode', 'operation', 'cost_source', 'outcome'];

/** What has to be added to one row of the ledger. */
interface PendingRow extends Posting {
  readonly standing: CostStanding;
  readonly amounts: number[];
}

/**
 * What the ledger has to be told. Cost is booked when it counts, as `unsettled` where its task has no outcome yet, and
 * moved when the task settles or its outcome changes: at every moment the sum over the ledger is the sum of
 * `llm_cost_usd_total`, and no dollar is in two rows. Kept with the state, so that a restart can still move it.
 */
export class LedgerBook implements CostListener {
  /** When the entry at hand happened; a task counts in the hour in which it settled. */
  nowMs = 0;
  readonly #tasks = new BookedTasks();
  readonly #labelSets = new Map<string, LedgerLabels>();
  /** Tasks share the objects of their labels. */
  readonly #labelsOfTasks = new WeakMap<object, LedgerLabels>();
  readonly #recent = new RecentCalls<LedgerLabels>(LABELS_OF_A_CALL);
  /** By the labels without an outcome: most calls find theirs by that one object. */
  #pending = new Map<LedgerLabels, PendingRow[]>();
  #pendingCount = 0;

  addCall(call: CallRecord, standing: CostStanding): void {
    this.#add(this.#readCall(call), { id: call.task?.id, standing });
  }

  assignCall(call: CallRecord, standing: CostStanding): void {
    const { task: _, ...untasked } = call;
    const before = this.#readCall(untasked);
    this.#post(before, 'untasked', -1);
    this.#add(this.#readCall(call), { id: call.task?.id, standing });
  }

  moveTask(task: TaskView, to: Outcome): void {
    const standing = this.#tasks.standingOf(task.id) ?? 'unsettled';
    for (const posting of this.#tasks.postingsOf(task.id)) {
      this.#post(posting, standing, -1);
      this.#post(posting, to, 1);
    }
    this.#tasks.setStanding(task.id, to);
    if (standing === 'unsettled') this.#add(this.#readTask(task), { id: task.id, standing: to });
  }

  forgetTask(taskId: string): void {
    this.#tasks.forget(taskId);
  }

  /** What has to be written; it stays until {@link clearPending}. */
  *pending(): IterableIterator<Posting> {
    for (const rows of this.#pending.values()) yield* rows;
  }

  get pendingCount(): number {
    return this.#pendingCount;
  }

  clearPending(): void {
    this.#pending = new Map();
    this.#pendingCount = 0;
  }

  /** Tasks whose cost may still move, as they are now, whatever is booked while they are taken. */
  readState(): IterableIterator<BookedTask> {
    return this.#tasks.read();
  }

  restore({ id, standing, postings }: BookedTask): void {
    this.#tasks.setStanding(id, standing);
    for (const posting of postings)
      this.#tasks.post(id, { ...posting, labels: this.#share(posting.labels) }, standing);
  }

  /** A ledger begins anew: what may still move has to be in it. */
  postAll(): void {
    for (const { standing, postings } of this.#tasks.read())
      for (const posting of postings) this.#post(posting, standing, 1);
  }

  #add(posting: Posting, { id, standing }: { id: string | undefined; standing: CostStanding }): void {
    this.#post(posting, standing, 1);
    if (id === undefined || standing === 'untasked') return;
    this.#tasks.post(id, posting, standing);
  }

  #post(posting: Posting, standing: CostStanding, sign: 1 | -1): void {
    const { amounts } = this.#rowOf(posting, standing);
    for (let index = 0; index < amounts.length; index += 1) amounts[index]! += sign * posting.amounts[index]!;
  }

  #rowOf({ hourMs, labels }: Posting, standing: CostStanding): PendingRow {
    let rows = this.#pending.get(labels);
    if (rows === undefined) {
      rows = [];
      this.#pending.set(labels, rows);
    }
    for (const row of rows) if (row.hourMs === hourMs && row.standing === standing) return row;
    const amounts = new Array<number>(LEDGER_AMOUNTS.length).fill(0);
    const row = { hourMs, standing, labels: withOutcome(labels, standing), amounts };
    rows.push(row);
    this.#pendingCount += 1;
    return row;
  }

  #readCall(call: CallRecord): Posting {
    const labels = this.#recent.find(call, this.#readLabels);
    return { hourMs: hourOf(call.endMs), labels, amounts: readAmounts(call) };
  }

  readonly #readLabels = (call: CallRecord): LedgerLabels =>
    this.#share([...LABELS_OF_A_CALL.map((read) => read(call)), '']);

  #readTask({ id, labels = NO_LABELS, sampleCount }: TaskView): Posting {
    let own = this.#labelsOfTasks.get(labels);
    if (own === undefined) {
      const { service, environment, feature, name, userTier } = labels;
      own = this.#share([service, environment, feature, name, userTier, '', '', '', '', '', '', '']);
      this.#labelsOfTasks.set(labels, own);
    }
    const count = toWhole(sampleCount, id);
    const amounts = LEDGER_AMOUNTS.map((amount) => (amount === 'tasks' ? count : 0));
    return { hourMs: hourOf(this.nowMs), labels: own, amounts };
  }

  /** One list for all postings of these labels, and no more lists than the limit. */
  #share(labels: LedgerLabels): LedgerLabels {
    const key = labels.join('\u0000');
    const known = this.#labelSets.get(key);
    if (known !== undefined) return known;
    const isNew = this.#labelSets.size < MAX_LABEL_SETS;
    const own = isNew ? labels : labels.map(toOther);
    const ownKey = isNew ? key : own.join('\u0000');
    const shared = this.#labelSets.get(ownKey) ?? own;
    this.#labelSets.set(ownKey, shared);
    return shared;
  }
}

const NO_LABELS = { service: '', environment: '', feature: '', name: '', userTier: '' };

/** In the order of {@link LEDGER_LABELS}, all but the outcome. */
const LABELS_OF_A_CALL: readonly ((call: CallRecord) => string)[] = [
  ({ service }) => service,
  ({ environment }) => environment,
  ({ feature }) => feature,
  ({ task }) => task?.name ?? '',
  ({ userTier }) => userTier,
  ({ tenant }) => tenant,
  ({ provider }) => provider,
  ({ model }) => model,
  ({ mode }) => mode,
  ({ operation }) => operation,
  ({ costPicoUsd, costSource = 'local' }) => (costPicoUsd === undefined ? '' : costSource),
];

const toOther = (value: string, index: number): string =>
  value === '' || KEPT_AT_OVERFLOW.includes(LEDGER_LABELS[index]!) ? value : OVERFLOW_LABEL;

const withOutcome = (labels: LedgerLabels, outcome: CostStanding): LedgerLabels =>
  labels.map((label, index) => (index === OUTCOME_AT ? outcome : label));

/**
 * One of a sampled trace stands for several, and the ledger counts in whole ones: up or down by its id, so that it is
 * the same each time, and right on the average. Three and a third rounded would be a tenth too few.
 */
function toWhole(count: number, id: string): number {
  if (Number.isInteger(count)) return count;
  return Math.floor(count + createHash('sha256').update(id).digest().readUInt32LE(0) / 2 ** 32);
}

/** In the order of {@link LEDGER_AMOUNTS}. */
function readAmounts(call: CallRecord): LedgerAmounts {
  const { tokens, costPicoUsd, listCostPicoUsd, unpricedReason, sampleCount = 1 } = call;
  const cost = costPicoUsd ?? 0;
  const count = toWhole(sampleCount, call.spanId);
  return [
    count,
    costPicoUsd === undefined && unpricedReason !== undefined ? count : 0,
    0,
    tokens?.input ?? 0,
    tokens?.cacheRead ?? 0,
    tokens?.cacheWrite ?? 0,
    tokens?.output ?? 0,
    tokens?.reasoning ?? 0,
    ...splitPicoUsd(listCostPicoUsd ?? cost),
    ...splitPicoUsd(cost),
  ];
}
