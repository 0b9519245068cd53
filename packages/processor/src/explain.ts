import {
  Aggregate,
  type CostListener,
  isStated,
  isTaskId,
  type ReadOptions,
  readCallRecord,
  readEvidenceRecord,
  readSpanPlace,
  readTaskRecord,
  type SpanView,
  type TaskView,
} from '@costspan/aggregate';
import { type Config, OutcomeRules } from '@costspan/config';
import { ATTR, type Outcome, type OutcomeSource } from '@costspan/semconv';
import { createConfiguredPricer } from './pricer.js';
import { decodeJson } from './receive/decode-json.js';
import { orderSpans } from './receive/spans.js';
import { MalformedError } from './receive/wire.js';
import { createReading } from './span-record.js';

/** What decided the outcome of a task: somebody who said so, a rule by its place from 0, or nothing. */
export type OutcomeReason =
  | { readonly kind: 'said'; readonly source: OutcomeSource }
  | { readonly kind: 'rule'; readonly rule: number; readonly by: readonly EvidenceSpan[] }
  | { readonly kind: 'concluded'; readonly source: OutcomeSource }
  | { readonly kind: 'nothing' };

/** A span that met a part of the rule. */
export interface EvidenceSpan {
  readonly spanId: string;
  readonly name: string;
}

/** One task of a dump, its outcome, and why. */
export interface TaskExplanation {
  readonly taskId: string;
  readonly name: string;
  readonly feature: string;
  readonly outcome: Outcome;
  readonly reason: OutcomeReason;
  /** Of its own calls, and of the tasks inside it. */
  readonly costPicoUsd: bigint;
  readonly subTasksPicoUsd: bigint;
}

/** What a span shows of its task. */
interface Shown extends EvidenceSpan {
  readonly bits: bigint;
  readonly lastBits: bigint | undefined;
  readonly endMs: number;
  /** Undefined where the spans around it say it. */
  readonly taskId: string | undefined;
}

const NOT_HEARD: CostListener = {
  addCall: () => {},
  assignCall: () => {},
  moveTask: () => {},
  forgetTask: () => {},
};

/**
 * Explains the outcome of every task in a dump of spans as the processor would decide it, given all of them in time.
 * `text` is an OTLP JSON request, a list of requests or of spans, or one of these a line, as a Collector's file
 * exporter writes them. Throws a {@link MalformedError} when it is none of them.
 */
export function explainTasks(text: string, config: Config): TaskExplanation[] {
  const judge = new OutcomeRules(config.tasks.outcome);
  const options: ReadOptions = {
    ...createReading(config, createConfiguredPricer(config).price),
    judge,
  };
  const taskOfSpan = new Map<string, string>();
  const aggregate = new Aggregate({
    judge,
    openTasks: Number.MAX_SAFE_INTEGER,
    settledTasks: Number.MAX_SAFE_INTEGER,
    defaultFeature: config.features.default,
    listener: {
      ...NOT_HEARD,
      assignCall: ({ spanId, task }) => taskOfSpan.set(spanId, task?.id ?? ''),
      assignEvidence: (spanId, taskId) => taskOfSpan.set(spanId, taskId),
    },
  });
  const spans = readOnce(text, judge.attributeNames);
  const nowMs = Math.max(0, ...spans.map(({ endMs }) => endMs));
  const places = spans.map((span) => readSpanPlace(span, options)).filter((place) => place !== undefined);
  aggregate.recordPlaces(places, nowMs);
  const all = spans.map((span) => recordSpan(span, aggregate, options));
  // Nothing more will come: what still looks for a better task takes the one that it has.
  aggregate.settle(nowMs + config.tasks.settleAfterMs);
  const shown = new Map<string, Shown[]>();
  for (const one of all) {
    const taskId = one.taskId ?? taskOfSpan.get(one.spanId);
    if (taskId !== undefined) shown.set(taskId, [...(shown.get(taskId) ?? []), one]);
  }
  return [...aggregate.tasks].flatMap((task) => explainTask(task, shown.get(task.id) ?? [], judge));
}

/** Every span of the dump, the first time it is there; inner ones before those around them. */
function readOnce(text: string, attributeNames: ReadonlySet<string>): SpanView[] {
  const spans = new Map<string, SpanView>();
  for (const span of readDump(text, attributeNames)) {
    const key = span.traceId + span.spanId;
    if (!spans.has(key)) spans.set(key, span);
  }
  return orderSpans([...spans.values()]);
}

function recordSpan(span: SpanView, aggregate: Aggregate, options: ReadOptions): Shown {
  const { spanId, name, endMs } = span;
  const call = readCallRecord(span, options);
  const task = readTaskRecord(span, options);
  const candidate = call === undefined ? readSpanPlace(span, options)?.task?.record : undefined;
  const other = call === undefined && task === undefined ? readEvidenceRecord(span, options) : undefined;
  if (call !== undefined) aggregate.recordCall(call, endMs);
  if (task !== undefined) aggregate.recordTask(task, endMs);
  if (other !== undefined) aggregate.recordEvidence(other, endMs);
  const bits = (call?.evidence?.bits ?? 0n) | ((task ?? candidate)?.evidence ?? 0n) | (other?.bits ?? 0n);
  const stated = span.attributes[ATTR.TASK_ID];
  const taskId = isTaskId(stated) ? stated : candidate?.id;
  return { spanId, name, endMs, bits, lastBits: call?.evidence?.lastBits, taskId };
}

function explainTask(task: TaskView, shown: readonly Shown[], rules: OutcomeRules): TaskExplanation[] {
  const { id: taskId, labels, outcome, costPicoUsd, subTasksPicoUsd } = task;
  if (labels === undefined) return [];
  const { name, feature } = labels;
  const reason = findReason(task, shown, rules);
  return [{ taskId, name, feature, outcome, reason, costPicoUsd, subTasksPicoUsd }];
}

function findReason({ said, bits }: TaskView, shown: readonly Shown[], rules: OutcomeRules): OutcomeReason {
  if (said !== undefined && isStated(said)) return { kind: 'said', source: said.source };
  const decision = rules.decide(bits);
  if (decision === undefined)
    return said === undefined ? { kind: 'nothing' } : { kind: 'concluded', source: said.source };
  const wanted = rules.bitsOf(decision.rule);
  const lastMs = Math.max(...shown.map(({ lastBits, endMs }) => (lastBits === undefined ? 0 : endMs)));
  const by = shown
    .filter((span) => ((span.bits | (span.endMs === lastMs ? (span.lastBits ?? 0n) : 0n)) & wanted) !== 0n)
    .map(({ spanId, name }) => ({ spanId, name }));
  return { kind: 'rule', rule: decision.rule, by };
}

function readDump(text: string, attributeNames: ReadonlySet<string>): SpanView[] {
  const requests = readJson(text).flatMap((value): unknown[] => {
    if (!Array.isArray(value)) return [value];
    const isSpans = value.every((item) => !hasKey(item, 'resourceSpans'));
    return isSpans ? [{ resourceSpans: [{ scopeSpans: [{ spans: value }] }] }] : value;
  });
  for (const request of requests)
    if (!hasKey(request, 'resourceSpans')) throw new MalformedError('there is no resourceSpans in it');
  return requests.flatMap(
    (request) => decodeJson(Buffer.from(JSON.stringify(request)), { attributeNames }).spans,
  );
}

const hasKey = (value: unknown, key: string): boolean =>
  typeof value === 'object' && value !== null && key in value;

function readJson(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseLine);
  }
}

function parseLine(line: string, index: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new MalformedError(`neither the whole nor line ${index + 1} of it is JSON`);
  }
}
