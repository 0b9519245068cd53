import {
  foldOutcomes,
  LEDGER_DIMENSIONS,
  type LedgerQuery,
  openLedgerToRead,
  parseLedgerQuery,
  type ReportRow,
  readLedger,
  withOutcome,
} from '@costspan/processor';
import { DEFAULT_DATA, mended } from '../ledger.js';
import { FOCUS_BY, renderFocus } from '../report-focus.js';
import { renderCsv, renderJson, renderTable } from '../report-text.js';
import { CliError, EXIT, parseOptions, refusePositionals, type Verb } from '../verb.js';

const FORMATS = ['table', 'csv', 'json', 'focus'] as const;

const help = `usage: costspan report [--by NAMES] [--month YYYY-MM | --from DAY --to DAY] [--where NAME=VALUE] [--format FORMAT] [--data DIR]

What calls cost, from the ledger that costspan processor keeps in --data DIR; it may run meanwhile. Periods are UTC.

  --by NAMES           one or more, with commas between; default feature:
                       ${LEDGER_DIMENSIONS.join(', ')}
  --month YYYY-MM      default: the current month so far
  --from DAY --to DAY  2026-10-05 or 2026-10-05T14:00Z; the end is not included
  --where NAME=VALUE   only these; may be given several times
  --format FORMAT      ${FORMATS.join(', ')}; focus: the columns of FOCUS, by day and every label, as CSV; default table
  --data DIR           default ./${DEFAULT_DATA}
`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  by: TEXT,
  month: TEXT,
  from: TEXT,
  to: TEXT,
  where: { type: 'string', multiple: true },
  format: TEXT,
  data: TEXT,
} as const;

/** `costspan report` */
export const report: Verb = {
  help,
  async run(argv, { stdout }) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { data = DEFAULT_DATA, by = 'feature' } = values;
    const format = readFormat(values.format);
    const query = await mended(() => parseLedgerQuery({ ...values, by }, Date.now()));
    const asked = format === 'focus' ? { ...query, by: FOCUS_BY } : query;
    const rows = await mended(() => readRows(data, asked));
    stdout.write(render(rows, asked, format));
    return EXIT.OK;
  },
};

function render(rows: readonly ReportRow[], { by }: LedgerQuery, format: (typeof FORMATS)[number]): string {
  if (format === 'focus') return renderFocus(rows);
  if (format === 'csv') return renderCsv(rows, by);
  return format === 'json' ? renderJson(rows) : renderTable(rows, by);
}

async function readRows(directory: string, query: LedgerQuery): Promise<ReportRow[]> {
  const database = openLedgerToRead(directory);
  try {
    const rows = await readLedger(database, { ...query, by: withOutcome(query.by) });
    return foldOutcomes(rows, query.by);
  } finally {
    database.close();
  }
}

function readFormat(text = 'table'): (typeof FORMATS)[number] {
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  throw new CliError(`--format ${text} is none`, { fix: `write one of ${FORMATS.join(', ')}` });
}
