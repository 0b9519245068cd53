import { createPricer, type PriceQuery, type Pricer, type Usage } from '@costspan/pricing';
import { PRICE_MODES, PROVIDER } from '@costspan/semconv';
import { readConfig } from '../config.js';
import { renderCost, renderPrice } from '../price-text.js';
import {
  CliError,
  EXIT,
  parseOptions,
  readUsage,
  refusePositionals,
  type Terminal,
  type Verb,
} from '../verb.js';

const help = `usage: costspan price MODEL [--provider P] [--input N] [--cached N] [--output N] [--mode M] [--at DATE] [--config FILE]

Prints the rates of a model and, with token counts, what such a call costs. Discounts and overrides of the config
are applied.

  --provider P    as in the label provider; default: the first that has a price for the model
  --input N       input tokens, cached ones included
  --cached N      those of the input that were read from the cache
  --output N      output tokens, reasoning included
  --mode M        ${PRICE_MODES.join(', ')}; default standard
  --at DATE       the price of that day, 2026-03-01 or 2026-03-01T12:00Z; default now
  --config FILE   default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  provider: TEXT,
  input: TEXT,
  cached: TEXT,
  output: TEXT,
  mode: TEXT,
  at: TEXT,
  config: TEXT,
} as const;
type Values = { readonly [K in keyof typeof OPTIONS]?: string };

/** `costspan price MODEL` */
export const price: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    const [model, ...rest] = positionals;
    if (model === undefined) throw new CliError('which model?', { fix: readUsage(help) });
    refusePositionals(rest, help);
    const query = { model, atMs: readInstant(values.at), mode: readMode(values.mode) };
    const usage = readUsageCounts(values);
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const pricer = createPricer({ contract: read.config.prices });
    return printPrice(
      pricer,
      { ...query, provider: values.provider ?? findProvider(pricer, query) },
      { usage, terminal },
    );
  },
};

function printPrice(
  pricer: Pricer,
  query: PriceQuery,
  { usage, terminal }: { usage: Usage | undefined; terminal: Terminal },
): number {
  const description = pricer.describe(query);
  if (description.status === 'unpriced') {
    throw new CliError(
      `no price for ${query.model} of ${query.provider}, ${query.mode}: ${description.reason}`,
      {
        fix: 'name another model, --provider or --mode; for a deployment or alias set prices.models in costspan.yaml, for a model of your own prices.overrides',
        exitCode: EXIT.FAILED,
      },
    );
  }
  terminal.stdout.write(renderPrice(description));
  if (usage === undefined) return EXIT.OK;
  const cost = pricer.price(usage, query);
  if (cost.status === 'unpriced') {
    throw new CliError(`the call has no price: ${cost.reason}`, {
      fix: '--cached counts tokens of --input, so it cannot be more',
      exitCode: EXIT.FAILED,
    });
  }
  terminal.stdout.write(`\n${renderCost(usage, cost)}`);
  return EXIT.OK;
}

/** The first provider that has a price for the model; where none has, the first of all, for the error. */
function findProvider(pricer: Pricer, query: Omit<PriceQuery, 'provider'>): string {
  const providers = Object.values(PROVIDER);
  return (
    providers.find((provider) => pricer.describe({ ...query, provider }).status !== 'unpriced') ??
    providers[0]!
  );
}

function readUsageCounts(values: Values): Usage | undefined {
  const { input, cached, output } = values;
  if (input === undefined && cached === undefined && output === undefined) return undefined;
  if (cached !== undefined && input === undefined) {
    throw new CliError('--cached needs --input, of which it is a part', {
      fix: 'add --input N, all input tokens',
    });
  }
  return {
    ...(input !== undefined && { inputTokens: readCount('--input', input) }),
    ...(cached !== undefined && { cacheReadInputTokens: readCount('--cached', cached) }),
    ...(output !== undefined && { outputTokens: readCount('--output', output) }),
  };
}

function readCount(flag: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new CliError(`${flag} ${text} is not a whole number of tokens`, {
    fix: `write for example ${flag} 12000`,
  });
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
