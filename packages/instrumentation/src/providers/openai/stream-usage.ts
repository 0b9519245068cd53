import { PROVIDER, type ProviderName } from '@costspan/semconv';
import type { ClientInfo } from '../../provider.js';
import { type Fields, readFields, readItems } from '../fields.js';
import { readHost } from '../hosts.js';

/** Hosts that send usage on every stream unasked: asking gains nothing and could be refused. */
const SENDS_USAGE_UNASKED: ReadonlySet<ProviderName> = new Set([
  PROVIDER.MISTRAL_AI,
  PROVIDER.PERPLEXITY,
  PROVIDER.GROQ,
]);

/** Azure answers 400 to `stream_options` in API versions before this date. */
const AZURE_STREAM_OPTIONS_SINCE = '2024-09-01';

/**
 * The body with `stream_options.include_usage`, for streams that do not ask yet. Also where the application said
 * `false`: it does not want to see the usage, and {@link hideStreamUsage} sees to that.
 */
export function askForStreamUsage(body: unknown, client?: ClientInfo): object | undefined {
  const fields = readFields(body);
  if (fields.stream !== true) return undefined;
  const options = readFields(fields.stream_options);
  if (options.include_usage === true) return undefined;
  if (client !== undefined && !isAskable(client)) return undefined;
  return { ...fields, stream_options: { ...options, include_usage: true } };
}

function isAskable(client: ClientInfo): boolean {
  if (SENDS_USAGE_UNASKED.has(readHost(client, PROVIDER.OPENAI).provider)) return false;
  const { apiVersion } = client;
  const isDated = apiVersion !== undefined && /^\d{4}-\d{2}-\d{2}/.test(apiVersion);
  return !isDated || apiVersion.slice(0, 10) >= AZURE_STREAM_OPTIONS_SINCE;
}

/**
 * Takes back what the question brought: drops the extra last chunk, and gives the others without their `usage: null`.
 * Usage beside choices stays: some hosts always send it.
 */
export function hideStreamUsage(chunk: unknown): unknown {
  const fields = readFields(chunk);
  if (!('usage' in fields)) return chunk;
  if (fields.usage === null) return withoutUsage(fields);
  return Array.isArray(fields.choices) && readItems(fields.choices).length === 0 ? undefined : chunk;
}

/**
 * The chunk as it would have been parsed: built again, since `delete` would leave a hash table that takes three times
 * as long to make and that the application reads slowly.
 */
function withoutUsage(fields: Fields): Fields {
  const chunk: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    if (name === '__proto__') return omitUsage(fields);
    if (name !== 'usage') chunk[name] = fields[name];
  }
  return chunk;
}

/** The same for a name that cannot be assigned to. */
function omitUsage({ usage: _, ...rest }: Fields): Fields {
  return rest;
}
