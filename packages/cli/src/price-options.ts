import type { PriceQuery, Usage } from '@costspan/pricing';
import { BILLED_UNITS, PRICE_MODES } from '@costspan/semconv';
import { CliError } from './verb.js';

const TEXT = { type: 'string' } as const;
const MANY = { type: 'string', multiple: true } as const;

/** Options that describe one call, for `parseOptions`. */
export const CALL_OPTIONS = {
  input: TEXT,
  cached: TEXT,
  'cache-write': TEXT,
  'cache-write-1h': TEXT,
  output: TEXT,
  tool: MANY,
  unit: MANY,
  variant: TEXT,
  mode: TEXT,
  region: TEXT,
  at: TEXT,
} as const;

/** Their values as `parseArgs` gives them. */
export type CallValues = {
  readonly [K in keyof typeof CALL_OPTIONS]?: (typeof CALL_OPTIONS)[K] extends { multiple: true }
    ? string[]
    : string;
};

/** What the call used; undefined when no count is given. */
export function readUsage(values: CallValues): Usage | undefined {
  const input = readCount('--input', values.input);
  const cached = readCount('--cached', values.cached);
  const written1h = readCount('--cache-write-1h', values['cache-write-1h']);
  const written = readCount('--cache-write', values['cache-write']);
  if (input === undefined && (cached ?? written ?? written1h) !== undefined) {
    const flag = cached !== undefined ? '--cached' : '--cache-write';
    throw new CliError(`${flag} needs --input, of which it is a part`, {
      fix: 'add --input N, all input tokens',
    });
  }
  const output = readCount('--output', values.output);
  const toolRequests = readNamed('--tool', values.tool);
  const units = readNamed('--unit', values.unit, BILLED_UNITS);
  const hasWrites = written !== undefined || written1h !== undefined;
  const usage: Usage = {
    ...(input !== undefined && { inputTokens: input }),
    ...(cached !== undefined && { cacheReadInputTokens: cached }),
    ...(hasWrites && { cacheWriteInputTokens: (written ?? 0) + (written1h ?? 0) }),
    ...(written1h !== undefined && { cacheWriteByTtl: { '1h': written1h } }),
    ...(output !== undefined && { outputTokens: output }),
    ...(toolRequests !== undefined && { toolRequests }),
    ...(units !== undefined && { units }),
    ...(values.variant !== undefined && { unitVariant: values.variant }),
  };
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** What selects the rate, but for provider and model. */
export function readSelector(values: CallValues): Omit<PriceQuery, 'provider' | 'model'> {
  return {
    atMs: readInstant(values.at),
    mode: readMode(values.mode),
    ...(values.region !== undefined && { region: values.region }),
  };
}

/** A whole number of an option; undefined when it is not given. */
export function readCount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new CliError(`${flag} ${text} is not a whole number of tokens`, {
    fix: `write for example ${flag} 12000`,
  });
}

/** `NAME=N`, any number of times. */
function readNamed(
  flag: string,
  texts: readonly string[] | undefined,
  names?: readonly string[],
): Record<string, number> | undefined {
  if (texts === undefined) return undefined;
  const entries = texts.map((text) => {
    const [, name = '', count = ''] = /^([\w-]+)=(\d{1,15})$/.exec(text) ?? [];
    if (name === '' || (names !== undefined && !names.includes(name))) {
      const known = names === undefined ? '' : `; the names are ${names.join(', ')}`;
      throw new CliError(`${flag} ${text} is not NAME=COUNT${known}`, {
        fix: `write for example ${flag} ${names?.[1] ?? 'web_search'}=2`,
      });
    }
    return [name, Number(count)] as const;
  });
  return Object.fromEntries(entries);
}

function readMode(text = 'standard') {
  const mode = PRICE_MODES.find((candidate) => candidate === text);
  if (mode !== undefined) return mode;
  throw new CliError(`--mode ${text} is none`, { fix: `write one of ${PRICE_MODES.join(', ')}` });
}

function readInstant(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const atMs = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  // V8 reads the 30th of February as the 2nd of March.
  const day = Date.parse(`${text.slice(0, 10)}T00:00Z`);
  const isDay = !Number.isNaN(day) && new Date(day).toISOString().startsWith(text.slice(0, 10));
  if (isDay && !Number.isNaN(atMs)) return atMs;
  throw new CliError(`--at ${text} is not a date`, {
    fix: 'write for example --at 2026-03-01 or --at 2026-03-01T12:00Z',
  });
}
