import { INSTRUMENTATION_SCOPE, LAYERED_EMITTERS } from '@costspan/semconv';
import { BoundedMap } from './bounded-map.js';
import type { CallRecord } from './records.js';
import type { Sighting } from './state.js';
import { weightOf } from './weight.js';

/** Answers and usages that are remembered; the oldest go first. Two reports of one call come shortly after another. */
export const MAX_SIGHTINGS = 20_000;
/** Calls with the same usage that are remembered at a time. */
const MAX_ALIKE = 32;
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
 * layer counts tokens of its own, by the model alone, if the other one is costspan's own. Spans of the very same times are none: two layers read the clock twice. Each report of one emitter stands for at most one of
 * another, so calls that happen to use as much as others all count.
 */
export class Twins {
  readonly #byKey = new BoundedMap<Alike>(MAX_SIGHTINGS);
  /** While a state comes back. */
  readonly #restored = new Map<string, Sighting>();

  /** Whether another emitter has told the call before; if not, it counts and is remembered. */
  claim(call: CallRecord): boolean {
    const { emitter } = call;
    if (emitter === undefined) return false;
    const keys = keysOf(call);
    for (const key of keys) {
      const alike = this.#byKey.get(key);
      if (alike === undefined || alike.emitter === emitter) continue;
      const mayBe = key.startsWith(LAYER)
        ? (sighting: Sighting) => isOwn(sighting) !== isOwn(call)
        : () => true;
      const twin = alike.sightings.find((sighting) => mayBe(sighting) && isTwin(sighting, call));
      if (twin === undefined) continue;
      twin.claimedBy.push(emitter);
      return true;
    }
    this.#note(call, emitter, keys);
    return false;
  }

  #note(call: CallRecord, emitter: string, keys: readonly string[]): void {
    const { endMs, responseId } = call;
    if (this.#restored.size > 0) this.#restored.clear();
    const sighting: Sighting = {
      id: call.traceId + call.spanId,
      emitter,
      startMs: startOf(call),
      endMs,
      weight: weightOf(call),
      ...(responseId === undefined ? {} : { responseId }),
      claimedBy: [],
    };
    for (const key of keys) {
      const alike = this.#byKey.get(key) ?? { emitter, sightings: [] };
      if (alike.emitter !== emitter) alike.emitter = undefined;
      if (alike.sightings.length >= MAX_ALIKE) alike.sightings.shift();
      alike.sightings.push(sighting);
      this.#byKey.set(key, alike);
    }
  }

  /** Oldest first, as plain data, as it is now. */
  readState(): [key: string, alike: Sighting[]][] {
    return this.#byKey.map(({ sightings }, key) => [key, sightings.map(copySighting)]);
  }

  restore(sightings: readonly (readonly [string, readonly Sighting[]])[]): void {
    for (const [key, alike] of sightings) {
      const own = alike.map((sighting) => this.#restoreOne(sighting));
      const first = own[0]?.emitter;
      const emitter = own.every((sighting) => sighting.emitter === first) ? first : undefined;
      this.#byKey.set(key, { emitter, sightings: own });
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

/** Only what others claim of it is ever changed. */
const copySighting = (sighting: Sighting): Sighting => ({
  ...sighting,
  claimedBy: [...sighting.claimedBy],
});

const startOf = ({ endMs, durationSeconds }: CallRecord): number => endMs - durationSeconds * 1000;

function keysOf(call: CallRecord): string[] {
  const { responseId, tokens, service, model } = call;
  const keys: string[] = [];
  if (responseId !== undefined) keys.push(`answer\u0000${responseId}`);
  const family = model.replace(RELEASE_DATE, '');
  if (tokens !== undefined) {
    const input = tokens.input + tokens.cacheRead + tokens.cacheWrite;
    const output = tokens.output + tokens.reasoning;
    keys.push(`usage\u0000${service}\u0000${family}\u0000${input}\u0000${output}`);
  }
  // Some count tokens of their own. Only what costspan itself has seen is sure enough to stand for such a report.
  if (isOwn(call) || isAnonymousLayer(call)) keys.push(`${LAYER}${service}\u0000${family}`);
  return keys;
}

const LAYER = 'layer\u0000';

/** Who asks for `gpt-4o-mini` is answered by `gpt-4o-mini-2024-07-18`, and some layers know only what was asked for. */
const RELEASE_DATE = /[-@]20\d\d-?\d\d-?\d\d$/;

const isOwn = ({ emitter }: Pick<CallRecord, 'emitter'>): boolean => emitter === INSTRUMENTATION_SCOPE;
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
