import type { Config } from '@costspan/config';
import {
  type ClickHouse,
  createClickHouse,
  LedgerError,
  type LedgerQuery,
  LedgerQueryError,
  type LedgerRow,
  openLedgerToRead,
  readClickHouse,
  readLedger,
} from '@costspan/processor';
import { CliError, EXIT, type Terminal } from './verb.js';

/** Where the processor keeps its ledger when nobody says where. */
export const DEFAULT_DATA = 'costspan-data';

/** What the user can mend is an error of the command line. */
export async function mended<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LedgerQueryError) throw new CliError(error.message, { fix: error.fix });
    if (error instanceof LedgerError)
      throw new CliError(`${error.message} (${error.code})`, { fix: error.fix, exitCode: EXIT.FAILED });
    throw error;
  }
}

/** Where the ledger is: in ClickHouse, else in a directory. */
export type LedgerPlace = { readonly clickHouse: ClickHouse } | { readonly directory: string };

/** In ClickHouse where the config says so, unless `--data` names a directory: who names one wants that one. */
export async function findLedger(
  data: string | undefined,
  config: Config | undefined,
  { env }: Pick<Terminal, 'env'>,
): Promise<LedgerPlace> {
  const clickHouse =
    data === undefined && config !== undefined
      ? await mended(() => createClickHouse(config, env))
      : undefined;
  return clickHouse === undefined ? { directory: data ?? DEFAULT_DATA } : { clickHouse };
}

export async function readRows(place: LedgerPlace, query: LedgerQuery): Promise<LedgerRow[]> {
  if ('clickHouse' in place) return readClickHouse(place.clickHouse, query);
  const database = openLedgerToRead(place.directory);
  try {
    return await readLedger(database, query);
  } finally {
    database.close();
  }
}
