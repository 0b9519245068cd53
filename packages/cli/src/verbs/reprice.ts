import type { Config } from '@costspan/config';
import {
  createPricer,
  formatUsd,
  PRICE_TABLE_VERSION,
  type Pricer,
  picoUsdToUsdText,
} from '@costspan/pricing';
import {
  LEDGER_LABELS,
  type LedgerQuery,
  type LedgerRow,
  listCorrectionRuns,
  openLedgerToRead,
  openLedgerToWrite,
  parseLedgerQuery,
  readLedger,
  writeCorrections,
} from '@costspan/processor';
import { readConfig } from '../config.js';
import { DEFAULT_DATA, mended } from '../ledger.js';
import { type DayChange, findChanges, type LedgerChange, sumByDay } from '../reprice/changes.js';
import { renderColumns } from '../table-text.js';
import {
  CliError,
  EXIT,
  parseOptions,
  readUsage,
  refusePositionals,
  type Terminal,
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
  --data DIR           default ./${DEFAULT_DATA}
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

/** `costspan reprice --from DAY --to DAY` */
export const reprice: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { data = DEFAULT_DATA, from, to, month } = values;
    if (values.list === true) {
      terminal.stdout.write(await mended(() => renderRuns(data)));
      return EXIT.OK;
    }
    if (month === undefined && (from === undefined || to === undefined))
      throw new CliError('which days?', { fix: readUsage(help) });
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const readBefore = values.before === undefined ? undefined : readConfig(values.before, terminal);
    if (readBefore !== undefined && 'exitCode' in readBefore) return readBefore.exitCode;
    const before = readBefore === undefined ? undefined : createConfigured(readBefore.config);
    const query = await mended(() => parseLedgerQuery({ from, to, month }, Date.now()));
    const rows = await mended(() => readRows(data, query));
    const changes = findChanges(rows, { after: createConfigured(read.config), before });
    terminal.stdout.write(renderChanges(sumByDay(changes)));
    if (changes.length === 0) return EXIT.OK;
    if (values.write !== true) {
      terminal.stdout.write('nothing was written; --write adds the corrections\n');
      return EXIT.OK;
    }
    const version = read.config.prices.table?.version ?? PRICE_TABLE_VERSION;
    return await mended(() => keep(data, changes, { version, reason: values.reason, terminal }));
  },
};

const createConfigured = ({ prices }: Config): Pricer =>
  createPricer({ contract: prices, ...(prices.table && { table: prices.table }) });

async function readRows(directory: string, query: LedgerQuery): Promise<LedgerRow[]> {
  const database = openLedgerToRead(directory);
  try {
    return await readLedger(database, { ...query, by: ['hour', ...LEDGER_LABELS] });
  } finally {
    database.close();
  }
}

function keep(
  directory: string,
  changes: readonly LedgerChange[],
  { version, reason, terminal }: { version: string; reason: string | undefined; terminal: Terminal },
): number {
  const madeAtMs = Date.now();
  const run = `reprice ${new Date(madeAtMs).toISOString()}`;
  const database = openLedgerToWrite(directory);
  try {
    writeCorrections(database, {
      run,
      madeAtMs,
      reason: [`price table ${version}`, reason].filter(Boolean).join(': '),
      corrections: changes.map(({ correction }) => correction),
    });
  } finally {
    database.close();
  }
  terminal.stdout.write(`written as "${run}"; costspan reprice --list shows it\n`);
  return EXIT.OK;
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

function renderRuns(directory: string): string {
  const database = openLedgerToRead(directory);
  try {
    const runs = listCorrectionRuns(database);
    if (runs.length === 0) return 'No corrections were made.\n';
    const rows = runs.map(({ run, reason, corrections, costPicoUsd }) => [
      run,
      String(corrections),
      formatUsd(costPicoUsd),
      reason,
    ]);
    return `${renderColumns([['run', 'corrections', 'USD', 'reason'], ...rows]).join('\n')}\n`;
  } finally {
    database.close();
  }
}
