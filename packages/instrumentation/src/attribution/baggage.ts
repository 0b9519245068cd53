import { MAX_IMPORTED_CHARS } from '@costspan/api';
import { ATTR, BAGGAGE_KEYS } from '@costspan/semconv';
import type { Baggage, Context } from '@opentelemetry/api';
import type { OtelApi } from './otel.js';
import { readScopeValue } from './scope-value.js';

/** One of the few keys that travel. */
export type BaggageKey = (typeof BAGGAGE_KEYS)[number];
/** What of a scope travels to the application's other processes. */
export type BaggageValues = Partial<Record<BaggageKey, string | undefined>>;

/** Reads the allowed keys; values are bounded, since baggage comes from outside. */
export function readBaggage(api: OtelApi, context: Context): BaggageValues {
  const baggage = api.propagation.getBaggage(context);
  const values: BaggageValues = {};
  if (baggage === undefined) return values;
  for (const key of BAGGAGE_KEYS) {
    const value = readScopeValue(baggage.getEntry(key)?.value);
    if (value !== undefined) values[key] = value;
  }
  return values;
}

/** The context with these values in its baggage, beside what the application has put there. */
export function withBaggage(api: OtelApi, context: Context, values: BaggageValues): Context {
  let baggage: Baggage = api.propagation.getBaggage(context) ?? api.propagation.createBaggage();
  // An outer task's name must not stay behind beside an inner task's id.
  if (values[ATTR.TASK_ID] !== undefined) baggage = baggage.removeEntry(ATTR.TASK_NAME);
  for (const key of BAGGAGE_KEYS) {
    const value = values[key];
    if (value !== undefined) baggage = baggage.setEntry(key, { value });
  }
  return api.propagation.setBaggage(context, baggage);
}

/** The context without any of our keys: for requests to model providers, which nothing of it may reach. */
export function withoutCostspanBaggage(api: OtelApi, context: Context): Context {
  const baggage = api.propagation.getBaggage(context);
  if (baggage === undefined) return context;
  const ours = BAGGAGE_KEYS.filter((key) => baggage.getEntry(key) !== undefined);
  if (ours.length === 0) return context;
  return api.propagation.setBaggage(context, baggage.removeEntries(...ours));
}

/** In the order in which they are worth their room. */
const TEXT_KEYS: readonly BaggageKey[] = [
  ATTR.TASK_ID,
  ATTR.TASK_NAME,
  ...BAGGAGE_KEYS.filter((key) => key !== ATTR.TASK_ID && key !== ATTR.TASK_NAME),
];

/** The values as text of a `baggage` header; what would not fit its limit is left out. `undefined` for none. */
export function renderBaggage(values: BaggageValues): string | undefined {
  let text = '';
  for (const key of TEXT_KEYS) {
    const value = values[key];
    if (value === undefined) continue;
    // A value cut in the middle of a character has half of it at its end, which has no UTF-8.
    const whole = value.replace(/\p{Surrogate}/gu, '\ufffd');
    const entry = `${text === '' ? '' : ','}${key}=${encodeURIComponent(whole)}`;
    if (text.length + entry.length <= MAX_IMPORTED_CHARS) text += entry;
  }
  return text === '' ? undefined : text;
}

/** The allowed keys of the text of a `baggage` header; everything else in it, and what cannot be read, is skipped. */
export function parseBaggage(text: unknown): BaggageValues {
  const values: BaggageValues = {};
  if (typeof text !== 'string') return values;
  const entries = text.slice(0, MAX_IMPORTED_CHARS).split(',');
  // Half an id would be another task.
  if (text.length > MAX_IMPORTED_CHARS) entries.pop();
  for (const entry of entries) {
    const [pair = ''] = entry.split(';');
    const at = pair.indexOf('=');
    const key = BAGGAGE_KEYS.find((known) => known === pair.slice(0, at).trim());
    const value = key === undefined ? undefined : readScopeValue(decodeValue(pair.slice(at + 1).trim()));
    if (key !== undefined && value !== undefined) values[key] = value;
  }
  return values;
}

/** The text of a `baggage` header without any of our keys, the rest of it as it was. */
export function removeFromBaggage(text: string): string {
  const entries = text.split(',');
  const others = entries.filter((entry) => !isOurs(entry));
  return others.length === entries.length ? text : others.join(',');
}

const isOurs = (entry: string): boolean => {
  const [key = ''] = entry.split(/[=;]/, 1);
  return BAGGAGE_KEYS.some((known) => known === key.trim());
};

function decodeValue(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
