import {
  createPricer,
  type PriceDescription,
  type PriceQuery,
  type Pricer,
  type PriceTable,
  type Usage,
} from '@costspan/pricing';
import { PRICE_MODES, PROVIDER } from '@costspan/semconv';
import { readConfig } from '../config.js';
import { rankModels, renderRanking } from '../price-compare.js';
import { CALL_OPTIONS, readCount, readSelector, readUsage } from '../price-options.js';
import { readDays, renderStale } from '../price-stale.js';
import { renderCost, renderMonth, renderPrice } from '../price-text.js';
import {
  CliError,
  EXIT,
  parseOptions,
  readUsage as readHelpUsage,
  refuseOptions,
  refusePositionals,
  type Terminal,
  type Verb,
} from '../verb.js';

const help = `usage: costspan price MODEL [--provider P] [--input N] [--cached N] [--output N] [--mode M] [--at DATE] [--config FILE]
       costspan price MODEL --input N --output N --compare [--top N]
       costspan price MODEL --input N --output N --per-month CALLS
       costspan price --stale 60d [--provider P]

Prints the rates of a model with their source and, with counts, what such a call costs, part by part. Discounts,
overrides and the price table of the config are applied.

  --provider P          as in the label provider; default: the first that has a price for the model
  --input N             input tokens, cached ones included
  --cached N            those of the input that were read from the cache
  --cache-write N       those of the input that were written to it
  --cache-write-1h N    those that were written to it for an hour
  --output N            output tokens, reasoning included
  --tool NAME=N         requests to a tool of the provider: --tool web_search=2
  --unit NAME=N         what is billed by something else than tokens: --unit output_image=1
  --variant V           of such a unit: --variant "hd 1024x1792"
  --mode M              ${PRICE_MODES.join(', ')}; default standard
  --region R            data residency: us, eu, …
  --at DATE             the price of that day, 2026-03-01 or 2026-03-01T12:00Z; default now
  --compare             what the same counts cost with every model that could take them, the cheapest first
  --top N               how many of them; default 20
  --per-month CALLS     what so many such calls cost
  --stale DAYSd         list the rates that were not checked for so long
  --config FILE         default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  ...CALL_OPTIONS,
  provider: TEXT,
  compare: { type: 'boolean' },
  top: TEXT,
  'per-month': TEXT,
  stale: TEXT,
  config: TEXT,
} as const;
const DEFAULT_TOP = 20;

/** What is asked of one model. */
interface Asked {
  readonly query: PriceQuery;
  readonly usage: Usage | undefined;
  readonly perMonth: number | undefined;
  readonly compare: { readonly top: number; readonly provider: string | undefined } | undefined;
  readonly table: PriceTable | undefined;
}

/** `costspan price MODEL` */
export const price: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    const [model, ...rest] = positionals;
    refusePositionals(rest, help);
    if (model === undefined && values.stale === undefined)
      throw new CliError('which model?', { fix: readHelpUsage(help) });
    if (values.compare !== true) refuseOptions(values, ['top'], { where: 'without --compare', help });
    const selector = readSelector(values);
    const usage = readUsage(values);
    const perMonth = readCount('--per-month', values['per-month']);
    if (usage === undefined && (values.compare === true || perMonth !== undefined))
      throw new CliError('--compare and --per-month need a call', { fix: 'add --input N --output N' });
    const days = values.stale === undefined ? undefined : readDays('--stale', values.stale);
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const { prices } = read.config;
    if (days !== undefined || model === undefined) {
      const card = values.provider;
      terminal.stdout.write(renderStale(prices.table, { days: days ?? 0, nowMs: Date.now(), card }));
      return EXIT.OK;
    }
    const pricer = createPricer({
      contract: prices,
      ...(prices.table === undefined ? {} : { table: prices.table }),
    });
    const provider = values.provider ?? findProvider(pricer, { ...selector, model });
    const compare =
      values.compare === true
        ? { top: readCount('--top', values.top) ?? DEFAULT_TOP, provider: values.provider }
        : undefined;
    const query = { ...selector, model, provider };
    return printPrice(pricer, { query, usage, perMonth, compare, table: prices.table }, terminal);
  },
};

function printPrice(pricer: Pricer, asked: Asked, { stdout }: Terminal): number {
  const { query, usage } = asked;
  const description = pricer.describe(query);
  if (description.status === 'unpriced') {
    throw hasNoPrice(query, query.provider, description.reason);
  }
  stdout.write(renderPrice(description));
  if (usage !== undefined) printCost(pricer, { ...asked, usage, description }, stdout);
  return EXIT.OK;
}

function printCost(
  pricer: Pricer,
  asked: Asked & { readonly usage: Usage; readonly description: PriceDescription },
  stdout: NodeJS.WritableStream,
): void {
  const { query, usage, description, perMonth, compare, table } = asked;
  const cost = pricer.price(usage, query);
  if (cost.status === 'unpriced') {
    throw new CliError(
      `the call has no price: ${cost.reason}${cost.detail === undefined ? '' : `, ${cost.detail}`}`,
      {
        fix:
          cost.reason === 'invalid_usage'
            ? 'counts are whole, and --cached and --cache-write count tokens of --input, so they cannot be more'
            : 'the rates above say what the model is billed by; name it with --input, --output, --tool or --unit',
        exitCode: EXIT.FAILED,
      },
    );
  }
  stdout.write(`\n${renderCost(usage, cost, description)}`);
  if (perMonth !== undefined) stdout.write(`\n${renderMonth(cost, perMonth)}`);
  if (compare === undefined) return;
  const ranking = { usage, query: { ...query, model: description.model }, table, provider: compare.provider };
  stdout.write(`\n${renderRanking(rankModels(pricer, ranking), ranking, compare.top)}`);
}

/** Of a provider that says these, nothing is known of the model. */
const NOT_KNOWN: ReadonlySet<string> = new Set(['unknown_model', 'unknown_provider']);

/** The first provider that has a price for the model; where none has, the first that knows it, for the error. */
function findProvider(pricer: Pricer, query: Omit<PriceQuery, 'provider'>): string {
  let known: string | undefined;
  for (const provider of Object.values(PROVIDER)) {
    const description = pricer.describe({ ...query, provider });
    if (description.status !== 'unpriced') return provider;
    if (!NOT_KNOWN.has(description.reason) && sellsByToken(pricer, { ...query, provider }))
      known ??= provider;
  }
  if (known === undefined) throw hasNoPrice(query, 'any provider', 'unknown_model');
  return known;
}

/** A provider of subscriptions says of every model that it is not billed by the token, of one without a name too. */
function sellsByToken(pricer: Pricer, query: PriceQuery): boolean {
  const description = pricer.describe({ ...query, model: '' });
  return description.status !== 'unpriced' || description.reason !== 'not_billed_per_token';
}

function hasNoPrice(query: Omit<PriceQuery, 'provider'>, provider: string, reason: string): CliError {
  return new CliError(`no price for ${query.model} of ${provider}, ${query.mode}: ${reason}`, {
    fix: 'name another model, --provider or --mode; for a deployment or alias set prices.models in costspan.yaml, for a model of your own prices.overrides',
    exitCode: EXIT.FAILED,
  });
}
