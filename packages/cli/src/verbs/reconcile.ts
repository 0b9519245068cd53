import { readFileSync } from 'node:fs';
import { createPricer, type PriceCredit } from '@costspan/pricing';
import {
  type LedgerQuery,
  openLedgerToWrite,
  parseLedgerQuery,
  trueCost,
  writeReconciliation,
} from '@costspan/processor';
import { readConfig } from '../config.js';
import { DEFAULT_DATA, findLedger, type LedgerPlace, mended, readRows } from '../ledger.js';
import type { Bill, BillPeriod, BillSource } from '../providers/bill.js';
import { BILL_SOURCES } from '../providers/index.js';
import { createBillApi } from '../reconcile/api.js';
import { compareBill, type LedgerUse, type Reconciliation } from '../reconcile/compare.js';
import { parseCsv } from '../reconcile/csv.js';
import { renderReconciliation, renderReconciliationJson } from '../reconcile/text.js';
import {
  CliError,
  EXIT,
  parseOptions,
  readUsage,
  readWord,
  refusePositionals,
  type Terminal,
  type Verb,
} from '../verb.js';

const names = Object.keys(BILL_SOURCES).join('|');
const FORMATS = ['table', 'json'] as const;

const help = `usage: costspan reconcile ${names} --month YYYY-MM [--file FILE] [--format table|json] [--data DIR]

Compares the ledger with what the provider itself says that it charged, by day and by line item, and says where the
difference comes from. The bill comes from the provider's cost API with your admin key, which goes there and nowhere
else, or from a file that you exported. llm_reconciliation_drift_ratio of a running processor is the drift found, unless
the ledger is in ClickHouse: then it is printed only.

  --month YYYY-MM      UTC
  --file FILE          exported costs: CSV, or the JSON of the cost API
  --url URL            another base URL of the API
  --data DIR           the ledger; default ./${DEFAULT_DATA}, unless the config says ledger.clickhouse: then that is asked
  --fail-over PERCENT  exit code 1 when the drift is more, either way
  --format FORMAT      ${FORMATS.join(', ')}; default table
  --config FILE        default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there

Keys: ${Object.values(BILL_SOURCES)
  .flatMap(({ api }) => api?.keyVariable ?? [])
  .join(', ')}
`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  month: TEXT,
  file: TEXT,
  url: TEXT,
  data: TEXT,
  'fail-over': TEXT,
  format: { type: 'string', default: 'table' },
  config: TEXT,
} as const;
type Values = { readonly [K in keyof typeof OPTIONS]?: string };

/** `costspan reconcile PROVIDER --month YYYY-MM` */
export const reconcile: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    const [name = '', ...rest] = positionals;
    refusePositionals(rest, help);
    const source = Object.hasOwn(BILL_SOURCES, name) ? BILL_SOURCES[name] : undefined;
    if (source === undefined)
      throw new CliError(name === '' ? 'which provider?' : `there is no bill of ${JSON.stringify(name)}`, {
        fix: readUsage(help),
      });
    const { month, data } = values;
    if (month === undefined) throw new CliError('which month?', { fix: 'add --month 2026-10' });
    const isJson = readWord('--format', values.format, FORMATS) === 'json';
    const failOver = readPercent(values['fail-over']);
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const query = await mended(() => parseLedgerQuery({ month, by: 'day,model' }, Date.now()));
    const place = await findLedger(data, read.config, terminal);
    const ledger = await mended(() => readUse(place, query, source.provider));
    const bill = await readBill(source, values, { period: query, terminal });
    const { prices } = read.config;
    const pricer = createPricer({ contract: prices, ...(prices.table && { table: prices.table }) });
    const nameModel = (model: string): string => {
      const described = pricer.describe({ provider: source.provider, model, atMs: query.fromMs });
      return described.status === 'unpriced' ? model : described.model;
    };
    const found = compareBill(within(bill, query), ledger, nameModel);
    if ('directory' in place) keep(place.directory, found, { provider: source.provider, month });
    const credits = (prices.credits ?? []).filter((credit) => holds(credit, source.provider, query));
    const render = isJson ? renderReconciliationJson : renderReconciliation;
    terminal.stdout.write(render(found, { name, month, credits }));
    return failOver !== undefined && Math.abs(found.driftRatio) > failOver ? EXIT.FAILED : EXIT.OK;
  },
};

async function readUse(place: LedgerPlace, query: LedgerQuery, provider: string): Promise<LedgerUse[]> {
  const rows = await readRows(place, { ...query, where: { provider } });
  return rows.map((row) => ({
    day: row.labels.day ?? '',
    model: row.labels.model ?? '',
    picoUsd: trueCost(row),
    calls: row.calls,
    unpricedCalls: row.unpricedCalls,
    tokens:
      row.inputTokens + row.cacheReadTokens + row.cacheWriteTokens + row.outputTokens + row.reasoningTokens,
  }));
}

async function readBill(
  source: BillSource,
  { file, url }: Values,
  { period, terminal }: { readonly period: BillPeriod; readonly terminal: Terminal },
): Promise<Bill> {
  if (file !== undefined) return readBillFile(source, file);
  const { api } = source;
  if (api === undefined || source.fetch === undefined)
    throw new CliError('this bill comes from a file', {
      fix: `add --file FILE: ${source.fileHelp ?? 'the export of the cost page'}`,
    });
  const key = terminal.env[api.keyVariable];
  if (key === undefined || key === '')
    throw new CliError(`${api.keyVariable} is not set`, {
      fix: `set it to an admin or management key of the organization, or add --file FILE with an export`,
    });
  return source.fetch(createBillApi(url ?? api.baseUrl, key), period);
}

function readBillFile(source: BillSource, file: string): Bill {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CliError(`${file} cannot be read (${code})`, { fix: 'name the file that you exported' });
  }
  if (!/^\s*[[{]/.test(text)) return source.readFile({ kind: 'csv', rows: parseCsv(text) });
  try {
    return source.readFile({ kind: 'json', value: JSON.parse(text) });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError(`${file} is no JSON: ${error.message}`, { fix: 'export it again' });
  }
}

/** Only the days of the period: an export may hold more. */
function within(bill: Bill, { fromMs, toMs }: BillPeriod): Bill {
  const isWithin = ({ day }: { readonly day: string }): boolean =>
    Date.parse(day) >= fromMs && Date.parse(day) < toMs;
  return {
    lines: bill.lines.filter(isWithin),
    ...(bill.usage === undefined ? {} : { usage: bill.usage.filter(isWithin) }),
  };
}

function keep(
  directory: string,
  { driftRatio, billedPicoUsd, ledgerPicoUsd }: Reconciliation,
  of: { readonly provider: string; readonly month: string },
): void {
  const database = openLedgerToWrite(directory);
  try {
    writeReconciliation(database, { ...of, madeAtMs: Date.now(), driftRatio, billedPicoUsd, ledgerPicoUsd });
  } finally {
    database.close();
  }
}

const holds = (credit: PriceCredit, provider: string, { fromMs, toMs }: BillPeriod): boolean =>
  credit.provider === provider &&
  (credit.from === undefined || Date.parse(credit.from) < toMs) &&
  (credit.until === undefined || Date.parse(credit.until) >= fromMs);

function readPercent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number] = /^(\d+(?:\.\d+)?) ?%?$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) / 100;
  throw new CliError(`--fail-over ${text} is no percentage`, { fix: 'write for example --fail-over 2%' });
}
