/**
 * Reading foreign JSON: every reader answers for any value whatever, so that a provider never asks first whether a
 * body, a list or a number is there. Wrong types read as absent.
 */

/** A JSON object whose fields nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

const NO_FIELDS: Fields = Object.freeze({});
const NO_ITEMS: readonly unknown[] = Object.freeze([]);

/** The fields of an object; no fields for anything else, arrays included. */
export function readFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NO_FIELDS;
}

/** The items of an array; none for anything else. */
export function readItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** A string that is not empty. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A finite number. */
export function readNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A whole number, as span attributes of type int want it. */
export function readInteger(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** A count: whole and not negative. */
export function readCount(value: unknown): number | undefined {
  const count = readInteger(value);
  return count !== undefined && count >= 0 ? count : undefined;
}

/** The strings among the items; `undefined` when there are none. */
export function readTexts(value: unknown): string[] | undefined {
  const texts = readItems(value).filter((item): item is string => typeof item === 'string');
  return texts.length > 0 ? texts : undefined;
}

/** Sum of the counts that are there; `undefined` when none is, because unknown is not 0. */
export function sumCounts(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length > 0 ? known.reduce((sum, count) => sum + count, 0) : undefined;
}

/** The same fields, each perhaps `undefined`. */
export type WithUndefined<T> = { [K in keyof T]: T[K] | undefined };

/** The same object without the fields that are `undefined`. */
export function omitUndefined<T extends object>(fields: WithUndefined<T>): T {
  const kept: Partial<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept as T;
}

/**
 * The same object, its `undefined` fields counted as absent. For objects that are read and never spread into another
 * one, where a copy without those fields would be work for nothing on every call.
 */
export const asOptional = <T extends object>(fields: WithUndefined<T>): T => fields as T;

/** {@link omitUndefined}, or `undefined` when nothing is left. */
export function omitEmpty<T extends object>(fields: WithUndefined<T>): T | undefined {
  for (const key in fields) {
    if (fields[key] !== undefined) return omitUndefined<T>(fields);
  }
  return undefined;
}
