import { type JsonObject, readArray, readNumber, readObject, readString } from '../json.js';

/** What a sample is made from. */
export interface SampleSource {
  /** A number in [0, 1) at each call. */
  readonly random: () => number;
  /** The conversation: values that a schema's `enum` or `pattern` finds in it are preferred. */
  readonly text: string;
}

const maxDepth = 12;

/** Makes an instance of a JSON Schema, for tool arguments and structured output. */
export function sampleSchema(schema: JsonObject, source: SampleSource): unknown {
  return sample(schema, { ...source, root: schema, depth: 0 });
}

interface Walk extends SampleSource {
  readonly root: JsonObject;
  readonly depth: number;
}

function sample(schema: JsonObject, walk: Walk): unknown {
  const next = { ...walk, depth: walk.depth + 1 };
  // A recursive schema has no largest instance; the nesting ends here.
  if (walk.depth > maxDepth) return null;
  if (schema.const !== undefined) return schema.const;
  if (schema.$ref !== undefined) return sample(resolve(walk.root, String(schema.$ref)), next);
  const options = readArray(schema.enum);
  if (options.length > 0) return sampleEnum(options, walk);
  const union = readArray(schema.anyOf ?? schema.oneOf);
  if (union.length > 0) return sample(readObject(union[0]), next);
  return sampleType(schema, next);
}

function sampleType(schema: JsonObject, walk: Walk): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return sampleString(schema, walk);
    case 'integer':
    case 'number': {
      const low = readNumber(schema.minimum) ?? 0;
      const high = readNumber(schema.maximum) ?? low + 100;
      const value = low + walk.random() * (high - low);
      return type === 'integer' ? Math.round(value) : Number(value.toFixed(2));
    }
    case 'boolean':
      return walk.random() < 0.5;
    case 'null':
      return null;
    case 'array': {
      const length = Math.max(1, readNumber(schema.minItems) ?? 1);
      return Array.from({ length }, () => sample(readObject(schema.items), walk));
    }
    default: {
      const properties = Object.entries(readObject(schema.properties));
      return Object.fromEntries(
        properties.map(([name, property]) => [name, sample(readObject(property), walk)]),
      );
    }
  }
}

/** The option that the conversation names last, else any. */
function sampleEnum(options: readonly unknown[], { random, text }: Walk): unknown {
  const lower = text.toLowerCase();
  const found = options
    .map((option) => ({ option, at: lower.lastIndexOf(String(option).toLowerCase()) }))
    .filter(({ at }) => at >= 0)
    .sort((left, right) => right.at - left.at)[0];
  return found?.option ?? options[Math.floor(random() * options.length)];
}

function sampleString(schema: JsonObject, { random, text }: Walk): string {
  const pattern = readString(schema.pattern);
  if (pattern !== undefined) {
    const found = text.match(new RegExp(pattern.replace(/^\^/, '').replace(/\$$/, ''), 'g'))?.at(-1);
    if (found !== undefined) return found;
  }
  const words = text.match(/[A-Za-z]{4,}/g) ?? ['sample'];
  return Array.from({ length: 3 }, () => words[Math.floor(random() * words.length)] ?? 'sample').join(' ');
}

function resolve(root: JsonObject, reference: string): JsonObject {
  let node: unknown = root;
  for (const key of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) node = readObject(node)[key];
  return readObject(node);
}
