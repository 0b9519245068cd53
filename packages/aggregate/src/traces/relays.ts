import type { CallRecord } from '../records.js';
import { BoundedMap } from '../rows/bounded-map.js';
import { NONE } from '../rows/columns.js';
import type { RelayState } from '../state.js';
import { AlikeKey, AlikeLists, createFamily } from './alike-lists.js';
import { familyOf } from './families.js';
import { inputOf, outputOf } from './report.js';
import { LINK, type Link, type SightingTable, startOf } from './sightings.js';

/** Clocks of two machines that somebody keeps right are at most this far apart. */
const MAX_CLOCKS_APART_MS = 2_000;
/** Hosts that calls were sent to, and those at which gateways were asked; a gateway is in both. */
const MAX_HOSTS = 1_000;
/** Calls that are remembered by their hosts, and those of one host with the same tokens; the oldest go. */
const MAX_CALLS = 20_000;
const MAX_ALIKE = 1_024;
/** Further away than any call of the same model. */
const OTHER_MODEL_MS = 1e9;
/** Shorter ids, such as Ollama's, are given again; and what many calls have in common is a stand-in's. */
const MIN_RARE_ID_CHARS = 20;
const MAX_OF_A_RARE_ID = 32;

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
 * sent to; a gateway may make up ids and names of models besides, so those need not be the same. Where a proxy hides
 * that host, or a hop between tells nothing, an id that only the real provider can have given stands for it. Tokens
 * have to be the same, and the one has ended within the other. Each report is paired once in each direction, so of
 * calls that are alike as many count as were made.
 */
export class Relays {
  readonly #sightings: SightingTable;
  readonly #answers: AlikeLists;
  /** Calls by their tokens and the host that they were sent to, or that they were asked for at, once there is a gateway. */
  readonly #byHost: AlikeLists;
  readonly #asked = new Hosts();
  readonly #served = new Hosts();

  constructor(sightings: SightingTable, answers: AlikeLists) {
    this.#sightings = sightings;
    this.#answers = answers;
    this.#byHost = new AlikeLists(sightings, { keys: MAX_CALLS, callsOfAKey: MAX_ALIKE, calls: MAX_CALLS });
  }

  /**
   * Whether another report of it is to be expected: of a service that has asked its gateway, which knows better whom it is
   * for, or of the gateway that it has asked, which may know the price of what it calls by a name of its own.
   */
  isForeseen({ askedAt, sentTo, tokens, costPicoUsd }: CallRecord): boolean {
    if (askedAt !== undefined && this.#asked.has(askedAt)) return true;
    const isUnpriced = tokens !== undefined && costPicoUsd === undefined;
    return isUnpriced && sentTo !== undefined && this.#served.has(sentTo);
  }

  /** Whether there may be reports that it is one with: not before any gateway has told something. */
  mayPair({ askedAt, tokens }: CallRecord): boolean {
    return tokens !== undefined && (askedAt !== undefined || !this.#served.isEmpty);
  }

  /**
   * The reports that a call that {@link mayPair} is one with, which are no other one's from now on. `isWaiting`: which of
   * them do not count yet.
   */
  claim(
    call: CallRecord,
    answer: AlikeKey | undefined,
    isWaiting: (row: number) => boolean,
  ): Pair | undefined {
    const { askedAt } = call;
    if (this.#served.isEmpty) for (const row of this.#sightings.rows()) this.#list(row);
    const sought = { call, answer, isWaiting };
    const caller = askedAt === undefined ? NONE : this.#find(sought, LINK.CALLEE);
    const callee = this.#find(sought, LINK.CALLER);
    if (caller === NONE && callee === NONE) return undefined;
    if (caller !== NONE) this.#link(caller, LINK.CALLEE, askedAt);
    if (callee !== NONE) this.#link(callee, LINK.CALLER, this.#sightings.askedAtOf(callee));
    return { caller, callee };
  }

  /** Somebody who tells his calls asks the gateway there, by whatever name he knows it: its next ones wait for his. */
  #link(row: number, link: Link, askedAt: string | undefined): void {
    this.#sightings.link(row, link);
    if (askedAt !== undefined) this.#asked.add(askedAt);
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
    if (!this.#served.isEmpty) this.#list(row);
  }

  restore(row: number, relay: RelayState): void {
    if (relay.askedAt !== undefined && this.#served.isEmpty)
      for (const one of this.#sightings.rows()) this.#list(one);
    this.#noteHosts(relay);
    this.#sightings.setRelay(row, relay, relay);
    if (!this.#served.isEmpty) this.#list(row);
  }

  #noteHosts({ sentTo, askedAt }: Pick<CallRecord, 'sentTo' | 'askedAt'>): void {
    if (sentTo !== undefined) this.#asked.add(sentTo);
    if (askedAt !== undefined) this.#served.add(askedAt);
  }

  #list(row: number): void {
    const used = this.#sightings.usedOf(row);
    for (const host of [this.#sightings.sentToOf(row), this.#sightings.askedAtOf(row)]) {
      const key = host === undefined ? undefined : setHostKey(host, used);
      if (key !== undefined) this.#byHost.push(key, row);
    }
  }

  #find(sought: Sought, link: Link): number {
    const { call, answer } = sought;
    const host = link === LINK.CALLEE ? call.askedAt : call.sentTo;
    const list = answer === undefined ? NONE : this.#answers.find(answer);
    const nearest = list === NONE ? NONE : this.#findNearest([this.#answers, list], sought, { link, host });
    if (nearest !== NONE || host === undefined) return nearest;
    const { tokens } = call;
    const key = setHostKey(host, { input: inputOf(tokens!), output: outputOf(tokens!) });
    const atHost = key === undefined ? NONE : this.#byHost.find(key);
    return atHost === NONE ? NONE : this.#findNearest([this.#byHost, atHost], sought, { link, host });
  }

  /** Of several that it may be, one of the same model, and of those the one that has ended next to it. */
  #findNearest(
    [lists, list]: readonly [AlikeLists, number],
    sought: Sought,
    { link, host }: MeetingPoint,
  ): number {
    const isRare = lists === this.#answers && lists.sizeOf(list) <= MAX_OF_A_RARE_ID;
    let nearest = NONE;
    let least = Number.POSITIVE_INFINITY;
    for (let entry = lists.firstOf(list); entry !== NONE; entry = lists.nextOf(entry)) {
      const row = lists.sightingOf(entry);
      const isMet =
        (host !== undefined && this.#hostOf(row, link) === host) ||
        (isRare && this.#isOfAProvider(row, sought.call, link));
      if (!isMet || !this.#isOne(row, sought, link)) continue;
      const distance = this.#distanceOf(row, sought.call);
      if (distance >= least) continue;
      nearest = row;
      least = distance;
    }
    return nearest;
  }

  #distanceOf(row: number, call: CallRecord): number {
    const isOfModel = familyOf({ model: this.#sightings.modelOf(row) }).name === familyOf(call).name;
    return Math.abs(this.#sightings.endMsOf(row) - call.endMs) + (isOfModel ? 0 : OTHER_MODEL_MS);
  }

  /** Where a report has met the other one, as its caller or as its callee. */
  #hostOf(row: number, link: Link): string | undefined {
    return link === LINK.CALLEE ? this.#sightings.sentToOf(row) : this.#sightings.askedAtOf(row);
  }

  /** Whether the gateway of the two had the answer, whose id they share, from a provider that gives each one its own. */
  #isOfAProvider(row: number, call: CallRecord, link: Link): boolean {
    const seen = { sentTo: this.#sightings.sentToOf(row), askedAt: this.#sightings.askedAtOf(row) };
    const [service, gateway] = link === LINK.CALLEE ? [seen, call] : [call, seen];
    const isRelay = gateway.askedAt !== undefined && service.sentTo !== undefined;
    // Two that ask the same host are no gateway and its service.
    if (!isRelay || service.sentTo === gateway.sentTo || !isPublic(gateway.sentTo)) return false;
    return (call.responseId?.length ?? 0) >= MIN_RARE_ID_CHARS;
  }

  /** Whether a report that has no pair of this kind yet may be one with the call. */
  #isOne(row: number, { call, isWaiting }: Sought, link: Link): boolean {
    const seen = this.#sightings;
    if ((seen.linksOf(row) & link) !== 0 || !seen.hasUsed(row, inputOf(call.tokens!), outputOf(call.tokens!)))
      return false;
    // A price that the one lacks which counts would be lost with the other; what waits may count instead.
    if (call.costPicoUsd !== undefined && !seen.hasCost(row) && !isWaiting(row)) return false;
    const own = { startMs: startOf(call), endMs: call.endMs };
    const other = { startMs: seen.startMsOf(row), endMs: seen.endMsOf(row) };
    return link === LINK.CALLEE ? hasEndedWithin(own, other) : hasEndedWithin(other, own);
  }
}

interface Sought {
  readonly call: CallRecord;
  readonly answer: AlikeKey | undefined;
  readonly isWaiting: (row: number) => boolean;
}
interface MeetingPoint {
  readonly link: Link;
  readonly host: string | undefined;
}

const HOST_KEY = new AlikeKey('usage');
const ANY_MODEL = createFamily('');

/** Whether two reports of a call are of one model, and both tell what it has cost or neither. */
export const isOfSamePrice = (one: CallRecord, other: CallRecord): boolean =>
  familyOf(one).name === familyOf(other).name &&
  (one.costPicoUsd === undefined) === (other.costPicoUsd === undefined);

/** Undefined where nothing was used: that many calls have in common. */
const setHostKey = (host: string, used: Used): AlikeKey | undefined =>
  used.input + used.output === 0 ? undefined : HOST_KEY.set(host, ANY_MODEL, used);
interface Used {
  readonly input: number;
  readonly output: number;
}

/** A name that all the world may know: of a stand-in on the same machine, or in the same network, it is none. */
const isPublic = (host = ''): boolean => {
  const name = host.replace(/:\d+$/, '');
  return (
    /\.[a-z][a-z0-9-]+$/i.test(name) &&
    !/\.(?:local|localhost|internal|lan|svc|test|example|invalid|home\.arpa)$/i.test(name)
  );
};

/** The latest of them. */
class Hosts {
  readonly #known = new BoundedMap<true>(MAX_HOSTS);
  #last: string | undefined;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

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
