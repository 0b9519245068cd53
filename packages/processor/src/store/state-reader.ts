import { ByteReader, RowReader } from '@costspan/aggregate';
import type { BookedTask } from '../ledger/booked-tasks.js';
import { HOUR_MS, LEDGER_AMOUNTS, LEDGER_LABELS, type LedgerLabels, type Posting } from '../ledger/row.js';
import { readStatePart, type StatePart } from '../state.js';
import {
  type Alike,
  ASKED,
  BOOKED,
  INSIDE_SHIFT,
  LEDGER_ROWS,
  NODE,
  NODES,
  type Relay,
  SHELVED,
  type ShelvedTask,
  SIGHTING,
  SIGHTINGS,
  type Sighting,
  type SpanNode,
  TASK,
  TASK_ROWS,
  type TaskState,
} from './state-form.js';
import { unpack } from './unpack.js';

type FirstCall = NonNullable<TaskState['firstCalls']>[number][1];
type AskedCall = NonNullable<TaskState['lastCalls']>[number][1];
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What `encodePart` has written, or any version before it; throws a RangeError where it is neither. */
export function decodePart(bytes: Buffer): StatePart {
  switch (bytes[0]) {
    case BOOKED:
      return { part: 'ledger', tasks: new PartReader(bytes).read(readBooked) };
    case TASK_ROWS:
      return { part: 'task_rows', rows: bytes.subarray(1) };
    case LEDGER_ROWS:
      return { part: 'ledger_rows', rows: bytes.subarray(1) };
    case SHELVED:
      return { part: 'tasks', tasks: new PartReader(bytes).read(readShelved) };
    case NODES:
      return { part: 'traces', traces: { nodes: new PartReader(bytes).read(readNode) } };
    case SIGHTINGS:
      return { part: 'traces', traces: { sightings: new PartReader(bytes).read(readAlike) } };
    default:
      return readStatePart(unpack(bytes));
  }
}

/** Reads one part of the forms before 5, in which each stood for itself. */
class PartReader extends RowReader {
  readonly sightings: Sighting[] = [];
  /** Of the last span. */
  traceId = '';

  constructor(bytes: Buffer) {
    super();
    this.from = new ByteReader(bytes);
  }

  read<T>(readOne: (reader: PartReader) => T): T[] {
    const { from } = this;
    from.byte();
    const values: T[] = [];
    for (let rest = from.varint(); rest > 0; rest -= 1) values.push(readOne(this));
    if (!from.isAtEnd) throw new RangeError('there is more than one part');
    return values;
  }

  labels(): LedgerLabels {
    return this.shared(() => LEDGER_LABELS.map(() => this.common()));
  }

  id(isSpanId: boolean): string {
    return isSpanId ? this.from.hex8() : this.text();
  }
}

function readBooked(reader: PartReader): BookedTask {
  const id = reader.text();
  const standing = reader.common() as BookedTask['standing'];
  const postings: Posting[] = [];
  for (let rest = reader.from.varint(); rest > 0; rest -= 1) {
    const labels = reader.labels();
    const hourMs = reader.from.number() * HOUR_MS;
    postings.push({ hourMs, labels, amounts: LEDGER_AMOUNTS.map(() => reader.from.number()) });
  }
  return { id, standing, postings };
}

function readNode(reader: PartReader): SpanNode {
  const flags = reader.from.byte();
  const weights = reader.from.byte();
  if ((flags & NODE.SAME_TRACE) === 0) reader.traceId = reader.text();
  const spanId = reader.id((flags & NODE.SPAN_ID) !== 0);
  const isInside = (flags & NODE.INSIDE_ANOTHER) !== 0;
  const parentSpanId = isInside ? reader.id((flags & NODE.PARENT_ID) !== 0) : undefined;
  return {
    spanId,
    traceId: reader.traceId,
    parentSpanId: (flags & NODE.AT_ROOT) === 0 ? parentSpanId : '',
    own: readWeight(weights & (2 ** INSIDE_SHIFT - 1)),
    inside: readWeight(weights >> INSIDE_SHIFT),
  };
}

function readWeight(weight: number): SpanNode['own'] {
  if (weight === 0 || weight === 1 || weight === 2) return weight;
  throw new RangeError('a call has a weight that is not known');
}

function readAlike(reader: PartReader): Alike {
  const key = reader.text();
  const alike: Sighting[] = [];
  for (let rest = reader.from.varint(); rest > 0; rest -= 1) {
    const index = reader.from.varint() - 1;
    if (index === reader.sightings.length) reader.sightings.push(readSighting(reader));
    const sighting = reader.sightings[index];
    if (sighting === undefined) throw new RangeError('a call is used before it is known');
    alike.push(sighting);
  }
  return [key, alike];
}

function readSighting(reader: PartReader): Sighting {
  const { from } = reader;
  const flags = from.byte();
  const id = (flags & SIGHTING.IDS) === 0 ? reader.text() : from.hex8() + from.hex8() + from.hex8();
  const emitter = reader.common();
  const times = { startMs: from.double(), endMs: from.double() };
  const weight = readWeight(from.byte());
  const responseId = (flags & SIGHTING.RESPONSE_ID) === 0 ? undefined : reader.text();
  const relay = (flags & SIGHTING.RELAY) === 0 ? undefined : readRelay(reader, flags);
  const claimedBy: string[] = [];
  if ((flags & SIGHTING.CLAIMED) !== 0)
    for (let rest = from.varint(); rest > 0; rest -= 1) claimedBy.push(reader.common());
  return {
    id,
    emitter,
    ...times,
    weight,
    ...(responseId === undefined ? {} : { responseId }),
    ...(relay === undefined ? {} : { relay }),
    claimedBy,
  };
}

function readRelay(reader: PartReader, flags: number): Relay {
  const hosts: { -readonly [Key in 'sentTo' | 'askedAt']?: string } = {};
  if ((flags & SIGHTING.SENT_TO) !== 0) hosts.sentTo = reader.common();
  if ((flags & SIGHTING.ASKED_AT) !== 0) hosts.askedAt = reader.common();
  const model = reader.common();
  const { from } = reader;
  return { ...hosts, model, input: from.number(), output: from.number(), links: from.byte() };
}

function readShelved(reader: PartReader): ShelvedTask {
  const flags = reader.from.varint();
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const queue = has(TASK.QUEUE) ? (reader.common() as NonNullable<ShelvedTask['queue']>) : undefined;
  const parent = has(TASK.PARENT) ? reader.from.varint() : undefined;
  const number = has(TASK.NUMBER) ? reader.from.varint() : undefined;
  return {
    ...(queue === undefined ? {} : { queue }),
    state: readTask(reader, has),
    ...(parent === undefined ? {} : { parent }),
    ...(number === undefined ? {} : { number }),
  };
}

function readTask(reader: PartReader, has: (flag: number) => boolean): TaskState {
  const { from } = reader;
  const state: Mutable<TaskState> = {
    id: reader.text(),
    lastNewsMs: from.double(),
    lastCallMs: from.double(),
    costPicoUsd: reader.bigint(),
    subTasksPicoUsd: reader.bigint(),
    wastedPicoUsd: reader.bigint(),
    evidence: reader.bigint(),
    lastEvidence: reader.bigint(),
    heldCalls: from.number(),
    isEnded: has(TASK.IS_ENDED),
  };
  if (has(TASK.LABELS)) {
    state.labelsEndMs = from.double();
    state.labelsAreOfSpan = has(TASK.LABELS_OF_SPAN);
    state.labels = {
      service: reader.common(),
      environment: reader.common(),
      feature: reader.common(),
      name: reader.common(),
      userTier: reader.common(),
    };
  }
  if (has(TASK.SAID)) state.said = readSaid(reader);
  if (has(TASK.RULED)) state.ruled = reader.common() as NonNullable<TaskState['ruled']>;
  if (has(TASK.SETTLED)) state.settledAs = reader.common() as NonNullable<TaskState['settledAs']>;
  if (has(TASK.SAMPLE_COUNT)) state.sampleCount = from.number();
  if (has(TASK.FIRST_CALLS))
    state.firstCalls = readAsked(reader).map(([key, call]) => [key, readFirst(call)]);
  if (has(TASK.LAST_CALLS)) state.lastCalls = readAsked(reader);
  return state;
}

const readSaid = (reader: PartReader): NonNullable<TaskState['said']> => ({
  outcome: reader.common() as NonNullable<TaskState['said']>['outcome'],
  source: reader.common() as NonNullable<TaskState['said']>['source'],
  atMs: reader.from.double(),
});

function readAsked(reader: PartReader): [key: string, call: AskedCall][] {
  const { from } = reader;
  const calls: [string, AskedCall][] = [];
  for (let rest = from.varint(); rest > 0; rest -= 1) {
    const flags = from.byte();
    const key = reader.text();
    // The id of its trace, which calls of one task are no longer told apart by.
    reader.text();
    const known = { spanId: reader.text(), feature: reader.common(), endMs: from.double() };
    const costPicoUsd = (flags & ASKED.COST) === 0 ? undefined : from.number();
    const waste = (flags & ASKED.WASTE) === 0 ? undefined : (reader.common() as AskedCall['waste']);
    calls.push([key, { ...known, costPicoUsd, ...(waste === undefined ? {} : { waste }) }]);
  }
  return calls;
}

function readFirst({ costPicoUsd, ...call }: AskedCall): FirstCall {
  if (costPicoUsd === undefined) throw new RangeError('a call that was answered has no cost');
  return { ...call, costPicoUsd };
}
