import type { CallRecord } from '../records.js';

/** Nothing, a call that tells no usage, a call that tells some: of several reports of one call the heavier counts. */
export type Weight = 0 | 1 | 2;

/** A call that tells neither usage nor cost is known to have been made, and no more. */
export const weightOf = ({ tokens, costPicoUsd }: CallRecord): Weight =>
  tokens === undefined && costPicoUsd === undefined ? 1 : 2;
