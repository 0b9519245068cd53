import { INSTRUMENTATION_SCOPE, LAYERED_EMITTERS, RUN_EMITTERS } from '@costspan/semconv';
import { weightOf } from '../read/weight.js';
import { type CallRecord, isRelayed, SESSION } from '../records.js';
import { BoundedMap } from '../rows/bounded-map.js';
import { NONE } from '../rows/columns.js';
import { TRACE_ID } from '../rows/ids.js';
import type { Sighting } from '../state.js';
import { AlikeKey, AlikeLists, parseKey } from './alike-lists.js';
import { familyOf } from './families.js';
import { type Pair, Relays } from './relays.js';
import type { Searches } from './searches.js';
import { SightingTable, startOf } from './sightings.js';

/** Answers and usages that are remembered; the oldest go first. Two reports of one call come shortly after another. */
const MAX_SIGHTINGS = 20_000;
/** Calls with the same usage that are remembered at a time. */
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
 * or below others, by model and usage in the same service while the one span lasted inside the other; where such a
 * layer counts tokens of its own, by the model alone, if the other one is costspan's own. Spans of the very same times
 * are none: two layers read the clock twice. Each report of one emitter stands for at most one of another, so calls
 * that happen to use as much as others all count. Only costspan's own report of a run stands for each request of it.
 */
export class Twins {
  /** Counted calls; of them, those in the lists. */
  readonly sightings = new SightingTable();
  readonly #byKey = new AlikeLists(this.sightings, {
    keys: MAX_SIGHTINGS,
    callsOfAKey: { answer: MAX_OF_AN_ANSWER, usage: MAX_ALIKE, layer: 0 },
    calls: MAX_SIGHTINGS * MAX_ALIKE,
  });
  /** What a gateway and the service that asks it have both told. */
  readonly #relays = new Relays(this.sightings, this.#byKey);
  /** What a layer may tell with tokens of its own, by service and model. */
  readonly #layered = new AlikeLists(this.sightings, {
    keys: MAX_LAYERED_SIGHTINGS,
    callsOfAKey: { answer: 0, usage: 0, layer: MAX_LAYERED },
    calls: MAX_LAYERED_SIGHTINGS,
  });
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
  partsOf({ call, exact: [answer] }: Report): number[] {
    if (!isOwn(call) || answer === undefined || call.responseId?.startsWith(SESSION) !== true) return [];
    const parts: number[] = [];
    const list = this.#byKey.findOfOthers(answer, INSTRUMENTATION_SCOPE);
    if (list === NONE) return parts;
    for (let entry = this.#byKey.firstOf(list); entry !== NONE; entry = this.#byKey.nextOf(entry)) {
      const row = this.#byKey.sightingOf(entry);
      if (this.#isTwin(row, call)) parts.push(row);
    }
    return parts;
  }

  /**
   * The row of the report of the call by another emitter, which no other one of this emitter stands for from now on; of
   * those that are told apart by their times alone one within `reachMs`. {@link NONE} when there is none.
   */
  claim({ call, exact, layer }: Report, reachMs: number): number {
    const { emitter } = call;
    if (emitter === undefined) return NONE;
    let twin = NONE;
    for (const key of exact) if (twin === NONE) twin = this.#findExact(key, call);
    if (twin === NONE && layer !== undefined) twin = this.#findLayered(layer, call, reachMs);
    if (twin !== NONE) this.sightings.claim(twin, emitter);
    return twin;
  }

  /** Costspan's reports that the call is one with, of the service that has asked its own or of the gateway that it asked. */
  pair({ call, exact: [answer] }: Report): Pair | undefined {
    const isKnown = answer !== undefined && call.responseId !== undefined && isOwn(call);
    return isKnown ? this.#relays.claim(call, answer) : undefined;
  }

  /**
   * Costspan's report of the very same answer by another service, in a trace of its own, while the times overlap: one of
   * the two is a gateway before the other, and that it is one call nobody has said. `undefined` where there is none, and
   * where so many have this id that it says nothing. What waits is not counted yet.
   */
  suspect({ call, exact: [answer] }: Report, searches: Searches): Suspicion | undefined {
    const { service, responseId, traceId, endMs } = call;
    if (answer === undefined || responseId === undefined || !isOwn(call)) return undefined;
    const list = this.#byKey.find(answer);
    if (list === NONE || this.#byKey.sizeOf(list) > MAX_ALIKE) return undefined;
    const { sightings } = this;
    const startMs = startOf(call);
    for (let entry = this.#byKey.firstOf(list); entry !== NONE; entry = this.#byKey.nextOf(entry)) {
      const row = this.#byKey.sightingOf(entry);
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
  note({ call, exact, layer }: Report, insteadOf: readonly CallRecord[], pair: Pair | undefined): void {
    const { traceId, spanId, emitter, endMs, responseId, service } = call;
    if (emitter === undefined || (exact.length === 0 && layer === undefined)) return;
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
    for (const key of exact) this.#byKey.push(key, row);
    if (layer !== undefined) this.#layered.push(layer, row);
    if (isOwn(call) && this.#ownServices.get(service) === undefined) this.#ownServices.set(service, true);
  }

  #findExact(key: AlikeKey, call: CallRecord): number {
    const list = this.#byKey.findOfOthers(key, call.emitter ?? '');
    if (list === NONE) return NONE;
    for (let entry = this.#byKey.firstOf(list); entry !== NONE; entry = this.#byKey.nextOf(entry)) {
      const row = this.#byKey.sightingOf(entry);
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
    const lists = [this.#byKey.readState(), this.#layered.readState()];
    return readAlike(lists, this.sightings.copy());
  }

  restore(alike: readonly (readonly [string, readonly Sighting[]])[]): void {
    for (const [text, sightings] of alike) {
      const key = parseKey(text);
      const lists = key.kind === 'layer' ? this.#layered : this.#byKey;
      for (const sighting of sightings) lists.push(key, this.#restoreOne(sighting));
      if (key.kind === 'layer' && sightings.some(isOwn)) this.#ownServices.set(key.name, true);
    }
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

/** A call and what it may be recognised by. */
export interface Report {
  readonly call: CallRecord;
  /** Keys that it shares with the same call of another emitter. */
  readonly exact: readonly AlikeKey[];
  /** Some count tokens of their own. Only what costspan itself has seen is sure enough to stand for such a report. */
  readonly layer: AlikeKey | undefined;
}

/** The keys of the report at hand, and which of the exact ones it has: three objects for each call would be garbage. */
const ANSWER = new AlikeKey('answer');
const USAGE = new AlikeKey('usage');
const LAYER = new AlikeKey('layer');
const EXACT = { none: [], answer: [ANSWER], usage: [USAGE], both: [ANSWER, USAGE] } as const;

/** What it returns holds until the next report is read. */
export function readReport(call: CallRecord): Report {
  const { responseId, tokens, service } = call;
  const family = familyOf(call);
  if (responseId !== undefined) ANSWER.set(responseId);
  if (tokens !== undefined) {
    const input = tokens.input + tokens.cacheRead + tokens.cacheWrite;
    const output = tokens.output + tokens.reasoning;
    USAGE.set(service, family, { input, output });
  }
  const withAnswer = tokens === undefined ? EXACT.answer : EXACT.both;
  const withoutAnswer = tokens === undefined ? EXACT.none : EXACT.usage;
  const mayBeLayered = isOwn(call) || isAnonymousLayer(call);
  return {
    call,
    exact: responseId === undefined ? withoutAnswer : withAnswer,
    layer: mayBeLayered ? LAYER.set(service, family) : undefined,
  };
}

const NOBODY: readonly string[] = [];

/** Whether costspan itself has told it. */
export const isOwn = ({ emitter }: Pick<CallRecord, 'emitter'>): boolean => emitter === INSTRUMENTATION_SCOPE;

/** Whether it is one request of many that make up what costspan tells. */
const isPart = ({ emitter = '' }: Pick<CallRecord, 'emitter'>): boolean => RUN_EMITTERS.test(emitter);

const isLayer = (emitter: string): boolean => LAYERED_EMITTERS.test(emitter);
const isAnonymousLayer = ({
  emitter = '',
  responseId,
}: Pick<CallRecord, 'emitter' | 'responseId'>): boolean => responseId === undefined && isLayer(emitter);
