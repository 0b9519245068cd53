import type { ConfigErrorCode } from './errors.js';
import type { Tree } from './tree.js';

/** The part of JSON Schema 2020-12 that the shapes write. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What a shape reports; file, line and column follow from the offset. */
export interface Problem {
  readonly code: ConfigErrorCode;
  readonly message: string;
  readonly fix: string;
  readonly path: string;
  readonly offset: number;
}

/** A value of the document together with where it is and where its problems go. */
export interface Place {
  readonly tree: Tree;
  readonly path: string;
  readonly problems: Problem[];
}

/**
 * One description of a value, from which come the parser, its errors and the JSON Schema. `parse` returns
 * `undefined` after it has added at least one problem.
 */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /** A right value as one would write it, for the fix. */
  readonly example: string;
  parse(place: Place): T | undefined;
}

/** Adds a problem and returns what a failed parse returns. */
export function report(place: Place, problem: Omit<Problem, 'path' | 'offset'>): undefined {
  place.problems.push({ ...problem, path: place.path, offset: place.tree.offset });
  return undefined;
}

/** The place of what stands within a value, by keys of maps and indexes of lists; as deep as there is one. */
export function placeWithin(place: Place, steps: readonly (string | number)[]): Place {
  const [step, ...rest] = steps;
  const { tree, path } = place;
  if (typeof step === 'number' && tree.kind === 'list') {
    const item = tree.items[step];
    if (item !== undefined) return placeWithin({ ...place, tree: item, path: `${path}[${step}]` }, rest);
  }
  if (typeof step === 'string' && tree.kind === 'map') {
    const entry = tree.entries.find(({ key }) => key === step);
    if (entry !== undefined)
      return placeWithin({ ...place, tree: entry.value, path: `${path}.${step}` }, rest);
  }
  return place;
}

/** Reports a value of the wrong kind. `expected` reads on from "must be". */
export function reportType(place: Place, expected: string, example: string): undefined {
  return report(place, {
    code: 'COSTSPAN_CONFIG_WRONG_TYPE',
    message: `must be ${expected}, not ${describeTree(place.tree)}`,
    fix: `write for example ${example}`,
  });
}

/** A value as an error shows it: short, on one line, with its kind where the value does not tell it. */
function describeTree(tree: Tree): string {
  if (tree.kind === 'list') return `a list of ${tree.items.length}`;
  if (tree.kind === 'map') return 'a map';
  if (tree.value === null) return 'empty';
  return describeValue(tree.value);
}

/** Texts in quotes, cut where they are long; numbers and booleans as they are. */
export function describeValue(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}

/** A shape whose value is made into another one. */
export function convert<From, To>(shape: Shape<From>, make: (value: From) => To): Shape<To> {
  return {
    schema: shape.schema,
    example: shape.example,
    parse(place) {
      const value = shape.parse(place);
      return value === undefined ? undefined : make(value);
    },
  };
}

/** A shape with a rule that looks at the whole value; the rule reports through the place it is given. */
export function refine<T>(shape: Shape<T>, check: (value: T, place: Place) => void): Shape<T> {
  return {
    ...shape,
    parse(place) {
      const before = place.problems.length;
      const value = shape.parse(place);
      if (value !== undefined) check(value, place);
      return place.problems.length > before ? undefined : value;
    },
  };
}
