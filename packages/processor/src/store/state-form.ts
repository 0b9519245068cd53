import type { AggregatePart } from '@costspan/aggregate';

/** What the parts are made of. */
export type ShelvedTask = (AggregatePart & { part: 'tasks' })['tasks'][number];
export type TaskState = ShelvedTask['state'];
export type Alike = NonNullable<(AggregatePart & { part: 'traces' })['traces']['sightings']>[number];
export type Sighting = Alike[1][number];
export type Relay = NonNullable<Sighting['relay']>;
export type SpanNode = NonNullable<(AggregatePart & { part: 'traces' })['traces']['nodes']>[number];

/**
 * The first bytes of the parts of a state that have a form of their own, those of which there are hundreds of thousands;
 * no packed value begins with one of them. Then their number, and one behind the other.
 *
 * A common text is a number: the place of one of the part's texts counted from 1, where the next place stands for a new
 * text that follows. A set of labels likewise, where the next place stands for twelve common texts that follow.
 */
export const BOOKED = 65;
export const NODES = 66;
export const SHELVED = 67;
export const SIGHTINGS = 68;
/** Rows that are bytes already, and nothing else. */
export const TASK_ROWS = 69;
export const LEDGER_ROWS = 70;

/** What stands in the first byte of a place of a span. */
export const NODE = {
  AT_ROOT: 1,
  INSIDE_ANOTHER: 2,
  /** Its trace is that of the one before. */
  SAME_TRACE: 4,
  /** Ids of eight bytes; others are texts. */
  SPAN_ID: 8,
  PARENT_ID: 16,
} as const;

/** A byte behind it: the weight of its own call, and of the heaviest inside, so many bits higher. */
export const INSIDE_SHIFT = 4;

/** What stands behind the place of a call that was counted, where it is the first of its id in the part. */
export const SIGHTING = {
  /** Its id is one of a trace and one of a span; others are texts. */
  IDS: 1,
  RESPONSE_ID: 2,
  CLAIMED: 4,
  RELAY: 8,
  SENT_TO: 16,
  ASKED_AT: 32,
} as const;

/** What is known of a call that was asked. */
export const ASKED = { COST: 1, WASTE: 2 } as const;

/** What is known of a task. */
export const TASK = {
  QUEUE: 1,
  PARENT: 2,
  NUMBER: 4,
  LABELS: 8,
  LABELS_OF_SPAN: 16,
  SAID: 32,
  RULED: 64,
  IS_ENDED: 128,
  SETTLED: 256,
  SAMPLE_COUNT: 512,
  FIRST_CALLS: 1_024,
  LAST_CALLS: 2_048,
} as const;
