import type { ScopeAttributes } from '@costspan/api';
import { ATTR } from '@costspan/semconv';

/** Attribute name of each scope attribute, on spans and in baggage. */
export const SCOPE_ATTRIBUTE_NAMES = {
  feature: ATTR.FEATURE,
  userTier: ATTR.USER_TIER,
  tenant: ATTR.TENANT,
  userId: ATTR.USER_ID,
  sessionId: ATTR.SESSION_ID,
} as const satisfies Record<keyof ScopeAttributes, string>;
/** The keys of {@link ScopeAttributes}, typed as such. */
export const SCOPE_KEYS = Object.keys(SCOPE_ATTRIBUTE_NAMES) as (keyof ScopeAttributes)[];

/** Characters of one scope value, from the application or from baggage; what is longer is cut. */
export const MAX_SCOPE_VALUE_CHARS = 256;

/** A value as a scope holds it; `undefined` for what is no text, number or is empty. JavaScript callers pass anything. */
export function readScopeValue(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > MAX_SCOPE_VALUE_CHARS ? value.slice(0, MAX_SCOPE_VALUE_CHARS) : value;
}

/** The attributes that are there, cleaned. */
export function readScopeAttributes(attributes: ScopeAttributes): ScopeAttributes {
  const clean: { -readonly [K in keyof ScopeAttributes]: ScopeAttributes[K] } = {};
  for (const key of SCOPE_KEYS) {
    const value = readScopeValue(attributes[key]);
    if (value !== undefined) clean[key] = value;
  }
  return clean;
}
