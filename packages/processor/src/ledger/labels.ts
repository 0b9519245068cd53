import { type CallRecord, RecentCalls } from '@costspan/aggregate';
import { OVERFLOW_LABEL } from '@costspan/semconv';
import { LEDGER_LABELS, type LedgerLabels } from './row.js';

/** Label sets that are told apart; further ones keep their money under `other`. */
const MAX_LABEL_SETS = 100_000;
/** Labels with a few values of our own; they stay when the others become `other`. */
const KEPT_AT_OVERFLOW = ['mode', 'operation', 'cost_source', 'outcome'];

/** All that is booked under the same labels has this one object; the outcome, which may change, is none of them. */
export class LabelSet {
  readonly labels: LedgerLabels;
  /** How many there were before it. */
  readonly number: number;

  constructor(labels: LedgerLabels, number: number) {
    this.labels = labels;
    this.number = number;
  }
}

/** What calls have in common that differ in nothing but their tasks: the sets that were made for them. */
class CallKind {
  readonly labels: LedgerLabels;
  /** Outside of any task. */
  untasked: LabelSet | undefined;
  /** Of the last name of a task: a service mostly has one for each of its features. */
  task = '';
  tasked: LabelSet | undefined;

  constructor(labels: LedgerLabels) {
    this.labels = labels;
  }
}

/** Finds the label set of a call or of a task, which is the same object each time. */
export class LabelSets {
  readonly #sets = new Map<string, LabelSet>();
  #count = 0;
  readonly #kinds = new RecentCalls<CallKind>(hasSameLabels);

  ofCall(call: CallRecord): LabelSet {
    const { name } = call.task ?? NO_TASK;
    if (name === '') return this.ofUntasked(call);
    const kind = this.#kinds.find(call, readKind);
    if (kind.tasked === undefined || kind.task !== name) {
      kind.tasked = this.share(kind.labels.with(TASK_AT, name));
      kind.task = name;
    }
    return kind.tasked;
  }

  /** As if the call had no task. */
  ofUntasked(call: CallRecord): LabelSet {
    const kind = this.#kinds.find(call, readKind);
    kind.untasked ??= this.share(kind.labels);
    return kind.untasked;
  }

  /** One set for the same labels, and no more sets than the limit. */
  share(labels: LedgerLabels): LabelSet {
    const known = this.#sets.get(keyOf(labels));
    if (known !== undefined) return known;
    const own = this.#sets.size < MAX_LABEL_SETS ? labels : labels.map(toOther);
    const shared = this.#sets.get(keyOf(own)) ?? this.#create(own);
    this.#sets.set(keyOf(own), shared);
    return shared;
  }

  #create(labels: LedgerLabels): LabelSet {
    this.#count += 1;
    return new LabelSet(labels, this.#count - 1);
  }
}

const NO_TASK = { name: '' };
const TASK_AT = LEDGER_LABELS.indexOf('task');

/** As the ledger has it: empty where nothing is known to have been paid. */
const costSourceOf = ({ costPicoUsd, costSource = 'local' }: CallRecord): string =>
  costPicoUsd === undefined ? '' : costSource;

/** In the order of {@link LEDGER_LABELS}, without a task and an outcome, which are told apart from them. */
const readKind = (call: CallRecord): CallKind =>
  new CallKind([
    call.service,
    call.environment,
    call.feature,
    '',
    call.userTier,
    call.tenant,
    call.provider,
    call.model,
    call.mode,
    call.operation,
    costSourceOf(call),
    '',
  ]);

/** Whether two calls have the same {@link readKind}. */
const hasSameLabels = (a: CallRecord, b: CallRecord): boolean =>
  a.service === b.service &&
  a.environment === b.environment &&
  a.feature === b.feature &&
  a.userTier === b.userTier &&
  a.tenant === b.tenant &&
  a.provider === b.provider &&
  a.model === b.model &&
  a.mode === b.mode &&
  a.operation === b.operation &&
  costSourceOf(a) === costSourceOf(b);

const keyOf = (labels: LedgerLabels): string => labels.join('\u0000');

const toOther = (value: string, index: number): string =>
  value === '' || KEPT_AT_OVERFLOW.includes(LEDGER_LABELS[index]!) ? value : OVERFLOW_LABEL;
