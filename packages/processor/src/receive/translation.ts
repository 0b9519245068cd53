/** Attributes under the names of the conventions, on their way there. */
export type Translation = Record<string, unknown>;

/** A count; undefined when it is none. Some emitters, all of Micrometer's, write numbers as text. */
export function readCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined;
}

/** Longest JSON inside an attribute that is read, characters. */
const MAX_JSON_CHARS = 65_536;

/** JSON that stands in an attribute; undefined when it is none, or longer than what is read of its kind. */
export function readJson(value: unknown, maxChars = MAX_JSON_CHARS): unknown {
  if (typeof value !== 'string' || value.length > maxChars) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** An object in an object; undefined when there is none. */
export function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
