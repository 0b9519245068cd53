import {
  foldOutcomes,
  LEDGER_DIMENSIONS,
  type LedgerQuery,
  parseLedgerQuery,
  type ReportRow,
  withOutcome,
} from '@costspan/processor';
import { readConfig } from '../config.js';
import { DEFAULT_DATA, findLedger, mended, readRows } from '../ledger.js';
import { FOCUS_BY, renderFocus } from '../report-focus.js';
import { renderCsv, renderJson, renderTable } from '../report-text.js';
import { EXIT, parseOptions, readWord, refusePositionals, type Verb } from '../verb.js';

const FORMATS = ['table', 'csv', 'json', 'focus'] as const;

const help = `usage: costspan report [--by NAMES] [--month YYYY-MM | --from DAY --to DAY] [--where NAME=VALUE] [--format FORMAT] [--data DIR]

What calls cost, from the ledger that costspan processor keeps in --data DIR; it may run meanwhile. Periods are UTC.

  --by NAMES           one or more, with commas between; default feature:
                       ${LEDGER_DIMENSIONS.join(', ')}
  --month YYYY-MM      default: the current month so far
  --from DAY --to DAY  2026-10-05 or 2026-10-05T14:00Z, in whole hours; the end is not included
  --where NAME=VALUE   only these; may be given several times
  --format FORMAT      ${FORMATS.join(', ')}; focus: the columns of FOCUS, by day and every label, as CSV; default table
  --data DIR           default ./${DEFAULT_DATA}, unless the config says ledger.clickhouse: then that is asked
  --config FILE        default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  by: TEXT,
  month: TEXT,
  from: TEXT,
  to: TEXT,
  where: { type: 'string', multiple: true },
  format: { type: 'string', default: 'table' },
  data: TEXT,
  config: TEXT,
} as const;

/** `costspan report` */
export const report: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { by = 'feature' } = values;
    const format = readWord('--format', values.format, FORMATS);
    const query = await mended(() => parseLedgerQuery({ ...values, by }, Date.now()));
    const asked = format === 'focus' ? { ...query, by: FOCUS_BY } : query;
    // Who names a directory wants that one.
    const loaded = values.data === undefined ? readConfig(values.config, terminal) : undefined;
    if (loaded !== undefined && 'exitCode' in loaded) return loaded.exitCode;
    const place = await findLedger(values.data, loaded?.config, terminal);
    const rows = await mended(() => readRows(place, { ...asked, by: withOutcome(asked.by) }));
    terminal.stdout.write(render(foldOutcomes(rows, asked.by), asked, format));
    return EXIT.OK;
  },
};

function render(rows: readonly ReportRow[], { by }: LedgerQuery, format: (typeof FORMATS)[number]): string {
  if (format === 'focus') return renderFocus(rows);
  if (format === 'csv') return renderCsv(rows, by);
  return format === 'json' ? renderJson(rows) : renderTable(rows, by);
}
