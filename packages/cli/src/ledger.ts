import { LedgerError, LedgerQueryError } from '@costspan/processor';
import { CliError, EXIT } from './verb.js';

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
