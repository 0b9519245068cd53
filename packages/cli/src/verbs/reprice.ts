import type { Config } from '@costspan/config';
import {
  createPricer,
  formatUsd,
  PRICE_TABLE_VERSION,
  type Pricer,
  picoUsdToUsdText,
} from '@costspan/pricing';
import {
  type CorrectionRun,
  type CorrectionRunSummary,
  LEDGER_LABELS,
  listClickHouseCorrectionRuns,
  listCorrectionRuns,
  openLedgerToRead,
  openLedgerToWrite,
  parseLedgerQuery,
  writeClickHouseCorrections,
  writeCorrections,
} from '@costspan/processor';
import { readConfig } from '../config.js';
import { DEFAULT_DATA, findLedger, type LedgerPlace, mended, readRows } from '../ledger.js';
import { type DayChange, findChanges, type LedgerChange, sumByDay } from '../reprice/changes.js';
import { renderColumns } from '../table-text.js';
import {
  CliError,
  EXIT,
  parseOptions,
  readUsage,
  refuseOptions,
  refusePositionals,
  type Verb,
} from '../verb.js';

const help = `usage: costspan reprice --from DAY --to DAY [--write] [--before CONFIG] [--reason TEXT] [--data DIR]
       costspan reprice --list [--data DIR]

Prices what is already in the ledger again, by the prices of the config as they are now, and shows the difference by
day and model. --write adds it as corrections: what was booked and every counter stay as they were, reports add both up,
and llm_cost_correction_usd shows the corrections. A cost that the provider reported is never touched.

The ledger keeps sums. Fees of tools, audio, writes for an hour and single calls with a long context are not told apart
in them; with --before, the config that the calls were priced by, they are kept in proportion.

  --from DAY --to DAY  2026-10-05; the end is not included. Or --month YYYY-MM
  --before CONFIG      the costspan.yaml that was in force then
  --write              add the corrections
  --reason TEXT        kept with them, as who asked for it
  --list               the corrections that were made: when, why, how much
  --data DIR           default ./${DEFAULT_DATA}, unless the config says ledger.clickhouse: then that is asked
  --config FILE        default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
`;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const OPTIONS = {
  from: TEXT,
  to: TEXT,
  month: TEXT,
  before: TEXT,
  write: FLAG,
  reason: TEXT,
  list: FLAG,
  data: TEXT,
  config: TEXT,
} as const;

const NOT_LISTED = ['from', 'to', 'month', 'before', 'write', 'reason'] as const;

/** `costspan reprice --from DAY --to DAY` */
export const reprice: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { data, from, to, month } = values;
    if (values.list === true) refuseOptions(values, NOT_LISTED, { where: 'beside --list', help });
    else if (month === undefined && (from === undefined || to === undefined))
      throw new CliError('which days?', { fix: readUsage(help) });
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const place = await findLedger(data, read.config, terminal);
    if (values.list === true) {
      terminal.stdout.write(renderRuns(await mended(() => listRuns(place))));
      return EXIT.OK;
    }
    const readBefore = values.before === undefined ? undefined : readConfig(values.before, terminal);
    if (readBefore !== undefined && 'exitCode' in readBefore) return readBefore.exitCode;
    const before = readBefore === undefined ? undefined : createConfigured(readBefore.config);
    const query = await mended(() => parseLedgerQuery({ from, to, month }, Date.now()));
    const rows = await mended(() => readRows(place, { ...query, by: ['hour', ...LEDGER_LABELS] }));
    const changes = findChanges(rows, { after: createConfigured(read.config), before });
    terminal.stdout.write(renderChanges(sumByDay(changes)));
    if (changes.length === 0) return EXIT.OK;
    if (values.write !== true) {
      terminal.stdout.write('nothing was written; --write adds the corrections\n');
      return EXIT.OK;
    }
    const version = read.config.prices.table?.version ?? PRICE_TABLE_VERSION;
    const run = createRun(changes, [`price table ${version}`, values.reason].filter(Boolean).join(': '));
    await mended(() => keep(place, run));
    terminal.stdout.write(`written as "${run.run}"; costspan reprice --list shows it\n`);
    return EXIT.OK;
  },
};

const createConfigured = ({ prices }: Config): Pricer =>
  createPricer({ contract: prices, ...(prices.table && { table: prices.table }) });

function createRun(changes: readonly LedgerChange[], reason: string): CorrectionRun {
  const madeAtMs = Date.now();
  const run = `reprice ${new Date(madeAtMs).toISOString()}`;
  return { run, madeAtMs, reason, corrections: changes.map(({ correction }) => correction) };
}

async function keep(place: LedgerPlace, run: CorrectionRun): Promise<void> {
  if ('clickHouse' in place) {
    await writeClickHouseCorrections(place.clickHouse, run);
    return;
  }
  const database = openLedgerToWrite(place.directory);
  try {
    writeCorrections(database, run);
  } finally {
    database.close();
  }
}

function renderChanges(days: readonly DayChange[]): string {
  if (days.length === 0) return 'These prices say what was booked: there is no difference.\n';
  const rows = days.map(({ day, provider, model, calls, bookedPicoUsd, changePicoUsd, notes }) => [
    `${day} ${model} (${provider})`,
    String(calls),
    formatUsd(bookedPicoUsd),
    formatUsd(bookedPicoUsd + changePicoUsd),
    formatUsd(changePicoUsd),
    notes.join('; '),
  ]);
  const total = days.reduce((sum, { changePicoUsd }) => sum + changePicoUsd, 0n);
  return [
    ...renderColumns([['day, model', 'calls', 'booked', 'new', 'difference', ''], ...rows]),
    `difference in all: ${picoUsdToUsdText(total)} USD`,
    '',
  ].join('\n');
}

async function listRuns(place: LedgerPlace): Promise<CorrectionRunSummary[]> {
  if ('clickHouse' in place) return listClickHouseCorrectionRuns(place.clickHouse);
  const database = openLedgerToRead(place.directory);
  try {
    return listCorrectionRuns(database);
  } finally {
    database.close();
  }
}

function renderRuns(runs: readonly CorrectionRunSummary[]): string {
  if (runs.length === 0) return 'No corrections were made.\n';
  const rows = runs.map(({ run, reason, corrections, costPicoUsd }) => [
    run,
    String(corrections),
    formatUsd(costPicoUsd),
    reason,
  ]);
  return `${renderColumns([['run', 'corrections', 'USD', 'reason'], ...rows]).join('\n')}\n`;
}
