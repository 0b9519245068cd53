/** What each code means; documented one by one in docs/config.md. Codes are stable: scripts may look for them. */
export const CONFIG_ERROR_CODES = {
  COSTSPAN_CONFIG_UNREADABLE: 'The file cannot be read.',
  COSTSPAN_CONFIG_SYNTAX: 'The file is not valid YAML.',
  COSTSPAN_CONFIG_UNKNOWN_KEY: 'A key that costspan does not know: most often a typing error.',
  COSTSPAN_CONFIG_MISSING_KEY: 'A key that must be there is not.',
  COSTSPAN_CONFIG_WRONG_TYPE: 'A value of another kind than expected: a text for a number, a map for a list.',
  COSTSPAN_CONFIG_WRONG_VALUE: 'A value of the right kind outside of what is allowed.',
  COSTSPAN_CONFIG_DUPLICATE_NAME: 'Two entries that must differ have the same name.',
  COSTSPAN_CONFIG_PRICE_TABLE: 'The price table that the config names cannot be read, or is wrong.',
} as const;
/** One of {@link CONFIG_ERROR_CODES}. */
export type ConfigErrorCode = keyof typeof CONFIG_ERROR_CODES;

/** One thing that is wrong with a config file, and what to write instead. */
export interface ConfigError {
  readonly code: ConfigErrorCode;
  /** The file as the user named it. */
  readonly file: string;
  /** 1-based; 0 when the file could not be read. */
  readonly line: number;
  /** 1-based, in UTF-16 units; 0 when the file could not be read. */
  readonly column: number;
  /** Place in the document, `budgets[0].limit_usd`; empty for the whole of it. */
  readonly path: string;
  /** What is wrong, with the value. */
  readonly message: string;
  /** What to do, with an example or the closest right word. */
  readonly fix: string;
}

/** The errors as text for a terminal, two lines each: place, code and value, then the fix. */
export function renderConfigErrors(errors: readonly ConfigError[]): string {
  return errors.map(renderConfigError).join('\n');
}

function renderConfigError({ code, file, line, column, path, message, fix }: ConfigError): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const what = path === '' ? message : `${path}: ${message}`;
  return `${place} ${code} ${what}\n  fix: ${fix}`;
}
