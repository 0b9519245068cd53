import { readFileSync } from 'node:fs';
import { CONFIG_FILE, ENV } from '@costspan/semconv';
import { DEFAULT_CONFIG } from './config.js';
import type { ConfigResult } from './parse.js';
import { readPriceTable } from './price-table.js';

/** The file that is read when nothing names one, in the working directory. */
export const DEFAULT_CONFIG_PATH = CONFIG_FILE;

/** Where a config is looked for; with none of it `./costspan.yaml`, when there is one. */
export interface LoadOptions {
  /** The file; wins over the environment. */
  readonly path?: string | undefined;
  /** `process.env` or a part of it: `COSTSPAN_CONFIG` names the file. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What was loaded and from where; `path` is absent when no file was named and none is there. */
export type LoadResult = ConfigResult & { readonly path?: string };

/** Parses the text of a `costspan.yaml`; `path` is how the errors name the file. Never throws. */
export function parseConfig(text: string, options: { readonly path: string }): ConfigResult {
  // Loaded on the first text: most processes under the preload have no config file, and start 6 ms sooner.
  const parser: typeof import('./parse.js') = require('./parse.js');
  return parser.parseConfig(text, options);
}

/**
 * Loads the config file: the named one, else that of `COSTSPAN_CONFIG`, else `./costspan.yaml` when it is there, else
 * the defaults. A named file that cannot be read is an error; it never throws.
 *
 * @example
 * const loaded = loadConfig({ path: undefined, env: process.env });
 * if (loaded.errors !== undefined) console.error(renderConfigErrors(loaded.errors));
 */
export function loadConfig({ path, env }: LoadOptions): LoadResult {
  const named = path ?? (env[ENV.CONFIG] || undefined);
  const file = named ?? DEFAULT_CONFIG_PATH;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (named === undefined && code === 'ENOENT') return { config: DEFAULT_CONFIG };
    return unreadable(file, code, path === undefined && named !== undefined);
  }
  const parsed = parseConfig(text, { path: file });
  return { ...(parsed.config === undefined ? parsed : readPriceTable(parsed.config, file)), path: file };
}

function unreadable(file: string, code: string, isFromEnvironment: boolean): LoadResult {
  const subject = isFromEnvironment ? `COSTSPAN_CONFIG names ${file}, which` : `${file}`;
  return {
    path: file,
    errors: [
      {
        code: 'COSTSPAN_CONFIG_UNREADABLE',
        file,
        line: 0,
        column: 0,
        path: '',
        message: `${subject} cannot be read (${code})`,
        fix:
          code === 'ENOENT'
            ? 'create the file or name another one'
            : 'make it a file that this user may read',
      },
    ],
  };
}
