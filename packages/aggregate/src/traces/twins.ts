import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { weightOf } from '../read/weight.js';
import { type CallRecord, isRelayed, SESSION } from '../records.js';
import { BoundedMap } from '../rows/bounded-map.js';
import { NONE } from '../rows/columns.js';
import { TRACE_ID } from '../rows/ids.js';
import type { Sighting } from '../state.js';
import { type AlikeKey, AlikeLists, parseKey } from './alike-lists.js';
import { isAnonymousLayer, isLayer, isOwn, isPart } from './emitters.js';
import { type Pair, Relays } from './relays.js';
import { keysOf, type Report, readUsage, type UsageKeys } from './report.js';
import type { Searches } from './searches.js';
import { SightingTable, startOf } from './sightings.js';
import { UnlistedCalls } from './unlisted.js';

/** Answers and usages that are remembered; the oldest go first. Two reports of one call come shortly after another. */
const MAX_ANSWERS = 20_000;
const MAX_USAGES = 10_000;
/** Calls with the same answer or usage that are remembered at a time. */
const MAX_ALIKE = 32;
/** Calls with the same id of the answer: stand-ins have one for all, and a gateway's reports come some seconds apart. */
const MAX_OF_AN_ANSWER = 1024;
/** Calls of one service and model that a layer may tell with tokens of its own, and those of all together. */
const MAX_LAYERED = 1024;
const MAX_LAYERED_SIGHTINGS = 20_000;
/** Services that costspan's own calls are known of. */
const MAX_OWN_SERVICES = 1000;
/** Clocks of two spans of one process are read one after the other. */
const SLACK_MS = 5;

/**
 * Recognises one call that two emitters have told in spans that do not stand inside one another: by the provider's id
 * of the answer, at times that overlap, or, where one of them knows no id and one of them is known to work on top of
 * or below others, by model and usage, or by telling none, in the same service while the one span lasted inside the
 * other; where such a layer counts tokens of its own, by the model alone, if the other one is costspan's own. Spans of
 * the very same times are none: two layers read the clock twice. Each report of one emitter stands for at most one of
 * another, so calls that happen to use as much as others all count. Only costspan's own report of a run stands for each
 * request of it.
 */
export class Twins {
  /** Counted calls; of them, those in the lists. */
  readonly sightings = new SightingTable();
  readonly #byAnswer = new AlikeLists(this.sightings, {
    keys: MAX_ANSWERS,
    callsOfAKey: MAX_OF_AN_ANSWER,
    calls: MAX_ANSWERS * MAX_ALIKE,
  });
  readonly #byUsage = new AlikeLists(this.sightings, {
    keys: MAX_USAGES,
    callsOfAKey: MAX_ALIKE,
    calls: Number.POSITIVE_INFINITY,
  });
  /** What a gateway and the service that asks it have both told. */
  readonly #relays = new Relays(this.sightings, this.#byAnswer);
  /** What a layer may tell with tokens of its own, by service and model. */
  readonly #layered = new AlikeLists(this.sightings, {
    keys: MAX_LAYERED_SIGHTINGS,
    callsOfAKey: MAX_LAYERED,
    calls: MAX_LAYERED_SIGHTINGS,
  });
  /** Until a layer reports or a state is read, calls stand in no list but that of their answer. */
  readonly #unlisted = new UnlistedCalls(this.sightings, MAX_USAGES);
  readonly #ownServices = new BoundedMap<true>(MAX_OWN_SERVICES);
  /** While a state comes back, rows by the ids of spans. */
  readonly #restored = new Map<string, number>();

  /** Whether costspan's own report of the call is to be expected, which knows better what was used, or whom it is for. */
  isForeseen(call: CallRecord): boolean {
    if (this.isAskedFor(call)) return true;
    return (isAnonymousLayer(call) || isPart(call)) && this.#ownServices.get(call.service) === true;
  }

  /** Whether it is a gateway's: the service that asks it knows whom the call is for, and tells it, or seems to. */
  isAskedFor(call: CallRecord): boolean {
    return isRelayed(call) || this.#relays.isForeseen(call);
  }

  /** Rows of the requests of a run that costspan tells as a whole, as far as nothing stands for them yet. */
  partsOf({ call, answer }: Report): number[] {
    if (!isOwn(call) || answer === undefined || call.responseId?.startsWith(SESSION) !== true) return [];
    const parts: number[] = [];
    const list = this.#byAnswer.findOfOthers(answer, INSTRUMENTATION_SCOPE);
    if (list === NONE) return parts;
    for (let entry = this.#byAnswer.firstOf(list); entry !== NONE; entry = this.#byAnswer.nextOf(entry)) {
      const row = this.#byAnswer.sightingOf(entry);
      if (this.#isTwin(row, call)) parts.push(row);
    }
    return parts;
  }

  /**
   * The row of the report of the call by another emitter, which no other one of this emitter stands for from now on; of
   * those that are told apart by their times alone one within `reachMs`. {@link NONE} when there is none.
   */
  claim(report: Report, reachMs: number): number {
    const { call, answer } = report;
    const { emitter } = call;
    if (emitter === undefined) return NONE;
    let twin = answer === undefined ? NONE : this.#findExact(this.#byAnswer, answer, call);
    if (twin === NONE && this.#hasLayer(emitter)) twin = this.#findByUsage(report, reachMs);
    if (twin !== NONE) this.sightings.claim(twin, emitter);
    return twin;
  }

  /** Whether this report or one that is remembered is of a layer: of two others none tells the same but by its answer. */
  #hasLayer(emitter: string): boolean {
    return this.sightings.layers > 0 || isLayer(emitter);
  }

  #findByUsage(report: Report, reachMs: number): number {
    this.#listAll();
    const { call } = report;
    const { usage, layer } = keysOf(report);
    const twin = this.#findExact(this.#byUsage, usage, call);
    return twin === NONE && layer !== undefined ? this.#findLayered(layer, call, reachMs) : twin;
  }

  #listAll(): void {
    if (this.#unlisted.size > 0) this.#unlisted.takeAll((row, keys) => this.#listUsage(row, keys));
  }

  #listUsage(row: number, { usage, layer }: UsageKeys): void {
    this.#byUsage.push(usage, row);
    if (layer !== undefined) this.#layered.push(layer, row);
  }

  /** Costspan's reports that the call is one with, of the service that has asked its own or of the gateway that it asked. */
  pair({ call, answer }: Report, searches: Searches): Pair | undefined {
    if (!isOwn(call) || !this.#relays.mayPair(call)) return undefined;
    return this.#relays.claim(call, answer, (row) => searches.isWaiting(this.sightings.refOf(row)));
  }

  /**
   * Costspan's report of the very same answer by another service, in a trace of its own, while the times overlap: one of
   * the two is a gateway before the other, and that it is one call nobody has said. `undefined` where there is none, and
   * where so many have this id that it says nothing. What waits is not counted yet.
   */
  suspect({ call, answer }: Report, searches: Searches): Suspicion | undefined {
    const { service, responseId, traceId, endMs } = call;
    if (answer === undefined || responseId === undefined || !isOwn(call)) return undefined;
    const list = this.#byAnswer.find(answer);
    if (list === NONE || this.#byAnswer.sizeOf(list) > MAX_ALIKE) return undefined;
    const { sightings } = this;
    const startMs = startOf(call);
    for (let entry = this.#byAnswer.firstOf(list); entry !== NONE; entry = this.#byAnswer.nextOf(entry)) {
      const row = this.#byAnswer.sightingOf(entry);
      const [seenEndMs, other] = [sightings.endMsOf(row), sightings.serviceOf(row)];
      const isOther = other !== undefined && other !== service && !sightings.isOfTrace(row, traceId);
      if (!isOther || sightings.isPaired(row) || !isOwn({ emitter: sightings.emitterOf(row) })) continue;
      if (startMs > seenEndMs || sightings.startMsOf(row) > endMs) continue;
      if (searches.isWaiting(sightings.refOf(row))) continue;
      // Who asks without an SDK is seen late to begin, but nobody has the answer before the one who was asked.
      return endMs >= seenEndMs ? { service, gateway: other } : { service: other, gateway: service };
    }
    return undefined;
  }

  /** Remembers a call that counts, instead of what others have told of it, or one with what another service has told. */
  note(report: Report, insteadOf: readonly CallRecord[], pair: Pair | undefined): void {
    const { call, answer } = report;
    const { traceId, spanId, emitter, endMs, responseId, service } = call;
    if (emitter === undefined) return;
    if (this.#restored.size > 0) this.#restored.clear();
    const claimedBy = insteadOf.length === 0 ? NOBODY : insteadOf.flatMap((told) => told.emitter ?? []);
    const [startMs, weight] = [startOf(call), weightOf(call)];
    const row = this.sightings.add({
      traceId,
      spanId,
      service,
      emitter,
      startMs,
      endMs,
      weight,
      responseId,
      claimedBy,
    });
    if (isOwn(call)) this.#relays.note(row, call, pair);
    if (answer !== undefined) this.#byAnswer.push(answer, row);
    if (this.#hasLayer(emitter)) {
      this.#listAll();
      this.#listUsage(row, keysOf(report));
    } else this.#unlisted.add(row, readUsage(call));
    if (isOwn(call) && this.#ownServices.get(service) === undefined) this.#ownServices.set(service, true);
  }

  #findExact(lists: AlikeLists, key: AlikeKey, call: CallRecord): number {
    const list = lists.findOfOthers(key, call.emitter ?? '');
    if (list === NONE) return NONE;
    for (let entry = lists.firstOf(list); entry !== NONE; entry = lists.nextOf(entry)) {
      const row = lists.sightingOf(entry);
      if (this.#isTwin(row, call)) return row;
    }
    return NONE;
  }

  /** Of several that it may be, the one whose times are nearest: calls of one model run side by side. */
  #findLayered(key: AlikeKey, call: CallRecord, reachMs: number): number {
    const list = this.#layered.findOfOthers(key, call.emitter ?? '');
    if (list === NONE) return NONE;
    const { sightings } = this;
    const startMs = startOf(call);
    let nearest = NONE;
    let least = reachMs;
    for (let entry = this.#layered.firstOf(list); entry !== NONE; entry = this.#layered.nextOf(entry)) {
      const row = this.#layered.sightingOf(entry);
      const emitter = sightings.emitterOf(row);
      if (isOwn({ emitter }) === isOwn(call) || !this.#isTwin(row, call)) continue;
      const distance =
        Math.abs(sightings.startMsOf(row) - startMs) + Math.abs(sightings.endMsOf(row) - call.endMs);
      if (distance > least) continue;
      nearest = row;
      least = distance;
    }
    return nearest;
  }

  #isTwin(row: number, call: CallRecord): boolean {
    const { sightings } = this;
    const { emitter = '', responseId, endMs } = call;
    const seenEmitter = sightings.emitterOf(row);
    if (seenEmitter === emitter) return false;
    if (!isPart(call) && sightings.isClaimedBy(row, emitter)) return false;
    if (sightings.weightOf(row) < weightOf(call)) return false;
    const startMs = startOf(call);
    const [seenStartMs, seenEndMs] = [sightings.startMsOf(row), sightings.endMsOf(row)];
    if (startMs === seenStartMs && endMs === seenEndMs) return false;
    const seenResponseId = sightings.responseIdOf(row);
    if (responseId !== undefined && seenResponseId !== undefined)
      return responseId === seenResponseId && startMs <= seenEndMs && seenStartMs <= endMs;
    if (!isLayer(emitter) && !isLayer(seenEmitter)) return false;
    const isInside = startMs >= seenStartMs - SLACK_MS && endMs <= seenEndMs + SLACK_MS;
    const isAround = startMs <= seenStartMs + SLACK_MS && endMs >= seenEndMs - SLACK_MS;
    return isInside || isAround;
  }

  /** Oldest first, as plain data, as it is now, whatever is noted while it is taken. */
  readState(): IterableIterator<[key: string, alike: Sighting[]]> {
    this.#listAll();
    const lists = [this.#byAnswer.readState(), this.#byUsage.readState(), this.#layered.readState()];
    return readAlike(lists, this.sightings.copy());
  }

  restore(alike: readonly (readonly [string, readonly Sighting[]])[]): void {
    for (const [text, sightings] of alike) {
      const key = parseKey(text);
      const lists = this.#listsOf(key);
      for (const sighting of sightings) lists.push(key, this.#restoreOne(sighting));
      if (key.kind === 'layer' && sightings.some(isOwn)) this.#ownServices.set(key.name, true);
    }
  }

  #listsOf({ kind }: AlikeKey): AlikeLists {
    if (kind === 'layer') return this.#layered;
    return kind === 'usage' ? this.#byUsage : this.#byAnswer;
  }

  /** The same row under each of its keys, as it was. */
  #restoreOne({ id, ...sighting }: Sighting): number {
    const [traceId, spanId] = [id.slice(0, TRACE_ID.chars), id.slice(TRACE_ID.chars)];
    const known = this.#restored.get(id);
    if (known !== undefined && this.sightings.has(known, { traceId, spanId })) return known;
    const row = this.sightings.add({
      ...sighting,
      traceId,
      spanId,
      service: undefined,
      responseId: sighting.responseId,
    });
    if (sighting.relay !== undefined) this.#relays.restore(row, sighting.relay);
    this.#restored.set(id, row);
    return row;
  }
}

function* readAlike(
  lists: readonly Iterable<[key: string, rows: number[]]>[],
  sightings: SightingTable,
): IterableIterator<[key: string, alike: Sighting[]]> {
  for (const list of lists)
    for (const [key, rows] of list) yield [key, rows.map((row) => sightings.read(row))];
}

/** Who asks, and who most likely is asked and asks in turn. */
export interface Suspicion {
  readonly service: string;
  readonly gateway: string;
}

const NOBODY: readonly string[] = [];
