/** Attributes under the names of the conventions, on their way there. */
export type Translation = Record<string, unknown>;

/** A count; undefined when it is none. */
export const readCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** Longest JSON inside an attribute that is read, characters. */
const MAX_JSON_CHARS = 65_536;

/** JSON that stands in an attribute; undefined when it is none. */
export function readJson(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > MAX_JSON_CHARS) return undefined;
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
