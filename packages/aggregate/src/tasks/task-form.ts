import { OUTCOME_SOURCES, OUTCOMES, type Outcome, WASTE_REASONS } from '@costspan/semconv';
import type { RowReader } from '../bytes/row-reader.js';
import type { RowWriter } from '../bytes/row-writer.js';
import type { DecidedOutcome } from '../read/outcome.js';
import { NONE, readWrittenMoney } from '../rows/columns.js';
import { readWrittenTaskId } from '../rows/task-ids.js';
import type { AskedCall, AskedCalls } from './first-calls.js';
import { readFirstCalls } from './first-calls.js';
import type { TaskState } from './task.js';
import type { TaskLabels } from './task-labels.js';
import type { TaskTable } from './task-table.js';

/** What is known of a task. */
const HAS = {
  PARENT: 1,
  LABELS: 2,
  LABELS_OF_SPAN: 4,
  SAID: 8,
  RULED: 16,
  IS_ENDED: 32,
  SETTLED: 64,
  SAMPLE_COUNT: 128,
  LAST_CALLS: 256,
} as const;

/** What is known of a call that was asked. */
const ASKED = { COST: 1, WASTE: 2 } as const;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A task as it was in its table. */
export interface WrittenTask {
  readonly state: TaskState;
  /** No other task of the state has it. */
  readonly number: number;
  /** Number of the task around it. */
  readonly parent?: number;
}

/**
 * Writes the task in a row, straight from its columns: half a million of them, and each as an object with texts would
 * take ten times as long.
 */
export function writeTask(table: TaskTable, row: number, writer: RowWriter): void {
  const { to } = writer;
  const parent = table.parentOf(row);
  const labels = table.labels.at(row);
  const said = table.said(row);
  const ruled = table.ruled(row);
  const settledAs = table.settledAs(row);
  const sampleCount = table.sampleCount(row);
  const lastCalls = table.lastCalls.size === 0 ? undefined : table.lastCalls.get(row);
  to.varint(row);
  to.varint(
    (parent === NONE ? 0 : HAS.PARENT) |
      (labels === undefined ? 0 : HAS.LABELS) |
      (table.labelsAreOfSpan[row] === 1 ? HAS.LABELS_OF_SPAN : 0) |
      (said === undefined ? 0 : HAS.SAID) |
      (ruled === undefined ? 0 : HAS.RULED) |
      (table.isEnded[row] === 1 ? HAS.IS_ENDED : 0) |
      (settledAs === undefined ? 0 : HAS.SETTLED) |
      (sampleCount === 1 ? 0 : HAS.SAMPLE_COUNT) |
      (lastCalls === undefined ? 0 : HAS.LAST_CALLS),
  );
  if (parent !== NONE) to.varint(parent);
  table.ids.write(row, writer);
  to.double(table.lastNewsMs.at(row));
  to.double(table.lastCallMs.at(row));
  table.costPicoUsd.write(row, writer);
  table.subTasksPicoUsd.write(row, writer);
  table.wastedPicoUsd.write(row, writer);
  writer.bigint(table.bits.at(row));
  writer.bigint(table.lastBits.at(row));
  to.number(table.heldCalls.at(row));
  if (labels !== undefined) {
    to.double(table.labelsEndMs.at(row));
    writer.shared(labels, writeLabels);
  }
  if (said !== undefined) writeSaid(said, writer);
  if (ruled !== undefined) writer.common(ruled);
  if (settledAs !== undefined) writer.common(settledAs);
  if (sampleCount !== 1) to.number(sampleCount);
  table.firstCalls.write(row, writer);
  if (lastCalls !== undefined) writeAsked(lastCalls, writer);
}

function writeLabels(labels: TaskLabels, writer: RowWriter): void {
  writer.common(labels.service);
  writer.common(labels.environment);
  writer.common(labels.feature);
  writer.common(labels.name);
  writer.common(labels.userTier);
}

function writeSaid({ outcome, source, atMs }: DecidedOutcome, writer: RowWriter): void {
  writer.common(outcome);
  writer.common(source);
  writer.to.double(atMs);
}

function writeAsked(calls: AskedCalls, writer: RowWriter): void {
  const { to } = writer;
  to.varint(calls.size);
  for (const [key, { endMs, spanId, feature, costPicoUsd, waste }] of calls) {
    to.byte((costPicoUsd === undefined ? 0 : ASKED.COST) | (waste === undefined ? 0 : ASKED.WASTE));
    writer.text(key);
    writer.text(spanId);
    writer.common(feature);
    to.double(endMs);
    if (costPicoUsd !== undefined) to.number(costPicoUsd);
    if (waste !== undefined) writer.common(waste);
  }
}

/** A task as {@link writeTask} has written it. */
export function readWrittenTask(reader: RowReader): WrittenTask {
  const number = reader.from.varint();
  const flags = reader.from.varint();
  const parent = (flags & HAS.PARENT) === 0 ? undefined : reader.from.varint();
  const state = readState(reader, flags);
  return { state, number, ...(parent === undefined ? {} : { parent }) };
}

function readState(reader: RowReader, flags: number): TaskState {
  const { from } = reader;
  const state: Mutable<TaskState> = {
    id: readWrittenTaskId(from),
    lastNewsMs: from.double(),
    lastCallMs: from.double(),
    costPicoUsd: readWrittenMoney(reader),
    subTasksPicoUsd: readWrittenMoney(reader),
    wastedPicoUsd: readWrittenMoney(reader),
    evidence: reader.bigint(),
    lastEvidence: reader.bigint(),
    heldCalls: from.number(),
    isEnded: (flags & HAS.IS_ENDED) !== 0,
  };
  if ((flags & HAS.LABELS) !== 0) {
    state.labelsEndMs = from.double();
    state.labelsAreOfSpan = (flags & HAS.LABELS_OF_SPAN) !== 0;
    state.labels = reader.shared(readLabels);
  }
  if ((flags & HAS.SAID) !== 0) state.said = readSaid(reader);
  if ((flags & HAS.RULED) !== 0) state.ruled = readOneOf(OUTCOMES, reader);
  if ((flags & HAS.SETTLED) !== 0) state.settledAs = readOneOf(OUTCOMES, reader);
  if ((flags & HAS.SAMPLE_COUNT) !== 0) state.sampleCount = from.number();
  const firstCalls = readFirstCalls(reader);
  if (firstCalls.length > 0) state.firstCalls = firstCalls;
  if ((flags & HAS.LAST_CALLS) !== 0) state.lastCalls = readAsked(reader);
  return state;
}

const readLabels = (reader: RowReader): TaskLabels => ({
  service: reader.common(),
  environment: reader.common(),
  feature: reader.common(),
  name: reader.common(),
  userTier: reader.common(),
});

function readSaid(reader: RowReader): DecidedOutcome {
  const outcome: Outcome = readOneOf(OUTCOMES, reader);
  if (outcome === 'unknown') throw new RangeError('what was said of a task is no outcome');
  return { outcome, source: readOneOf(OUTCOME_SOURCES, reader), atMs: reader.from.double() };
}

function readAsked(reader: RowReader): [key: string, call: AskedCall][] {
  const { from } = reader;
  const calls: [string, AskedCall][] = [];
  for (let rest = from.varint(); rest > 0; rest -= 1) {
    const flags = from.byte();
    const key = reader.text();
    const known = { spanId: reader.text(), feature: reader.common(), endMs: from.double() };
    const costPicoUsd = (flags & ASKED.COST) === 0 ? undefined : from.number();
    const waste = (flags & ASKED.WASTE) === 0 ? {} : { waste: readOneOf(WASTE_REASONS, reader) };
    calls.push([key, { ...known, costPicoUsd, ...waste }]);
  }
  return calls;
}

function readOneOf<T extends string>(values: readonly T[], reader: RowReader): T {
  const text = reader.common();
  const value = values.find((one) => one === text);
  if (value === undefined) throw new RangeError('a task has a value that is not known');
  return value;
}
