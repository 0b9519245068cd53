import {
  Aggregate,
  isStated,
  isTaskId,
  type ReadOptions,
  readCallRecord,
  readEvidenceRecord,
  readTaskRecord,
  type SpanView,
  type TaskView,
} from '@costspan/aggregate';
import { type Config, OutcomeRules } from '@costspan/config';
import { ATTR, type Outcome, type OutcomeSource } from '@costspan/semconv';
import { createConfiguredPricer } from './pricer.js';
import { readTraces } from './receive/decode-json.js';
import { MalformedError } from './receive/wire.js';

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
}

/**
 * Explains the outcome of every task in a dump of spans as the processor would decide it, given all of them in time.
 * `text` is an OTLP JSON request, a list of requests or of spans, or one of these a line, as a Collector's file
 * exporter writes them. Throws a {@link MalformedError} when it is none of them.
 */
export function explainTasks(text: string, config: Config): TaskExplanation[] {
  const judge = new OutcomeRules(config.tasks.outcome);
  const options: ReadOptions = {
    price: createConfiguredPricer(config).price,
    judge,
    defaultFeature: config.features.default,
    labelChars: config.limits.labelChars,
  };
  const aggregate = new Aggregate({ judge, openTasks: Number.MAX_SAFE_INTEGER });
  const shown = new Map<string, Shown[]>();
  const seen = new Set<string>();
  for (const span of readDump(text, judge.attributeNames)) {
    const key = span.traceId + span.spanId;
    const taskId = span.attributes[ATTR.TASK_ID];
    if (seen.has(key) || !isTaskId(taskId)) continue;
    seen.add(key);
    const list = shown.get(taskId) ?? [];
    list.push(recordSpan(span, aggregate, options));
    shown.set(taskId, list);
  }
  return [...aggregate.tasks].flatMap((task) => explainTask(task, shown.get(task.id) ?? [], judge));
}

function recordSpan(span: SpanView, aggregate: Aggregate, options: ReadOptions): Shown {
  const { spanId, name, endMs } = span;
  const call = readCallRecord(span, options);
  const task = readTaskRecord(span, options);
  const other =
    options.judge === undefined || call !== undefined || task !== undefined
      ? undefined
      : readEvidenceRecord(span, options.judge);
  if (call !== undefined) aggregate.recordCall(call, endMs);
  if (task !== undefined) aggregate.recordTask(task, endMs);
  if (other !== undefined) aggregate.recordEvidence(other, endMs);
  const bits = (call?.evidence?.bits ?? 0n) | (task?.evidence ?? 0n) | (other?.bits ?? 0n);
  return { spanId, name, endMs, bits, lastBits: call?.evidence?.lastBits };
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
  return requests.flatMap((request) => readTraces(request, { attributeNames }).spans);
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
