import type { CallRecord } from '../records.js';
import { BoundedMap } from '../rows/bounded-map.js';
import { NONE } from '../rows/columns.js';
import type { RelayState } from '../state.js';
import type { AlikeKey, AlikeLists } from './alike-lists.js';
import { familyOf } from './families.js';
import { inputOf, outputOf } from './report.js';
import { LINK, type Link, type SightingTable, startOf } from './sightings.js';

/** Clocks of two machines that somebody keeps right are at most this far apart. */
const MAX_CLOCKS_APART_MS = 2_000;
/** Hosts that calls were sent to, and those at which gateways were asked; a gateway is in both. */
const MAX_HOSTS = 1_000;

/** The rows of the reports that a call is one with; {@link NONE} where there is none, and in a chain there are both. */
export interface Pair {
  /** Of the service that has asked this one. */
  readonly caller: number;
  /** Of the gateway that this service has asked. */
  readonly callee: number;
}

/**
 * Recognises the call of a service and that of the gateway which it has asked as one, where no trace joins them. The id
 * of the answer is not enough: stand-ins repeat theirs, and one recording is replayed by many at once. What two calls
 * never have in common by chance is that one was made for a request which came in at the very host that the other was
 * sent to. Answer, model, tokens and whether there is a price have to be the same besides, and the one has ended within
 * the other. Each report is paired once in each direction, so of calls that are alike as many count as were made.
 */
export class Relays {
  readonly #sightings: SightingTable;
  readonly #answers: AlikeLists;
  readonly #asked = new Hosts();
  readonly #served = new Hosts();

  constructor(sightings: SightingTable, answers: AlikeLists) {
    this.#sightings = sightings;
    this.#answers = answers;
  }

  /** Whether calls were sent to where its service is a gateway: who has sent this one knows better whom it is for. */
  isForeseen({ askedAt }: CallRecord): boolean {
    return askedAt !== undefined && this.#asked.has(askedAt);
  }

  /** The reports that it is one with, which are no other one's from now on. */
  claim(call: CallRecord, answer: AlikeKey): Pair | undefined {
    if (call.tokens === undefined) return undefined;
    const list = this.#answers.find(answer);
    if (list === NONE) return undefined;
    const { sentTo, askedAt } = call;
    const isAsked = askedAt !== undefined && this.#asked.has(askedAt);
    const asksGateway = sentTo !== undefined && this.#served.has(sentTo);
    const caller = isAsked ? this.#findNearest(list, call, LINK.CALLEE) : NONE;
    const callee = asksGateway ? this.#findNearest(list, call, LINK.CALLER) : NONE;
    if (caller === NONE && callee === NONE) return undefined;
    if (caller !== NONE) this.#sightings.link(caller, LINK.CALLEE);
    if (callee !== NONE) this.#sightings.link(callee, LINK.CALLER);
    return { caller, callee };
  }

  /** Remembers what a call may be known by as another one's part, or as one that another one is part of. */
  note(row: number, call: CallRecord, pair: Pair | undefined): void {
    const { sentTo, askedAt, tokens, costPicoUsd } = call;
    this.#noteHosts(call);
    if ((sentTo ?? askedAt) === undefined || tokens === undefined) return;
    let links = costPicoUsd === undefined ? 0 : LINK.COST;
    if (pair !== undefined && pair.caller !== NONE) links |= LINK.CALLER;
    if (pair !== undefined && pair.callee !== NONE) links |= LINK.CALLEE;
    this.#sightings.setRelay(row, call, { input: inputOf(tokens), output: outputOf(tokens), links });
  }

  restore(row: number, relay: RelayState): void {
    this.#noteHosts(relay);
    this.#sightings.setRelay(row, relay, relay);
  }

  #noteHosts({ sentTo, askedAt }: Pick<CallRecord, 'sentTo' | 'askedAt'>): void {
    if (sentTo !== undefined) this.#asked.add(sentTo);
    if (askedAt !== undefined) this.#served.add(askedAt);
  }

  /** Of several that it may be, the one that has ended next to it: who repeats an id does so one after the other. */
  #findNearest(list: number, call: CallRecord, link: Link): number {
    const host = link === LINK.CALLEE ? call.askedAt : call.sentTo;
    let nearest = NONE;
    let least = Number.POSITIVE_INFINITY;
    for (let entry = this.#answers.firstOf(list); entry !== NONE; entry = this.#answers.nextOf(entry)) {
      const row = this.#answers.sightingOf(entry);
      const distance = Math.abs(this.#sightings.endMsOf(row) - call.endMs);
      if (distance >= least || this.#hostOf(row, link) !== host || !this.#isOne(row, call, link)) continue;
      nearest = row;
      least = distance;
    }
    return nearest;
  }

  /** Where a report has met the other one, as its caller or as its callee. */
  #hostOf(row: number, link: Link): string | undefined {
    return link === LINK.CALLEE ? this.#sightings.sentToOf(row) : this.#sightings.askedAtOf(row);
  }

  /** Whether a report that has no pair of this kind yet may be one with the call. */
  #isOne(row: number, call: CallRecord, link: Link): boolean {
    const seen = this.#sightings;
    const links = seen.linksOf(row);
    // A price that one of them lacks would be lost with the other, or counted with it.
    if ((links & link) !== 0 || ((links & LINK.COST) !== 0) !== (call.costPicoUsd !== undefined))
      return false;
    if (familyOf({ model: seen.modelOf(row) }).name !== familyOf(call).name) return false;
    if (!seen.hasUsed(row, inputOf(call.tokens!), outputOf(call.tokens!))) return false;
    const own = { startMs: startOf(call), endMs: call.endMs };
    const other = { startMs: seen.startMsOf(row), endMs: seen.endMsOf(row) };
    return link === LINK.CALLEE ? hasEndedWithin(own, other) : hasEndedWithin(other, own);
  }
}

/** The latest of them. */
class Hosts {
  readonly #known = new BoundedMap<true>(MAX_HOSTS);
  #last: string | undefined;

  has(host: string): boolean {
    return host === this.#last || this.#known.get(host) === true;
  }

  add(host: string): void {
    // Mostly one call goes to where the one before it went.
    if (host === this.#last) return;
    this.#last = host;
    this.#known.set(host, true);
  }
}

interface Times {
  readonly startMs: number;
  readonly endMs: number;
}

/** Who asks without an SDK is seen late to begin, but nobody has the answer before the one that was asked. */
const hasEndedWithin = (inner: Times, outer: Times): boolean =>
  inner.endMs <= outer.endMs + MAX_CLOCKS_APART_MS && inner.endMs >= outer.startMs - MAX_CLOCKS_APART_MS;
