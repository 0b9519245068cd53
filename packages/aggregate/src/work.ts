import { OVERFLOW_LABEL } from '@costspan/semconv';

/**
 * What an aggregate counts of its own work since the process began. Given to the next one under other options, it is
 * counted on; a restart brings none of it back.
 */
export interface WorkCounts {
  /** Calls that a span inside or around theirs had told before. */
  nestedCalls: number;
  /** Calls that stay outside of any task because too many were looking for theirs, or nothing around them came in time. */
  tasklessCalls: number;
  /** Tasks that settled before their time because too many were open. */
  tasksClosedEarly: number;
  /** Settled tasks of which what comes late is no longer known to be theirs. */
  tasksForgotten: number;
  /** Calls that were most likely counted twice: by a service, and by the gateway that it asks. */
  readonly suspected: SuspectedCalls[];
}

/** Of one service and one gateway. */
export interface SuspectedCalls {
  readonly service: string;
  readonly gateway: string;
  calls: number;
}

/** Pairs that are told apart; those of further ones count as `other`. */
const MAX_SUSPECTED_PAIRS = 100;

const OVERFLOWING = { service: OVERFLOW_LABEL, gateway: OVERFLOW_LABEL };

/** One more that was most likely counted twice. */
export function countSuspected(
  { suspected }: WorkCounts,
  { service, gateway }: Omit<SuspectedCalls, 'calls'>,
): void {
  const find = (asks: string, asked: string): SuspectedCalls | undefined =>
    suspected.find((pair) => pair.service === asks && pair.gateway === asked);
  const name = suspected.length < MAX_SUSPECTED_PAIRS ? { service, gateway } : OVERFLOWING;
  // Clocks of two machines may have it the other way round.
  const known = find(service, gateway) ?? find(gateway, service) ?? find(name.service, name.gateway);
  if (known === undefined) suspected.push({ ...name, calls: 1 });
  else known.calls += 1;
}

/** Nothing counted yet. */
export const createWorkCounts = (): WorkCounts => ({
  nestedCalls: 0,
  tasklessCalls: 0,
  tasksClosedEarly: 0,
  tasksForgotten: 0,
  suspected: [],
});
