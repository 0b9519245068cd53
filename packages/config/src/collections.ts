import { findClosest } from './closest.js';
import { type JsonSchema, type Place, report, reportType, type Shape } from './shape.js';
import type { TreeEntry } from './tree.js';

/** A key of an object: what its value is, what it means, and what holds when it is absent. */
export interface Field<T, Absent> {
  readonly shape: Shape<T>;
  readonly description: string;
  readonly isRequired: boolean;
  readonly absent: Absent;
}

/** A key that must be there. */
export const required = <T>(shape: Shape<T>, description: string): Field<T, T> => ({
  shape,
  description,
  isRequired: true,
  // Never read: without the key there is no object.
  absent: undefined as T,
});
/** A key that may be absent and then stays absent. */
export const optional = <T>(shape: Shape<T>, description: string): Field<T, undefined> => ({
  shape,
  description,
  isRequired: false,
  absent: undefined,
});
/** A key with a value for when it is absent. */
export const withDefault = <T>(shape: Shape<T>, absent: T, description: string): Field<T, T> => ({
  shape,
  description,
  isRequired: false,
  absent,
});

type Fields = Readonly<Record<string, Field<unknown, unknown>>>;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: undefined extends F[K]['absent'] ? K : never;
}[keyof F];
type ValueOf<F> = F extends Field<infer T, unknown> ? T : never;
/** What an object with these fields parses to. */
export type ObjectOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: ValueOf<F[K]> };

/** A map with known keys. An empty value of a key counts as absent: `budgets:` with every entry commented out. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const names = Object.keys(fields);
  const requiredNames = names.filter((name) => fields[name]!.isRequired);
  const example = `{ ${requiredNames.map((name) => `${name}: ${fields[name]!.shape.example}`).join(', ')} }`;
  return {
    schema: objectSchema(fields, requiredNames),
    example: requiredNames.length === 0 ? `{ ${names[0]}: ${fields[names[0]!]!.shape.example} }` : example,
    parse(place) {
      if (place.tree.kind !== 'map') return reportType(place, 'a map', this.example);
      const before = place.problems.length;
      const entries = new Map<string, TreeEntry>();
      for (const entry of place.tree.entries) {
        if (!names.includes(entry.key)) reportUnknownKey(place, entry, names);
        else if (!isEmpty(entry)) entries.set(entry.key, entry);
      }
      const value: Record<string, unknown> = {};
      for (const name of names) {
        const parsed = parseField(place, fields[name]!, { name, entry: entries.get(name) });
        if (parsed !== undefined) value[name] = parsed;
      }
      return place.problems.length > before ? undefined : (value as ObjectOf<F>);
    },
  };
}

function parseField(
  place: Place,
  field: Field<unknown, unknown>,
  { name, entry }: { name: string; entry: TreeEntry | undefined },
): unknown {
  const path = joinPath(place.path, name);
  if (entry !== undefined) return field.shape.parse({ ...place, tree: entry.value, path });
  if (!field.isRequired) return field.absent;
  return report(place, {
    code: 'COSTSPAN_CONFIG_MISSING_KEY',
    message: `${name} is missing`,
    fix: `add for example ${name}: ${field.shape.example}`,
  });
}

function reportUnknownKey(place: Place, entry: TreeEntry, names: readonly string[]): void {
  const closest = findClosest(entry.key, names);
  place.problems.push({
    code: 'COSTSPAN_CONFIG_UNKNOWN_KEY',
    message: `unknown key ${JSON.stringify(entry.key)}`,
    fix: closest === undefined ? `the keys here are ${names.join(', ')}` : `did you mean ${closest}?`,
    path: joinPath(place.path, entry.key),
    offset: entry.keyOffset,
  });
}

function objectSchema(fields: Fields, requiredNames: readonly string[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const [name, { shape, description, isRequired }] of Object.entries(fields)) {
    // An editor must not complain about the empty value that the parser accepts.
    properties[name] = isRequired
      ? { description, ...shape.schema }
      : { description, ...nullable(shape.schema) };
  }
  return {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(requiredNames.length > 0 && { required: requiredNames }),
  };
}

const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const isEmpty = (entry: TreeEntry): boolean => entry.value.kind === 'scalar' && entry.value.value === null;
const joinPath = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** A list of values of one shape. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema },
    example: `[${item.example}]`,
    parse(place) {
      if (place.tree.kind !== 'list') return reportType(place, 'a list', this.example);
      const before = place.problems.length;
      const values: T[] = [];
      for (const [index, tree] of place.tree.items.entries()) {
        const value = item.parse({ ...place, tree, path: `${place.path}[${index}]` });
        if (value !== undefined) values.push(value);
      }
      return place.problems.length > before ? undefined : values;
    },
  };
}

/** One value or a list of them; always a list once parsed. */
export function oneOrMore<T>(item: Shape<T>): Shape<readonly T[]> {
  const many = list(item);
  return {
    schema: { anyOf: [item.schema, many.schema] },
    example: item.example,
    parse(place) {
      if (place.tree.kind === 'list') return many.parse(place);
      const value = item.parse(place);
      return value === undefined ? undefined : [value];
    },
  };
}

/** A map whose keys are the user's own. */
export function dictionary<T>(value: Shape<T>, keyExample: string): Shape<Readonly<Record<string, T>>> {
  return {
    schema: { type: 'object', additionalProperties: value.schema },
    example: `{ ${keyExample}: ${value.example} }`,
    parse(place) {
      if (place.tree.kind !== 'map') return reportType(place, 'a map', this.example);
      const before = place.problems.length;
      const entries: [string, T][] = [];
      for (const entry of place.tree.entries) {
        const parsed = value.parse({ ...place, tree: entry.value, path: joinPath(place.path, entry.key) });
        if (parsed !== undefined) entries.push([entry.key, parsed]);
      }
      // fromEntries defines own properties: a key `__proto__` is a key like any other.
      return place.problems.length > before ? undefined : Object.fromEntries(entries);
    },
  };
}
