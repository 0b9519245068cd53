import { existsSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '@costspan/config';
import type { PriceTable } from '@costspan/pricing';
import {
  comparePriceCards,
  listPriceCards,
  type PriceChange,
  parsePriceTable,
  renderPriceTable,
} from '@costspan/pricing/table';
import { readConfig } from '../config.js';
import { renderChanges } from '../price-changes.js';
import { readPriceSource } from '../price-source.js';
import { CliError, EXIT, parseOptions, readUsage, refuseOptions, type Terminal, type Verb } from '../verb.js';

const help = `usage: costspan prices update FILE|URL [--write] [--accept] [--out FILE] [--config FILE]
       costspan prices export [--out FILE] [--config FILE]

update checks a price table from a file or a URL and shows, model by model, what it would change. Nothing is fetched
that was not named, and nothing is written without --write. What looks like a slip (a price more than 5 times dearer or
cheaper, a free one, a model that is gone, a rewritten past) is marked with ! and holds --write up until --accept.
export prints the prices in force as a table to start one's own from.

  --write         write it to the file of prices.table, or to --out; a running processor takes it on SIGHUP
  --accept        write although something is marked
  --out FILE      where to write
  --config FILE   default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
`;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const OPTIONS = { write: FLAG, accept: FLAG, out: TEXT, config: TEXT } as const;
interface Values {
  readonly write?: boolean;
  readonly accept?: boolean;
  readonly out?: string;
}

/** `costspan prices update`, `costspan prices export` */
export const prices: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    const [word, source, ...rest] = positionals;
    const isUpdate = word === 'update' && source !== undefined && rest.length === 0;
    if (!isUpdate && !(word === 'export' && source === undefined))
      throw new CliError('what shall be done with the prices?', { fix: readUsage(help) });
    if (!isUpdate) refuseOptions(values, ['write', 'accept'], { where: 'to export', help });
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const { table } = read.config.prices;
    if (isUpdate) return update(source, values, { ...read, terminal });
    const text = renderPriceTable({ version: table?.version ?? 'own', cards: listPriceCards(table) });
    if (values.out === undefined) terminal.stdout.write(text);
    else writeWhole(values.out, text);
    return EXIT.OK;
  },
};

interface Context {
  readonly config: Config;
  readonly path: string | undefined;
  readonly terminal: Terminal;
}

async function update(source: string, values: Values, context: Context): Promise<number> {
  const { config, terminal } = context;
  const table = readTable(source, await readPriceSource(source));
  const changes = comparePriceCards(listPriceCards(config.prices.table), table.cards);
  terminal.stdout.write(renderChanges(changes));
  if (values.write !== true) {
    terminal.stdout.write('nothing was written; --write writes it\n');
    return EXIT.OK;
  }
  return write(table, changes, values, context);
}

function write(table: PriceTable, changes: readonly PriceChange[], values: Values, context: Context): number {
  const { config, path, terminal } = context;
  const named = config.prices.tablePath;
  const target = values.out ?? (named === undefined ? undefined : resolve(dirname(path ?? '.'), named));
  if (target === undefined)
    throw new CliError('there is no place to write to', {
      fix: 'add --out FILE, and name the file in prices.table of costspan.yaml',
    });
  if (values.accept !== true && changes.some(({ suspicions }) => suspicions.length > 0))
    throw new CliError('something is marked with !, so nothing was written', {
      fix: 'mend the table, or add --accept when it is right',
      exitCode: EXIT.FAILED,
    });
  writeWhole(target, renderPriceTable(table));
  terminal.stdout.write(`written: ${target}; a running processor takes it on SIGHUP\n`);
  return EXIT.OK;
}

function readTable(source: string, text: string): PriceTable {
  const { table, problems } = parsePriceTable(text);
  if (table !== undefined) return table;
  const lines = problems.map(({ path, message }) => `\n  ${path === '' ? '' : `${path}: `}${message}`);
  throw new CliError(`${source} is no price table:${lines.join('')}`, {
    fix: 'mend these; costspan prices export shows what one looks like',
    exitCode: EXIT.FAILED,
  });
}

/**
 * Renamed into its place, so that whoever reads it at the same time sees the old or the new, never a half. A link goes on
 * naming its file, and what is no file, as a pipe or /dev/stdout, is written to.
 */
function writeWhole(file: string, text: string): void {
  try {
    const isThere = existsSync(file);
    const place = isThere ? realpathSync(file) : file;
    if (isThere && !statSync(place).isFile()) {
      writeFileSync(file, text);
      return;
    }
    const half = `${place}.${process.pid}.tmp`;
    writeFileSync(half, text);
    renameSync(half, place);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CliError(`${file} cannot be written (${code})`, {
      fix: 'name a place that this user may write to',
      exitCode: EXIT.FAILED,
    });
  }
}
