/**
 * SDKs that Speakeasy generated give the wire's `snake_case` names to the application in camel case. What their
 * provider sent stands in a form that has a reader; here it is put back.
 */
import type { MethodsPatch } from '../provider.js';
import { type Fields, readFields } from './fields.js';

/** What application or model wrote themselves: their names are theirs. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'parameters',
  'inputSchema',
  'schema',
  'metadata',
  'headers',
  // Names of tools.
  'connectors',
]);

/**
 * The same value with the names of the wire, down to a depth: what lies below keeps its names, because settings stand
 * at the top and a long conversation below costs time.
 */
export function toSnakeCase(value: unknown, depth = Number.POSITIVE_INFINITY): unknown {
  if (depth <= 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => toSnakeCase(item, depth - 1));
  if (isUnknown(value)) return value.raw;
  const renamed: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const wireName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    renamed[wireName] = OWN_NAMES.has(name) ? field : toSnakeCase(field, depth - 1);
  }
  return renamed;
}

/** What has none of the forms that the SDK knows, such as an event that lacks a field: it is handed on as it was sent. */
const isUnknown = (value: object): value is { readonly raw: unknown } =>
  'isUnknown' in value && value.isUnknown === true && 'raw' in value;

/** The fields of such a value too, with the names that the SDK gives to the application. */
export const readKnown = (value: unknown): Fields =>
  readFields(
    typeof value === 'object' && value !== null && isUnknown(value) ? toCamelCase(value.raw) : value,
  );

/** The signal that the application gave with a call: options stand last. */
export function readSpeakeasySignal(args: readonly unknown[]): unknown {
  const options = readFields(args.at(-1));
  return options.signal ?? readFields(options.fetchOptions).signal;
}

/** How the resources of such a client send. */
export const SPEAKEASY: MethodsPatch = {
  style: 'methods',
  readBaseUrl: (instance) => {
    const { _baseURL } = instance as { _baseURL?: unknown };
    return _baseURL instanceof URL ? _baseURL.href : undefined;
  },
  readSignal: readSpeakeasySignal,
  // Runs once for each HTTP request, retries included; a client of the application's own is not counted.
  attempts: [{ className: 'HTTPClient', method: 'request' }],
};

/** The body of an answer that has not the form that the SDK knows; a newer provider may have given it. */
export function readRefusedBody(error: unknown): unknown {
  if (!(error instanceof Error) || error.constructor.name !== 'ResponseValidationError') return undefined;
  return JSON.parse(String((error as { body?: unknown }).body));
}

/** The same value with the names that the SDK gives to the application. */
export function toCamelCase(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toCamelCase);
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
      OWN_NAMES.has(name) ? field : toCamelCase(field),
    ]),
  );
}
