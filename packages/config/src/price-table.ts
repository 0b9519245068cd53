import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from './config.js';
import type { ConfigError } from './errors.js';
import type { ConfigResult } from './parse.js';

/** A table of ten times the built-in one; a larger file is no price table. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

/** Reads and checks the price table that a config names; a config that names none comes back as it is. */
export function readPriceTable(config: Config, configPath: string): ConfigResult {
  const { tablePath } = config.prices;
  if (tablePath === undefined) return { config };
  const file = resolve(dirname(configPath), tablePath);
  // Loaded when there is a table: most processes under the preload have none.
  const { parsePriceTable }: typeof import('@costspan/pricing/table') = require('@costspan/pricing/table');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return {
      errors: [
        toError(
          file,
          '',
          `prices.table names it, and it cannot be read (${code})`,
          'create it with costspan prices export --out FILE, or remove prices.table',
        ),
      ],
    };
  }
  const { table, problems } =
    Buffer.byteLength(text) > MAX_TABLE_BYTES
      ? { table: undefined, problems: [{ path: '', message: `is larger than ${MAX_TABLE_BYTES} bytes` }] }
      : parsePriceTable(text);
  if (table !== undefined) return { config: { ...config, prices: { ...config.prices, table } } };
  return {
    errors: problems.map(({ path, message }) =>
      toError(file, path, message, 'mend the entry, or take a table that costspan prices update accepts'),
    ),
  };
}

/** The table is JSON on long lines: its path says more than a line would. */
const toError = (file: string, path: string, message: string, fix: string): ConfigError => ({
  code: 'COSTSPAN_CONFIG_PRICE_TABLE',
  file,
  line: 0,
  column: 0,
  path,
  message,
  fix,
});
