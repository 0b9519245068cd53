import { ATTR, BAGGAGE_KEYS } from '@costspan/semconv';
import type { Baggage, Context } from '@opentelemetry/api';
import type { OtelApi } from './otel.js';
import { readScopeValue } from './scope.js';

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
  const ours = BAGGAGE_KEYS.filter((key) => baggage?.getEntry(key) !== undefined);
  if (baggage === undefined || ours.length === 0) return context;
  return api.propagation.setBaggage(context, baggage.removeEntries(...ours));
}
