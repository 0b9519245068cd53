import type { Weight } from '../read/weight.js';
import type { CallRecord } from '../records.js';
import { lengthen } from '../rows/columns.js';
import { IdColumn, SPAN_ID, TRACE_ID } from '../rows/ids.js';
import type { RelayState, Sighting } from '../state.js';
import { isLayer } from './emitters.js';

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

/** What is known of a report's place between a service and the gateways that it asks. */
export const LINK = {
  /** It is one with the report of the service that has asked this one. */
  CALLER: 1,
  /** It is one with the report of a gateway. */
  CALLEE: 2,
  /** What it has cost is known. */
  COST: 4,
} as const;
export type Link = typeof LINK.CALLER | typeof LINK.CALLEE;

/** What a gateway's report is known by. */
type Where = Pick<CallRecord, 'sentTo' | 'askedAt' | 'model'>;
type Used = Pick<RelayState, 'input' | 'output' | 'links'>;

/** When a call began. Milliseconds since the epoch. */
export const startOf = ({ endMs, durationSeconds }: CallRecord): number => endMs - durationSeconds * 1000;

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
  /** Set by {@link setRelay}, with models and tokens; where neither is, those are of another call. */
  #sentTo: (string | undefined)[] = [];
  #askedAt: (string | undefined)[] = [];
  #models: string[] = [];
  #inputs = new Float64Array(FIRST_CAPACITY);
  #outputs = new Float64Array(FIRST_CAPACITY);
  #links = new Uint8Array(FIRST_CAPACITY);
  /** By row: of most calls none has. */
  readonly #claimedBy = new Map<number, string[]>();
  readonly #free: number[] = [];
  /** Of them, those that a layer has told. */
  layers = 0;

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
    if (isLayer(emitter)) this.layers += 1;
    this.#services[row] = service;
    this.#responseIds[row] = responseId;
    this.#sentTo[row] = undefined;
    this.#askedAt[row] = undefined;
    this.#links[row] = 0;
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
    if (isLayer(this.#emitters[row]!)) this.layers -= 1;
    this.#responseIds[row] = undefined;
    if (this.#claimedBy.size > 0) this.#claimedBy.delete(row);
    this.#free.push(row);
  }

  /** What else is known of a call that a gateway may have told, or the one that asks it. */
  setRelay(row: number, { sentTo, askedAt, model }: Where, { input, output, links }: Used): void {
    this.#sentTo[row] = sentTo;
    this.#askedAt[row] = askedAt;
    this.#models[row] = model;
    this.#inputs[row] = input;
    this.#outputs[row] = output;
    this.#links[row] = links;
  }

  /** It is one with another report from now on. */
  link(row: number, link: Link): void {
    this.#links[row]! |= link;
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
  sentToOf(row: number): string | undefined {
    return this.#sentTo[row];
  }
  askedAtOf(row: number): string | undefined {
    return this.#askedAt[row];
  }
  linksOf(row: number): number {
    return this.#links[row]!;
  }
  /** Whether what it has cost is known. */
  hasCost(row: number): boolean {
    return (this.#links[row]! & LINK.COST) !== 0;
  }
  /** Whether it was one with another service's report. */
  isPaired(row: number): boolean {
    return (this.#links[row]! & (LINK.CALLER | LINK.CALLEE)) !== 0;
  }
  modelOf(row: number): string {
    return this.#models[row]!;
  }
  /** Whether it took so many tokens. */
  hasUsed(row: number, input: number, output: number): boolean {
    return this.#inputs[row] === input && this.#outputs[row] === output;
  }
  /** The tokens that it took, as {@link setRelay} told them. */
  usedOf(row: number): { readonly input: number; readonly output: number } {
    return { input: this.#inputs[row]!, output: this.#outputs[row]! };
  }
  /** Rows of the calls that stand in a list. */
  *rows(): IterableIterator<number> {
    for (let row = 0; row < this.#emitters.length; row++) if (this.#lists[row]! > 0) yield row;
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
    copy.#sentTo = this.#sentTo.slice();
    copy.#askedAt = this.#askedAt.slice();
    copy.#models = this.#models.slice();
    copy.#inputs = this.#inputs.slice();
    copy.#outputs = this.#outputs.slice();
    copy.#links = this.#links.slice();
    for (const [row, emitters] of this.#claimedBy) copy.#claimedBy.set(row, [...emitters]);
    return copy;
  }

  read(row: number): Sighting {
    const responseId = this.#responseIds[row];
    const relay = this.#readRelay(row);
    return {
      id: this.#traceIds.at(row) + this.#spanIds.at(row),
      emitter: this.emitterOf(row),
      startMs: this.startMsOf(row),
      endMs: this.endMsOf(row),
      weight: this.weightOf(row),
      ...(responseId === undefined ? {} : { responseId }),
      ...(relay === undefined ? {} : { relay }),
      claimedBy: [...(this.#claimedBy.get(row) ?? NOBODY)],
    };
  }

  #readRelay(row: number): RelayState | undefined {
    const [sentTo, askedAt] = [this.#sentTo[row], this.#askedAt[row]];
    if ((sentTo ?? askedAt) === undefined) return undefined;
    return {
      ...(sentTo === undefined ? {} : { sentTo }),
      ...(askedAt === undefined ? {} : { askedAt }),
      model: this.#models[row]!,
      input: this.#inputs[row]!,
      output: this.#outputs[row]!,
      links: this.linksOf(row),
    };
  }

  #lengthen(to: number): void {
    this.#traceIds.lengthen(to);
    this.#spanIds.lengthen(to);
    this.#startMs = lengthen(this.#startMs, to);
    this.#endMs = lengthen(this.#endMs, to);
    this.#weights = lengthen(this.#weights, to);
    this.#lists = lengthen(this.#lists, to);
    this.#inputs = lengthen(this.#inputs, to);
    this.#outputs = lengthen(this.#outputs, to);
    this.#links = lengthen(this.#links, to);
  }
}
