import { INSTRUMENTATION_SCOPE, LAYERED_EMITTERS } from '@costspan/semconv';
import { BoundedMap } from './bounded-map.js';
import type { CallRecord } from './records.js';
import type { Sighting } from './state.js';
import { weightOf } from './weight.js';

/** Answers and usages that are remembered; the oldest go first. Two reports of one call come shortly after another. */
export const MAX_SIGHTINGS = 20_000;
/** Calls with the same usage that are remembered at a time. */
const MAX_ALIKE = 32;
/** Calls of one service and model that a layer may tell with tokens of its own, and those of all together. */
const MAX_LAYERED = 1024;
const MAX_LAYERED_SIGHTINGS = 20_000;
/** Services that costspan's own calls are known of. */
const MAX_OWN_SERVICES = 1000;
/** Hex digits. */
const TRACE_ID_CHARS = 32;
/** Clocks of two spans of one process are read one after the other. */
const SLACK_MS = 5;

/** Calls that may be the same; nearly always all of them are one emitter's, and then none of its is a twin. */
interface Alike {
  /** Undefined where several have told them. */
  emitter: string | undefined;
  readonly sightings: Sighting[];
}

/**
 * Recognises one call that two emitters have told in spans that do not stand inside one another: by the provider's id
 * of the answer, at times that overlap, or, where one of them knows no id and one of them is known to work on top of
 * or below others, by model and usage in the same service while the one span lasted inside the other; where such a
 * layer counts tokens of its own, by the model alone, if the other one is costspan's own. Spans of the very same times
 * are none: two layers read the clock twice. Each report of one emitter stands for at most one of another, so calls
 * that happen to use as much as others all count.
 */
export class Twins {
  readonly #byKey = new BoundedMap<Alike>(MAX_SIGHTINGS);
  /** What a layer may tell with tokens of its own, by service and model. */
  readonly #layered = new BoundedMap<Alike>(MAX_LAYERED_SIGHTINGS);
  #layeredCount = 0;
  readonly #ownServices = new BoundedMap<true>(MAX_OWN_SERVICES);
  /** While a state comes back. */
  readonly #restored = new Map<string, Sighting>();

  /** Whether costspan's own report of the call is to be expected, which knows better what was used. */
  isForeseen(call: CallRecord): boolean {
    return isAnonymousLayer(call) && this.#ownServices.get(call.service) === true;
  }

  /**
   * The report of the call by another emitter, which no other one of this emitter stands for from now on; of those that
   * are told apart by their times alone one within `reachMs`.
   */
  claim(call: CallRecord, reachMs: number): Sighting | undefined {
    const { emitter } = call;
    if (emitter === undefined) return undefined;
    const twin = this.#findExact(call, emitter) ?? this.#findLayered(call, emitter, reachMs);
    twin?.claimedBy.push(emitter);
    return twin;
  }

  /** Remembers a call that counts, instead of what others have told of it. */
  note(call: CallRecord, insteadOf: readonly CallRecord[]): void {
    const { emitter, endMs, responseId } = call;
    if (emitter === undefined) return;
    if (this.#restored.size > 0) this.#restored.clear();
    const sighting: Sighting = {
      id: call.traceId + call.spanId,
      emitter,
      startMs: startOf(call),
      endMs,
      weight: weightOf(call),
      ...(responseId === undefined ? {} : { responseId }),
      claimedBy: insteadOf.flatMap((told) => told.emitter ?? []),
    };
    for (const key of keysOf(call)) push(this.#byKey, key, sighting, MAX_ALIKE);
    const key = layerKeyOf(call);
    if (key !== undefined) this.#pushLayered(key, sighting);
    if (isOwn(call) && this.#ownServices.get(call.service) === undefined)
      this.#ownServices.set(call.service, true);
  }

  #findExact(call: CallRecord, emitter: string): Sighting | undefined {
    for (const key of keysOf(call)) {
      const alike = this.#byKey.get(key);
      if (alike === undefined || alike.emitter === emitter) continue;
      const twin = alike.sightings.find((sighting) => isTwin(sighting, call));
      if (twin !== undefined) return twin;
    }
    return undefined;
  }

  /** Of several that it may be, the one whose times are nearest: calls of one model run side by side. */
  #findLayered(call: CallRecord, emitter: string, reachMs: number): Sighting | undefined {
    const key = layerKeyOf(call);
    const alike = key === undefined ? undefined : this.#layered.get(key);
    if (alike === undefined || alike.emitter === emitter) return undefined;
    let nearest: Sighting | undefined;
    let least = reachMs;
    for (const sighting of alike.sightings) {
      if (isOwn(sighting) === isOwn(call) || !isTwin(sighting, call)) continue;
      const distance = Math.abs(sighting.startMs - startOf(call)) + Math.abs(sighting.endMs - call.endMs);
      if (distance > least) continue;
      nearest = sighting;
      least = distance;
    }
    return nearest;
  }

  #pushLayered(key: string, sighting: Sighting): void {
    this.#layeredCount += push(this.#layered, key, sighting, MAX_LAYERED);
    this.#layered.forgetWhile(({ sightings }) => {
      if (this.#layeredCount <= MAX_LAYERED_SIGHTINGS) return false;
      this.#layeredCount -= sightings.length;
      return true;
    });
  }

  /** Oldest first, as plain data, as it is now. */
  readState(): [key: string, alike: Sighting[]][] {
    const read = ({ sightings }: Alike, key: string): [string, Sighting[]] => [
      key,
      sightings.map(copySighting),
    ];
    return [...this.#byKey.map(read), ...this.#layered.map(read)];
  }

  restore(sightings: readonly (readonly [string, readonly Sighting[]])[]): void {
    for (const [key, alike] of sightings) {
      const own = alike.map((sighting) => this.#restoreOne(sighting));
      if (!key.startsWith(LAYER)) for (const one of own) push(this.#byKey, key, one, MAX_ALIKE);
      else for (const one of own) this.#pushLayered(key, one);
      const service = key.startsWith(LAYER) && own.some(isOwn) ? key.split('\u0000')[1] : undefined;
      if (service !== undefined) this.#ownServices.set(service, true);
    }
  }

  /** The same object under each of its keys, as it was. */
  #restoreOne(sighting: Sighting): Sighting {
    const known = this.#restored.get(sighting.id);
    if (known !== undefined) return known;
    const own = { ...sighting, claimedBy: [...sighting.claimedBy] };
    this.#restored.set(sighting.id, own);
    return own;
  }
}

/** Adds a sighting under a key; returns by how many there are more. */
function push(map: BoundedMap<Alike>, key: string, sighting: Sighting, limit: number): 0 | 1 {
  const { emitter } = sighting;
  const alike = map.get(key) ?? { emitter, sightings: [] };
  if (alike.emitter !== emitter) alike.emitter = undefined;
  const isFull = alike.sightings.length >= limit;
  if (isFull) alike.sightings.shift();
  alike.sightings.push(sighting);
  map.set(key, alike);
  return isFull ? 0 : 1;
}

/** Only what others claim of it is ever changed. */
const copySighting = (sighting: Sighting): Sighting => ({
  ...sighting,
  claimedBy: [...sighting.claimedBy],
});

const startOf = ({ endMs, durationSeconds }: CallRecord): number => endMs - durationSeconds * 1000;

function keysOf(call: CallRecord): string[] {
  const { responseId, tokens, service } = call;
  const keys: string[] = [];
  if (responseId !== undefined) keys.push(`answer\u0000${responseId}`);
  if (tokens !== undefined) {
    const input = tokens.input + tokens.cacheRead + tokens.cacheWrite;
    const output = tokens.output + tokens.reasoning;
    keys.push(`usage\u0000${service}\u0000${familyOf(call)}\u0000${input}\u0000${output}`);
  }
  return keys;
}

const LAYER = 'layer\u0000';

/** Some count tokens of their own. Only what costspan itself has seen is sure enough to stand for such a report. */
const layerKeyOf = (call: CallRecord): string | undefined =>
  isOwn(call) || isAnonymousLayer(call) ? `${LAYER}${call.service}\u0000${familyOf(call)}` : undefined;

const familyOf = ({ model }: CallRecord): string => model.replace(RELEASE_DATE, '');

/** Who asks for `gpt-4o-mini` is answered by `gpt-4o-mini-2024-07-18`, and some layers know only what was asked for. */
const RELEASE_DATE = /[-@]20\d\d-?\d\d-?\d\d$/;

/** The span that told it. */
export const readSpan = ({ id }: Sighting): { traceId: string; spanId: string } => ({
  traceId: id.slice(0, TRACE_ID_CHARS),
  spanId: id.slice(TRACE_ID_CHARS),
});

/** Whether costspan itself has told it. */
export const isOwn = ({ emitter }: Pick<CallRecord, 'emitter'>): boolean => emitter === INSTRUMENTATION_SCOPE;
const isAnonymousLayer = ({
  emitter = '',
  responseId,
}: Pick<CallRecord, 'emitter' | 'responseId'>): boolean =>
  responseId === undefined && LAYERED_EMITTERS.test(emitter);

function isTwin(sighting: Sighting, call: CallRecord): boolean {
  const { emitter = '', responseId } = call;
  if (sighting.emitter === emitter || sighting.claimedBy.includes(emitter)) return false;
  if (sighting.weight < weightOf(call)) return false;
  const startMs = startOf(call);
  if (startMs === sighting.startMs && call.endMs === sighting.endMs) return false;
  if (responseId !== undefined && sighting.responseId !== undefined)
    return responseId === sighting.responseId && startMs <= sighting.endMs && sighting.startMs <= call.endMs;
  if (!LAYERED_EMITTERS.test(emitter) && !LAYERED_EMITTERS.test(sighting.emitter)) return false;
  const isInside = startMs >= sighting.startMs - SLACK_MS && call.endMs <= sighting.endMs + SLACK_MS;
  const isAround = startMs <= sighting.startMs + SLACK_MS && call.endMs >= sighting.endMs - SLACK_MS;
  return isInside || isAround;
}
