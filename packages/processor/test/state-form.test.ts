/** The form of the large parts of a state: everything that they may hold comes back, and nothing else is read. */
import {
  Aggregate,
  type AggregatePart,
  RowReader,
  readWrittenTask,
  type WrittenTask,
} from '@costspan/aggregate';
import { OUTCOME_SOURCES, OUTCOMES, WASTE_REASONS } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { LedgerBook } from '../src/ledger/book.ts';
import { type BookedTask, readBookedTask } from '../src/ledger/booked-tasks.ts';
import { LEDGER_AMOUNTS, LEDGER_LABELS } from '../src/ledger/row.ts';
import { ProcessorState, type StatePart } from '../src/state.ts';
import { pack } from '../src/store/pack.ts';
import { NODES, SIGHTINGS } from '../src/store/state-form.ts';
import { decodePart } from '../src/store/state-reader.ts';
import { encodePart } from '../src/store/state-writer.ts';
import { createHistory, OPTIONS, printParts } from './histories.ts';

type Tasks = AggregatePart & { part: 'tasks' };
type TaskState = Tasks['tasks'][number]['state'];
type AskedCall = NonNullable<TaskState['lastCalls']>[number][1];
type Traces = (AggregatePart & { part: 'traces' })['traces'];
type Nodes = NonNullable<Traces['nodes']>;
type Sighting = NonNullable<Traces['sightings']>[number][1][number];
type Booked = StatePart & { part: 'ledger' };

const SEEDS = [1, 2, 3, 4];
const TEXTS = ['', 'a', 'shop', 'Übersicht 🙂', 'x'.repeat(300), 'model\0digest', 'c'.repeat(32)];
const IDS = [
  'b7ad6b7169203331',
  'B7AD6B7169203331',
  'b7ad6b716920333g',
  'span 7',
  '0af7651916cd43dd8448eb211c80319c',
];
const BIGINTS = [0n, 1n, -1n, 2n ** 53n - 2n, 2n ** 53n - 1n, 2n ** 53n, 10n ** 30n, -(10n ** 30n)];
const NUMBERS = [0, 1, 127, 128, 2 ** 31, 2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53, -1, 0.25];

function createParts(seed: number): StatePart[] {
  const random = createRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const list = <T>(create: () => T): T[] => Array.from({ length: 1 + Math.floor(random() * 4) }, create);
  const maybe = <T extends object>(fields: T): Partial<T> => (random() < 0.5 ? fields : {});
  const asked = (): AskedCall & { costPicoUsd: number } => ({
    endMs: pick(NUMBERS),
    spanId: pick(IDS),
    feature: pick(TEXTS),
    costPicoUsd: pick(NUMBERS),
  });
  const known = (): Partial<TaskState> => ({
    ...maybe({
      labels: {
        service: pick(TEXTS),
        environment: pick(TEXTS),
        feature: pick(TEXTS),
        name: 'n',
        userTier: '',
      },
      labelsAreOfSpan: random() < 0.5,
      labelsEndMs: pick(NUMBERS),
    }),
    ...maybe({
      said: { outcome: pick(['success', 'failure'] as const), source: pick(OUTCOME_SOURCES), atMs: 1.5 },
    }),
    ...maybe({ ruled: pick(OUTCOMES) }),
    ...maybe({ settledAs: pick(OUTCOMES) }),
    ...maybe({ sampleCount: pick([2, 3.5]) }),
    ...maybe({ firstCalls: list((): [string, ReturnType<typeof asked>] => [pick(TEXTS), asked()]) }),
    ...maybe({
      lastCalls: list((): [string, AskedCall] => [
        pick(TEXTS),
        { ...asked(), ...maybe({ costPicoUsd: undefined }), ...maybe({ waste: pick(WASTE_REASONS) }) },
      ]),
    }),
  });
  const tasks: Tasks['tasks'] = list(() => ({
    ...maybe({ queue: pick(['undecided', 'decided', 'settled'] as const) }),
    state: {
      id: pick([...TEXTS, ...IDS]),
      ...known(),
      isEnded: random() < 0.5,
      costPicoUsd: pick(BIGINTS),
      subTasksPicoUsd: pick(BIGINTS),
      wastedPicoUsd: pick(BIGINTS),
      heldCalls: pick([0, 3]),
      lastNewsMs: pick(NUMBERS),
      evidence: pick(BIGINTS),
      lastEvidence: pick(BIGINTS),
      lastCallMs: pick(NUMBERS),
    },
    ...maybe({ parent: pick([1, 300]) }),
    ...maybe({ number: pick([1, 300]) }),
  }));
  const nodes: Nodes = list(() => ({
    spanId: pick(IDS),
    traceId: pick([...IDS, '']),
    parentSpanId: pick([...IDS, '', undefined]),
    own: pick([0, 1, 2] as const),
    inside: pick([0, 1, 2] as const),
  }));
  /** One call stands under several keys. */
  const seen = list((): Sighting => {
    const number = Math.floor(random() * 1e9);
    return {
      id: pick([`${number}`.padStart(48, 'a'), `${number}`, `${number}`.padStart(48, 'A'), `${number} Ü`]),
      emitter: pick(TEXTS),
      startMs: pick(NUMBERS),
      endMs: pick(NUMBERS),
      weight: pick([1, 2] as const),
      ...maybe({ responseId: pick(TEXTS) }),
      ...maybe({
        relay: {
          ...maybe({ sentTo: pick(TEXTS) }),
          ...maybe({ askedAt: pick(TEXTS) }),
          model: pick(TEXTS),
          input: pick(NUMBERS),
          output: pick(NUMBERS),
          links: pick([0, 7]),
        },
      }),
      claimedBy: pick([[], ['openai'], ['openai', 'Übersicht']]),
    };
  });
  const sightings = list((): [string, Sighting[]] => [pick(TEXTS), list(() => pick(seen))]);
  const sets = list(() => LEDGER_LABELS.map(() => pick(TEXTS)));
  const booked: Booked['tasks'] = list(() => ({
    id: pick([...TEXTS, ...IDS]),
    standing: pick([...OUTCOMES, 'unsettled', 'untasked'] as const),
    postings: list(() => ({
      hourMs: 3_600_000 * pick([-1, 0, 489_000]),
      labels: pick(sets),
      amounts: LEDGER_AMOUNTS.map(() => pick(NUMBERS)),
    })),
  }));
  return [
    { part: 'tasks', tasks },
    { part: 'traces', traces: { nodes } },
    { part: 'traces', traces: { sightings } },
    { part: 'ledger', tasks: booked },
  ];
}

describe.each(SEEDS)('the large parts of a state (seed %i)', (seed) => {
  it('come back as they were, in a form of their own and in that of the versions before', () => {
    for (const part of createParts(seed)) {
      const bytes = Buffer.concat(encodePart(part));
      expect(decodePart(bytes)).toEqual(part);
      expect(decodePart(pack(part))).toEqual(part);
      if (part.part === 'traces') expect([NODES, SIGHTINGS]).toContain(bytes[0]);
    }
  });

  it('are refused where they are cut, whatever else stands in them', () => {
    for (const part of createParts(seed).filter((one) => one.part === 'traces')) {
      const bytes = Buffer.concat(encodePart(part));
      for (let length = 0; length < bytes.length; length += 1)
        expect(() => decodePart(bytes.subarray(0, length)), `${part.part} of ${length} bytes`).toThrow(
          RangeError,
        );
      expect(() => decodePart(Buffer.concat([bytes, bytes]))).toThrow(RangeError);
      for (let at = 1; at < bytes.length; at += 1) expectReadOrRefused(bytes, at);
    }
  });

  it('and all others of a state that has a history are read as they were written', () => {
    const state = new ProcessorState(OPTIONS, new LedgerBook());
    for (const entry of createHistory(createRandom(seed), 300)) state.apply(entry);
    const parts = [...state.readState()];
    expect(new Set(parts.map(({ part }) => part)).size).toBeGreaterThan(5);
    expect(printParts(parts.map((part) => decodePart(Buffer.concat(encodePart(part)))))).toEqual(
      printParts(parts),
    );
  });
});

describe.each(SEEDS)('tasks, and what they have in the ledger, as rows (seed %i)', (seed) => {
  const parts = createParts(seed).flatMap((part) => (part.part === 'tasks' ? part.tasks : []));
  // A task has its id for itself, and a question is asked once.
  const tasks = parts.map(({ state: { firstCalls, lastCalls, ...state } }, number) => ({
    state: {
      ...state,
      id: `${state.id}${number}`,
      ...(firstCalls && { firstCalls: firstCalls.map(ask) }),
      ...(lastCalls && { lastCalls: lastCalls.map(ask) }),
    },
  }));
  const booked = createParts(seed)
    .flatMap((part) => (part.part === 'ledger' ? part.tasks : []))
    .map((task, number) => ({ ...task, id: tasks[number % tasks.length]!.state.id }))
    .slice(0, tasks.length);

  /** The rows of a state that has these tasks. */
  function readRows(): { tasks: Uint8Array; ledger: Uint8Array } {
    const shelved = tasks.map((task) => ({ ...task, queue: 'settled' as const }));
    const book = new LedgerBook();
    const aggregate = Aggregate.restore([{ part: 'tasks', tasks: shelved }], {});
    for (const task of booked) book.restore(task, aggregate.findTask(task.id)!.row);
    const [rows] = [...aggregate.readState()].flatMap((part) => (part.part === 'task_rows' ? part.rows : []));
    const [ledger] = book.readState((row, writer) => aggregate.writeTaskId(row, writer));
    return { tasks: rows!, ledger: ledger! };
  }
  const readTasks = (part: Uint8Array): WrittenTask[] => [...new RowReader().rows(part, readWrittenTask)];
  const readLedger = (part: Uint8Array): BookedTask[] => [...new RowReader().rows(part, readBookedTask)];

  it('come back as they were', () => {
    const rows = readRows();
    expect(readTasks(rows.tasks).map(({ state }) => state)).toEqual(
      tasks.map(({ state }) => expect.objectContaining(state)),
    );
    expect(readLedger(rows.ledger)).toEqual(booked.map((task) => ({ ...task, postings: joinAlike(task) })));
  });

  it('are refused where they are cut, whatever else stands in them', () => {
    const rows = readRows();
    for (const [part, read] of [
      [rows.tasks, readTasks],
      [rows.ledger, readLedger],
    ] as const) {
      for (let length = 0; length < part.length; length += 1)
        expect(() => read(part.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
      expect(() => read(Buffer.concat([part, part]))).toThrow(RangeError);
      for (let at = 0; at < part.length; at += 1) expectReadOrRefused(part, at, read);
    }
  });
});

const ask = <Call>([key, call]: readonly [string, Call], number: number): [string, Call] => [
  `model-${number}\u0000${key}`,
  call,
];

/** Postings of one hour and the same labels are one. */
function joinAlike({ postings }: BookedTask): BookedTask['postings'] {
  const joined = new Map<string, BookedTask['postings'][number]>();
  for (const { hourMs, labels, amounts } of postings) {
    const key = JSON.stringify([hourMs, labels]);
    const known = joined.get(key)?.amounts;
    joined.set(key, { hourMs, labels, amounts: amounts.map((amount, at) => amount + (known?.[at] ?? 0)) });
  }
  return [...joined.values()];
}

function expectReadOrRefused(
  bytes: Uint8Array,
  at: number,
  read: (bytes: Buffer) => unknown = decodePart,
): void {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 0x55;
  try {
    read(changed);
  } catch (error) {
    expect(error, `byte ${at}`).toBeInstanceOf(RangeError);
  }
}
