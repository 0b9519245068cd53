/**
 * The form of an entry of spans: its first byte, with which no packed value begins, the time, the number of spans, and
 * then one span behind the other. Each begins with flags that say which of its fields are there.
 *
 * A text is a number: 0 for the one that this field had before, else the place of one of the entry's texts counted from
 * 1, where the next place stands for a new text that follows.
 */
export const SPANS = 64;
/** Where the time stands, a double, and where the number of spans, a varint. */
export const TIME_AT = 1;
export const COUNT_AT = 9;

/** Parts of a span. */
export const HAS = { PLACE: 1, CALL: 2, TASK: 4, EVIDENCE: 8, NAMES: 16 } as const;

/** The first byte of a text that does not come again. */
export const ID_FORM = { EMPTY: 0, SPAN_ID: 1, TEXT: 2, OF_SPAN: 3 } as const;

/** The first byte of a bit field; those of rules are mostly what they were the last time. */
export const BITS_FORM = { SAME: 0, NUMBER: 1, TEXT: 2 } as const;

/** Fields that remember their last text. */
export const TEXT = {
  TRACE_ID: 0,
  TASK_ID: 1,
  TASK_NAME: 2,
  SERVICE: 3,
  ENVIRONMENT: 4,
  FEATURE: 5,
  USER_TIER: 6,
  TENANT: 7,
  EMITTER: 8,
  PROVIDER: 9,
  MODEL: 10,
  OPERATION: 11,
  MODE: 12,
  STATUS: 13,
  COST_SOURCE: 14,
  REASON: 15,
  OUTCOME: 16,
  OUTCOME_SOURCE: 17,
  SENT_TO: 18,
  ASKED_AT: 19,
} as const;
export const TEXT_FIELDS = Object.keys(TEXT).length;

/** Bit fields that remember their last value. */
export const BITS = { CALL: 0, LAST_CALL: 1, TASK: 2, EVIDENCE: 3 } as const;
export const BITS_FIELDS = Object.keys(BITS).length;

export const PLACE = { FEATURE: 1, TASK: 2, IS_FINAL: 4, RECORD: 8, NESTED: 16 } as const;

export const CALL = {
  PARENT_SPAN_ID: 1,
  /** The parent is the one that the span's place has told. */
  PARENT_OF_PLACE: 2,
  EMITTER: 4,
  RESPONSE_ID: 8,
  SEEKS_FEATURE: 16,
  SEEKS_TASK: 32,
  TASK: 64,
  TIME_TO_FIRST_CHUNK: 128,
  TOKENS: 256,
  SAMPLE_COUNT: 512,
  REQUEST_DIGEST: 1_024,
  EVIDENCE: 2_048,
  LAST_EVIDENCE: 4_096,
  COST: 8_192,
  COST_SOURCE: 16_384,
  CACHE_SAVINGS: 32_768,
  LIST_COST: 65_536,
  LOCAL_COST: 131_072,
  UNPRICED_REASON: 262_144,
  ESTIMATED_REASON: 524_288,
  SENT_TO: 1_048_576,
  ASKED_AT: 2_097_152,
} as const;

export const TASK = {
  START: 1,
  PARENT_ID: 2,
  SESSION_ID: 4,
  EVIDENCE: 8,
  OUTCOME: 16,
  OUTCOME_SOURCE: 32,
} as const;

export const EVIDENCE = { NAMES_TASK: 1 } as const;
export const NAMES = { RESPONSE_ID: 1 } as const;
