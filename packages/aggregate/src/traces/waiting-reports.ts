import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { CallRecord } from '../records.js';
import { NONE } from '../rows/columns.js';
import { isOwn } from './emitters.js';
import { isOfSamePrice, type Pair } from './relays.js';
import type { Report } from './report.js';
import type { Searches } from './searches.js';
import type { Twins } from './twins.js';

/** Whether a call counts, and what was told of it before and will not. */
export interface Admission {
  readonly counts: boolean;
  readonly insteadOf: readonly CallRecord[];
  /** What a gateway has told counts, for whom the call was that it is part of; the one that is not at hand has waited. */
  readonly relayed: readonly RelayedPart[];
  /** It is a gateway's, and has been told by the service that asks: its request is no task of the gateway's. */
  readonly isCallers?: boolean;
}

export interface RelayedPart {
  readonly part: CallRecord;
  readonly caller: CallRecord;
}

export const NOTHING: readonly never[] = [];
export const COUNTS: Admission = { counts: true, insteadOf: NOTHING, relayed: NOTHING };
export const TOLD: Admission = { counts: false, insteadOf: NOTHING, relayed: NOTHING };

/** Reports of calls that wait uncounted, for a feature or for another report, and give way to one that knows better. */
export class WaitingReports {
  readonly #twins: Twins;
  readonly #searches: Searches;

  constructor(twins: Twins, searches: Searches) {
    this.#twins = twins;
    this.#searches = searches;
  }

  /**
   * The requests of costspan's own run that wait: they wait no more. Undefined where some have been counted, and
   * the others will be: nothing takes back what was counted.
   */
  withdrawRequests(report: Report): readonly CallRecord[] | undefined {
    const rows = this.#twins.partsOf(report);
    if (rows.length === 0) return NOTHING;
    const { sightings } = this.#twins;
    const refs = rows.map((row) => sightings.refOf(row));
    if (!refs.every((ref) => this.#searches.isWaiting(ref))) return undefined;
    for (const row of rows) sightings.claim(row, INSTRUMENTATION_SCOPE);
    return refs.flatMap(({ traceId, spanId }) => this.#searches.withdraw(traceId, spanId) ?? []);
  }

  /** What another emitter has told of costspan's own call, if it still waits: it waits no more. */
  withdraw(call: CallRecord, { traceId, spanId }: SpanRef): CallRecord | undefined {
    return isOwn(call) ? this.#searches.withdraw(traceId, spanId) : undefined;
  }

  /**
   * Of a service's report and that of the gateway which it has asked the service's counts: what still waits gives way to
   * it, or counts itself, for whom it was, where it knows another price. What has been counted nothing takes back.
   */
  join(call: CallRecord, { caller, callee }: Pair): Omit<Admission, 'isCallers'> {
    const { sightings } = this.#twins;
    const asked = callee === NONE ? undefined : this.withdraw(call, sightings.refOf(callee));
    if (asked !== undefined) {
      if (!isOfSamePrice(asked, call)) return { ...TOLD, relayed: [{ part: asked, caller: call }] };
      return { counts: caller === NONE, insteadOf: [asked], relayed: NOTHING };
    }
    if (caller === NONE || call.costPicoUsd === undefined || sightings.hasCost(caller)) return TOLD;
    const asks = this.withdraw(call, sightings.refOf(caller));
    return asks === undefined ? TOLD : { ...TOLD, relayed: [{ part: call, caller: asks }] };
  }
}

type SpanRef = Pick<CallRecord, 'traceId' | 'spanId'>;
