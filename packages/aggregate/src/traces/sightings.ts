import type { Weight } from '../read/weight.js';
import { lengthen } from '../rows/columns.js';
import { IdColumn, SPAN_ID, TRACE_ID } from '../rows/ids.js';
import type { Sighting } from '../state.js';

const FIRST_CAPACITY = 1_024;
const NOBODY: readonly string[] = [];

/** A call that was counted, in the words of its span. */
export interface SeenCall extends Pick<Sighting, 'emitter' | 'startMs' | 'endMs' | 'weight'> {
  readonly traceId: string;
  readonly spanId: string;
  /** Not known of those that a restart has brought back. */
  readonly service: string | undefined;
  readonly responseId: string | undefined;
  /** Emitters that have told it again. */
  readonly claimedBy: readonly string[];
}

/**
 * Calls that were counted, as other emitters may tell them again, a column for each thing that is known of one: tens of
 * thousands are remembered for some seconds each, and the collector of garbage would move every object that stood for
 * one. A row is a call's as long as it stands in a list.
 */
export class SightingTable {
  #traceIds = new IdColumn(TRACE_ID, FIRST_CAPACITY);
  #spanIds = new IdColumn(SPAN_ID, FIRST_CAPACITY);
  #startMs = new Float64Array(FIRST_CAPACITY);
  #endMs = new Float64Array(FIRST_CAPACITY);
  #weights = new Uint8Array(FIRST_CAPACITY);
  /** Lists that it stands in. */
  #lists = new Uint8Array(FIRST_CAPACITY);
  #emitters: string[] = [];
  #services: (string | undefined)[] = [];
  #responseIds: (string | undefined)[] = [];
  /** By row: of most calls none has. */
  readonly #claimedBy = new Map<number, string[]>();
  readonly #free: number[] = [];

  /** A row for a call, which stands in no list yet. */
  add({
    traceId,
    spanId,
    service,
    emitter,
    startMs,
    endMs,
    weight,
    responseId,
    claimedBy,
  }: SeenCall): number {
    const row = this.#free.pop() ?? this.#emitters.length;
    if (row === this.#weights.length) this.#lengthen(row * 2);
    this.#traceIds.set(row, traceId);
    this.#spanIds.set(row, spanId);
    this.#startMs[row] = startMs;
    this.#endMs[row] = endMs;
    this.#weights[row] = weight;
    this.#lists[row] = 0;
    this.#emitters[row] = emitter;
    this.#services[row] = service;
    this.#responseIds[row] = responseId;
    if (claimedBy.length > 0) this.#claimedBy.set(row, [...claimedBy]);
    return row;
  }

  /** It stands in one list more. */
  enlist(row: number): void {
    this.#lists[row]! += 1;
  }

  /** It stands in one list less; with the last it is forgotten. */
  delist(row: number): void {
    this.#lists[row]! -= 1;
    if (this.#lists[row]! > 0) return;
    this.#responseIds[row] = undefined;
    if (this.#claimedBy.size > 0) this.#claimedBy.delete(row);
    this.#free.push(row);
  }

  claim(row: number, emitter: string): void {
    const known = this.#claimedBy.get(row);
    if (known === undefined) this.#claimedBy.set(row, [emitter]);
    else known.push(emitter);
  }

  isClaimedBy(row: number, emitter: string): boolean {
    return this.#claimedBy.size > 0 && this.#claimedBy.get(row)?.includes(emitter) === true;
  }

  /** Whether the call that this span told stands there: a row that is in no list may be another's soon. */
  has(row: number, { traceId, spanId }: Pick<SeenCall, 'traceId' | 'spanId'>): boolean {
    return this.#lists[row]! > 0 && this.#spanIds.is(row, spanId) && this.#traceIds.is(row, traceId);
  }

  /** The span that told it, and what it told. */
  refOf(row: number): Pick<SeenCall, 'traceId' | 'spanId' | 'weight'> {
    return { traceId: this.#traceIds.at(row), spanId: this.#spanIds.at(row), weight: this.weightOf(row) };
  }

  emitterOf(row: number): string {
    return this.#emitters[row]!;
  }
  serviceOf(row: number): string | undefined {
    return this.#services[row];
  }
  /** Whether the call is of that trace. */
  isOfTrace(row: number, traceId: string): boolean {
    return this.#traceIds.is(row, traceId);
  }
  responseIdOf(row: number): string | undefined {
    return this.#responseIds[row];
  }
  startMsOf(row: number): number {
    return this.#startMs[row]!;
  }
  endMsOf(row: number): number {
    return this.#endMs[row]!;
  }
  weightOf(row: number): Weight {
    return this.#weights[row] as Weight;
  }

  /** As it is now, whatever changes, to be read only. */
  copy(): SightingTable {
    const copy = new SightingTable();
    copy.#traceIds = this.#traceIds.copy();
    copy.#spanIds = this.#spanIds.copy();
    copy.#startMs = this.#startMs.slice();
    copy.#endMs = this.#endMs.slice();
    copy.#weights = this.#weights.slice();
    copy.#emitters = this.#emitters.slice();
    copy.#services = this.#services.slice();
    copy.#responseIds = this.#responseIds.slice();
    for (const [row, emitters] of this.#claimedBy) copy.#claimedBy.set(row, [...emitters]);
    return copy;
  }

  read(row: number): Sighting {
    const responseId = this.#responseIds[row];
    return {
      id: this.#traceIds.at(row) + this.#spanIds.at(row),
      emitter: this.emitterOf(row),
      startMs: this.startMsOf(row),
      endMs: this.endMsOf(row),
      weight: this.weightOf(row),
      ...(responseId === undefined ? {} : { responseId }),
      claimedBy: [...(this.#claimedBy.get(row) ?? NOBODY)],
    };
  }

  #lengthen(to: number): void {
    this.#traceIds.lengthen(to);
    this.#spanIds.lengthen(to);
    this.#startMs = lengthen(this.#startMs, to);
    this.#endMs = lengthen(this.#endMs, to);
    this.#weights = lengthen(this.#weights, to);
    this.#lists = lengthen(this.#lists, to);
  }
}
