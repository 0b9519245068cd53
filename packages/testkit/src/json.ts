/** Any JSON object, read with care: nothing about its fields is known. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a value is a JSON object (not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object itself, or an empty one where the value is anything else. */
export function readObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The array itself, or an empty one. */
export function readArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string itself, or `undefined`. */
export function readString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The finite number itself, or `undefined`. */
export function readNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Parses text to a JSON object; anything else becomes an empty object. */
export function parseObject(text: string): JsonObject {
  try {
    return readObject(JSON.parse(text));
  } catch {
    return {};
  }
}

/** A copy without the fields that are `undefined`, because the wire knows `null` and absence but not `undefined`. */
export function withoutUndefined(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
