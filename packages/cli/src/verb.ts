import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Where a verb writes and what it sees of the world. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One word of the command line after `costspan`. */
export interface Verb {
  /** What `costspan VERB --help` prints. */
  readonly help: string;
  /**
   * Does the work and resolves to the exit code: 0 done, 1 the work or the check failed. Throws {@link CliError} for
   * what the user can mend.
   */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
}

/** Exit codes of `costspan`. */
export const EXIT = {
  OK: 0,
  /** What was asked for failed, or a check found something. */
  FAILED: 1,
  /** The command line or the config file is wrong; nothing was done. */
  USAGE: 2,
} as const;

/** Something that the user can mend: what is wrong, with the value, and what to write instead. */
export class CliError extends Error {
  readonly fix: string;
  readonly exitCode: number;

  constructor(message: string, options: { readonly fix: string; readonly exitCode?: number }) {
    super(message);
    this.name = 'CliError';
    this.fix = options.fix;
    this.exitCode = options.exitCode ?? EXIT.USAGE;
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses the arguments of a verb. Throws {@link CliError} with the verb's usage when one is unknown or incomplete. */
export function parseOptions<T extends Options>(argv: readonly string[], options: T, help: string) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's own second sentence explains `--`, which is no help here.
    const [message = 'the arguments are wrong'] = error.message.split(/[.\n] ?/, 1);
    throw new CliError(message, { fix: readUsage(help) });
  }
}

/** The value of an option that takes one of some words; throws {@link CliError} with the words. */
export function readWord<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new CliError(`${option} ${JSON.stringify(value)} is not known`, {
    fix: `${option} takes ${words.join(', ')}`,
  });
}

/** Refuses words that the verb has no use for. */
export function refusePositionals(positionals: readonly string[], help: string): void {
  const [first] = positionals;
  if (first !== undefined)
    throw new CliError(`unexpected argument ${JSON.stringify(first)}`, { fix: readUsage(help) });
}

/** Refuses options that say nothing `where` the verb is used as it is: whoever gives one means something by it. */
export function refuseOptions(
  values: Readonly<Record<string, unknown>>,
  names: readonly string[],
  { where, help }: { readonly where: string; readonly help: string },
): void {
  const name = names.find((one) => values[one] !== undefined);
  if (name !== undefined) throw new CliError(`--${name} says nothing ${where}`, { fix: readUsage(help) });
}

/** The first line of a help text. */
export const readUsage = (help: string): string => help.split('\n', 1)[0]!;
