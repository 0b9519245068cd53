/** What follows: one byte before each value. */
export const TAG = {
  UNDEFINED: 0,
  FALSE: 1,
  TRUE: 2,
  INTEGER: 3,
  NEGATIVE: 4,
  DOUBLE: 5,
  BIGINT: 6,
  TEXT: 7,
  AGAIN: 8,
  ARRAY: 9,
  OBJECT: 10,
  BYTES: 11,
  /** An object with the keys of one before. */
  LIKE: 12,
  /** A text that is the id of a span or of a trace, in hex; and one of the last few of them. */
  SPAN_ID: 13,
  TRACE_ID: 14,
  ID_AGAIN: 15,
} as const;
export const SPAN_ID_BYTES = 8;
export const TRACE_ID_BYTES = 16;
/** Ids that are remembered: those of one record stand together, and most ids do not come again in another. */
export const LAST_IDS = 8;
/** Longer texts do not come again, and few of the shorter ones fill more than this. */
export const MAX_REPEATED_CHARS = 64;
/** Lists of keys that are remembered within one value; our records have a dozen or two. */
export const MAX_SHAPES = 64;
